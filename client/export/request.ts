// One answer of an export over HTTP: its bytes as they come, and whether they were all. Refuses to know rows and files.

import { once } from 'node:events'
import { type IncomingMessage, request } from 'node:http'
import { request as requestSafely } from 'node:https'
import { createGunzip } from 'node:zlib'
import { type Credential, unknownCaller } from '../terminal/credential.ts'
import { Refusal, Unreachable } from '../terminal/refusal.ts'
import type { Where } from './args.ts'

/** The gateway is there, and says that the same may work later. `seconds`: not before; null: it does not say when. */
export class TryLater extends Unreachable {
  override name = 'TryLater'
  readonly seconds: number | null

  constructor(message: string, seconds: number | null) {
    super(message)
    this.seconds = seconds
  }
}

/** A part has come, and it is safe to ask for the rest. */
export function brokeOff(cause?: unknown): TryLater {
  const error = new TryLater('The connection broke off.', null)
  error.cause = cause
  return error
}

export interface ExportAnswer {
  /** Throws TryLater where it breaks off. */
  readonly chunks: AsyncIterable<Uint8Array>
  /** How many rows it had, told behind them; null: not told, as by a proxy that leaves it out. */
  rows(): number | null
}

/** `after` null: from the first row. Throws TryLater, Unreachable where nobody answers, and Refusal where the gateway says no. */
export type AskExport = (after: string | null, signal: AbortSignal) => Promise<ExportAnswer>

export interface ExportRequest {
  /** Of `/graphql`: the exports are beside it. */
  readonly url: URL
  readonly credential: Credential
  readonly language: string
  readonly format: 'csv' | 'ndjson'
  readonly where: Where
  readonly orderBy: string
  /** Milliseconds without a byte until it is given up. */
  readonly patience: number
}

/** A page to sign in, or of whoever sells the network, is answered with 200 as well. */
const types = { csv: 'text/csv', ndjson: 'application/x-ndjson' } as const

export function exporting(options: ExportRequest): AskExport {
  const { credential, language, patience } = options
  const send = options.url.protocol === 'https:' ? requestSafely : request
  return async (after, signal) => {
    const asked = send(addressOf(options, after), {
      signal,
      agent: false,
      headers: {
        'accept-language': language,
        // On one machine it would only keep both ends busy.
        'accept-encoding': isHere(options.url) ? 'identity' : 'gzip',
        ...(credential.key !== null && { authorization: `Bearer ${credential.key}` }),
      },
    })
    const silence = new Unreachable(
      `Nothing came from ${options.url.origin} for ${patience / 1_000} s: narrow --where, such as by startedFrom and startedTo.`,
    )
    asked.setTimeout(patience, () => asked.destroy(silence))
    asked.end()
    const [response] = (await once(asked, 'response').catch((cause: unknown) => {
      // Somebody was there.
      if (cause instanceof Error && 'code' in cause && cause.code === 'ECONNRESET') throw brokeOff(cause)
      if (cause === silence) throw silence
      throw new Unreachable(`Nothing answers at ${options.url.origin}: run "npm start" first.`, { cause })
    })) as [IncomingMessage]
    // What breaks off is told where its bytes are read.
    asked.on('error', () => {})
    if (response.statusCode !== 200) throw await refusalIn(response, options)
    const type = response.headers['content-type'] ?? 'nothing that it names'
    if (!type.startsWith(types[options.format])) {
      response.destroy()
      throw new Refusal('USAGE', `What answers at ${options.url.origin} sends no export, but ${type}.`)
    }
    return { chunks: chunksOf(response), rows: () => rowsTold(response) }
  }
}

function addressOf({ url, format, where, orderBy }: ExportRequest, after: string | null): URL {
  const address = new URL(`export/logins.${format}`, url)
  for (const [name, values] of Object.entries(where))
    for (const value of [values].flat()) address.searchParams.append(name, String(value))
  address.searchParams.append('orderBy', orderBy)
  if (after !== null) address.searchParams.append('after', after)
  return address
}

function isHere({ hostname }: URL): boolean {
  return ['127.0.0.1', '[::1]', 'localhost'].includes(hostname)
}

async function* chunksOf(response: IncomingMessage): AsyncGenerator<Uint8Array> {
  try {
    if (response.headers['content-encoding'] !== 'gzip') yield* response
    else {
      const plain = createGunzip()
      response.on('error', error => plain.destroy(error)).pipe(plain)
      yield* plain
    }
  } catch (cause) {
    throw brokeOff(cause)
  } finally {
    response.destroy()
  }
  if (!response.complete) throw brokeOff()
}

function rowsTold({ trailers }: IncomingMessage): number | null {
  const told = trailers['x-export-rows']
  return told === undefined ? null : Number(told)
}

async function refusalIn(
  response: IncomingMessage,
  { url, credential }: ExportRequest,
): Promise<Refusal | Unreachable> {
  const { statusCode = 0, headers } = response
  const error = await errorIn(response)
  const seconds = Number(headers['retry-after'] ?? Number.NaN)
  if (statusCode === 401) return new Refusal('UNAUTHENTICATED', unknownCaller(credential))
  if (statusCode === 429 || statusCode === 503)
    return new TryLater(error?.message ?? 'The gateway is busy.', Number.isFinite(seconds) ? seconds : null)
  if (statusCode >= 500)
    return new Unreachable(
      error?.message ?? `The gateway at ${url.origin} cannot answer now (HTTP ${statusCode}).`,
    )
  if (error === null)
    return new Refusal('USAGE', `What answers at ${url.origin} has no exports (HTTP ${statusCode}).`)
  const problems = error.problems?.map(({ parameter, message }) => `${parameter}: ${message}`) ?? []
  return new Refusal(error.code, problems.length === 0 ? error.message : problems.join(' '))
}

interface Told {
  readonly code: string
  readonly message: string
  readonly problems?: readonly { readonly parameter: string; readonly message: string }[]
}

/** Null: it is not in our words. */
async function errorIn(response: IncomingMessage): Promise<Told | null> {
  try {
    let text = ''
    for await (const chunk of response) {
      text += chunk
      if (text.length > 100_000) return null
    }
    const answer = JSON.parse(text) as { readonly error?: Told }
    return typeof answer.error?.message === 'string' ? answer.error : null
  } catch {
    return null
  }
}
