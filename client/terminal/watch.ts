// Follows one login over graphql-ws until it ends, across anything that happens to the connection: each new one asks for
// what lies above the last number seen, so nothing is missed and nothing comes twice. Refuses to know what an update means.

import { type Client, createClient } from 'graphql-ws'
import { WebSocket } from 'ws'
import type { GraphQLProblem, LoginUpdate } from './answers.ts'
import { type Credential, unknownCaller } from './credential.ts'
import { LOGIN_PROGRESS } from './documents.ts'
import { problemOf } from './gateway.ts'
import { Refusal, Unreachable } from './refusal.ts'

export interface WatchOptions {
  readonly url: URL
  readonly credential: Credential
  readonly language: string
  readonly loginId: string
  /** Ends the watching at once and without a word. */
  readonly signal: AbortSignal
  /** Told at each loss (with a sentence), and with null once the gateway is back. */
  readonly onConnection: (lost: string | null) => void
  /** Resolves after so many milliseconds, or as soon as the signal says stop. */
  readonly pause: (milliseconds: number, signal: AbortSignal) => Promise<void>
  /** Give up on a gateway that has been away for so long: no login lives longer. */
  readonly patience?: number
}

/** Refusals that say "come back with `after`", in words for a person, and those of which one more try may be worth it. */
const COME_BACK: Readonly<Record<string, string>> = {
  SLOW_CONSUMER: 'this terminal was too slow',
  SHUTTING_DOWN: 'it is being stopped',
  UNAVAILABLE: 'it cannot answer now',
}
const PERHAPS = new Set(['INTERNAL_SERVER_ERROR', 'TOO_MANY_SUBSCRIPTIONS'])
/** So many complaints in a row are the end. */
export const TRIES = 5

/** Every update in order, none twice. Completes after the final event; throws Refusal where coming back is no use. */
export async function* watchLogin(options: WatchOptions): AsyncGenerator<LoginUpdate, void, void> {
  const { signal, pause, onConnection, patience = 15 * 60_000 } = options
  let after: number | null = 0
  let misses = 0
  let complaints = 0
  let lostAt: number | null = null
  let ended = false
  while (!signal.aborted) {
    let why = 'it let go'
    const client = connect(options, () => {
      if (lostAt !== null) onConnection(null)
      lostAt = null
    })
    const stop = () => client.terminate()
    signal.addEventListener('abort', stop, { once: true })
    try {
      const variables: Record<string, unknown> = { loginId: options.loginId, after }
      for await (const item of client.iterate<{ loginProgress: LoginUpdate }>({
        query: LOGIN_PROGRESS,
        variables,
      })) {
        if (item.errors) throw item.errors
        const update = item.data?.loginProgress
        if (!update) continue
        misses = 0
        complaints = 0
        after = update.sequence
        // What is caught up comes with the login as it is now: it has ended here only with its newest number.
        ended = update.login.outcome !== null && update.sequence >= update.login.sequence
        yield update
      }
      if (ended) return
      // Complete, and the end was not among what came. The second time in a row: ask for the login as it is.
      complaints += 1
      if (complaints > 1) after = null
    } catch (thrown) {
      if (signal.aborted) return
      const loss = judge(thrown, options.credential)
      if (loss.comeBack === 'no') throw loss.refusal
      if (loss.comeBack === 'perhaps') complaints += 1
      if (complaints >= TRIES) throw loss.refusal
      why = loss.refusal.message
    } finally {
      signal.removeEventListener('abort', stop)
      client.terminate()
    }
    if (complaints >= TRIES)
      throw new Refusal('UNAVAILABLE', 'The gateway keeps ending the watch without a reason.')
    lostAt ??= performance.now()
    if (performance.now() - lostAt > patience)
      throw new Unreachable('The gateway has not come back. The login may have ended by itself.')
    onConnection(why)
    await pause(backoff(misses), signal)
    misses += 1
  }
}

/** 0.25 s, 0.5 s … 5 s, each shortened by up to a half, so that many clients do not come back in step. */
export function backoff(misses: number): number {
  return Math.min(5_000, 250 * 2 ** misses) * (1 - Math.random() / 2)
}

/** A connection that does not come back by itself. */
export function connect(
  { url, credential, language }: Pick<WatchOptions, 'url' | 'credential' | 'language'>,
  onConnected: () => void,
): Client {
  const address = new URL(url)
  address.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:'
  let overdue: NodeJS.Timeout | undefined
  const client = createClient({
    url: address.href,
    webSocketImpl: WebSocket,
    // Coming back is ours: the library would ask again with the first `after`.
    retryAttempts: 0,
    keepAlive: 10_000,
    connectionParams: {
      ...(credential.key !== null && { authorization: `Bearer ${credential.key}` }),
      acceptLanguage: language,
    },
    on: {
      connected: onConnected,
      // A gateway that is gone without closing the connection answers no ping.
      ping: received => {
        if (!received) overdue = setTimeout(() => client.terminate(), 5_000)
      },
      pong: received => {
        if (received) clearTimeout(overdue)
      },
      closed: () => clearTimeout(overdue),
    },
  })
  return client
}

interface Loss {
  readonly comeBack: 'yes' | 'perhaps' | 'no'
  readonly refusal: Error
}

/** What a thrown thing means: GraphQL errors, the close of a socket, or no connection at all. */
export function judge(thrown: unknown, credential: Credential): Loss {
  if (Array.isArray(thrown)) {
    const [problem] = thrown as GraphQLProblem[]
    if (problem === undefined)
      return { comeBack: 'perhaps', refusal: new Refusal('UNAVAILABLE', 'No reason given.') }
    const code = problem.extensions?.code ?? 'INTERNAL_SERVER_ERROR'
    const why = COME_BACK[code]
    if (why !== undefined) return { comeBack: 'yes', refusal: new Unreachable(why) }
    return { comeBack: PERHAPS.has(code) ? 'perhaps' : 'no', refusal: problemOf(problem, credential) }
  }
  const code = closeCodeOf(thrown)
  if (code === 4401)
    return { comeBack: 'no', refusal: new Refusal('UNAUTHENTICATED', unknownCaller(credential)) }
  // 4400 and above are the protocol's complaints; anything else is a connection that broke or never came about.
  if (code !== null && code >= 4400 && code !== 4499)
    return {
      comeBack: 'perhaps',
      refusal: new Refusal('UNAVAILABLE', `The gateway closed the socket (${code}).`),
    }
  return { comeBack: 'yes', refusal: new Unreachable('it does not answer') }
}

function closeCodeOf(thrown: unknown): number | null {
  return typeof thrown === 'object' && thrown !== null && 'code' in thrown && typeof thrown.code === 'number'
    ? thrown.code
    : null
}
