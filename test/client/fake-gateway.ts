// A gateway that says what a test tells it to, over real HTTP and a real socket, so that the client meets every ill that
// the true one shows seldom. Its schema is the printed one; what the true one does is in real.test.ts.

import { readFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { buildSchema, type ExecutionResult, GraphQLError, graphql } from 'graphql'
import { useServer } from 'graphql-ws/use/ws'
import { WebSocketServer } from 'ws'
import type { Login, LoginEvent, LoginUpdate } from '../../client/terminal/answers.ts'

export const KEY = 'key-of-the-tests'

const schema = buildSchema(readFileSync(new URL('../../schema.graphql', import.meta.url), 'utf8'))

/** A login that waits for its scan; what differs is named. */
export function aLogin(part: Partial<Login> = {}): Login {
  return {
    id: 'login-1',
    state: 'AWAITING_SCAN',
    sequence: 2,
    method: 'QR_CODE',
    expectedWcId: null,
    nextStep: 'SCAN_QR_CODE',
    allowedActions: ['CANCEL', 'REFRESH_QR_CODE'],
    deadlineAt: '2026-11-20T10:03:35.000Z',
    polling: { state: 'OK' },
    qrCode: { content: 'http://weixin.qq.com/x/abc', url: 'http://127.0.0.1/qr.png', generation: 1 },
    challenge: null,
    account: null,
    advisories: [],
    outcome: null,
    ...part,
  }
}

export function anUpdate(
  login: Login,
  event: Partial<LoginEvent> | null,
  part: Partial<LoginUpdate> = {},
): LoginUpdate {
  const at = '2026-11-20T10:00:00.000Z'
  const told = event && {
    __typename: 'LoginStarted',
    sequence: login.sequence,
    at,
    state: login.state,
    ...event,
  }
  return {
    sequence: told?.sequence ?? login.sequence,
    event: told,
    login,
    resync: false,
    serverTime: at,
    ...part,
  }
}

/** The end as the account `小明`. */
export function signedIn(sequence: number): LoginUpdate {
  const outcome = {
    state: 'CONFIRMED',
    reason: 'SIGNED_IN',
    message: 'Signed in.',
    upstreamMessage: null,
    nextStep: 'NONE',
  }
  const account = { wcId: 'wxid_1', nickName: '小明' }
  const login = aLogin({
    sequence,
    state: 'CONFIRMED',
    nextStep: 'NONE',
    allowedActions: [],
    qrCode: null,
    account,
    outcome,
  })
  return anUpdate(login, { __typename: 'LoginEnded', outcome })
}

export type Answers = Readonly<Record<string, (variables: Record<string, unknown>) => unknown>>

export class FakeGateway {
  /** Everything told so far; a watcher gets what lies above its `after`. */
  readonly told: LoginUpdate[] = []
  /** Every call, as `field {variables}`, and every `subscribe {after}`. */
  readonly calls: string[] = []
  /** Root fields answered otherwise than by default. */
  answers: Answers = {}
  /** How the next subscriptions are refused: a GraphQL code, or the close code of the socket. */
  readonly refusals: (string | number)[] = []
  /** Ends the watches under way with this code, as soon as they have told all. */
  #cut: { readonly code: string | null } | null = null
  #port = 0
  #close: (() => Promise<void>) | null = null
  readonly #waiting = new Set<() => void>()
  readonly #called = new Map<string, (() => void)[]>()

  get url(): string {
    return `http://127.0.0.1:${this.#port}`
  }

  /** Listens where it listened before, if it did. */
  async start(): Promise<void> {
    const server = createServer((request, response) => {
      let body = ''
      request.on('data', chunk => {
        body += String(chunk)
      })
      request.on('end', async () => {
        const known = request.headers.authorization === `Bearer ${KEY}`
        const result = known ? await this.#run(JSON.parse(body)) : refused('UNAUTHENTICATED', 'Who is this?')
        response
          .writeHead(known ? 200 : 401, { 'content-type': 'application/json' })
          .end(JSON.stringify(result))
      })
    })
    const sockets = new WebSocketServer({ server, path: '/graphql' })
    const api = useServer(
      {
        schema,
        onConnect: ({ connectionParams, extra }) => {
          if (connectionParams?.authorization === `Bearer ${KEY}`) return true
          extra.socket.close(4401, 'Unauthorized')
          return true
        },
        onSubscribe: ({ extra }) => {
          const refusal = this.refusals.shift()
          if (typeof refusal === 'number') extra.socket.close(refusal, 'told to')
          return typeof refusal === 'string'
            ? [refused(refusal, `Told to say ${refusal}.`).errors[0]]
            : undefined
        },
        roots: {
          subscription: { loginProgress: (args: { after?: number }) => this.#watch(args.after ?? null) },
        },
      },
      sockets,
    )
    await listen(server, this.#port)
    this.#port = (server.address() as AddressInfo).port
    this.#close = async () => {
      for (const socket of sockets.clients) socket.close(1001, 'SHUTTING_DOWN')
      await api.dispose()
      server.closeAllConnections()
      await new Promise(resolve => server.close(resolve))
    }
  }

  async stop(): Promise<void> {
    await this.#close?.()
    this.#close = null
  }

  /** Null: as if it were complete. */
  cut(code: string | null): void {
    this.#cut = { code }
    this.#ring()
  }

  tell(...updates: LoginUpdate[]): void {
    this.told.push(...updates)
    this.#ring()
  }

  /** Resolves at the next call that begins so, or at once if there was one. */
  called(prefix: string): Promise<void> {
    if (this.calls.some(call => call.startsWith(prefix))) return Promise.resolve()
    return new Promise(resolve => this.#called.set(prefix, [...(this.#called.get(prefix) ?? []), resolve]))
  }

  #note(call: string): void {
    this.calls.push(call)
    for (const [prefix, ring] of this.#called)
      if (call.startsWith(prefix)) for (const resolve of ring) resolve()
  }

  #run({ query, variables }: { query: string; variables: Record<string, unknown> }) {
    const device = {
      id: 'device-1',
      deviceKey: 'demo',
      upstreamId: 'up-1',
      deviceType: 'IPAD',
      province: '广东',
    }
    const payload = { __typename: 'LoginPayload', login: aLogin() }
    const defaults: Answers = {
      providers: () => [
        {
          name: 'simulator',
          phonesUrl: 'http://127.0.0.1:1/_phones',
          capabilities: { provinceRequired: true, announcesScan: true },
        },
      ],
      devices: () => ({ edges: [{ cursor: 'c', node: device }] }),
      registerDevice: () => ({ __typename: 'RegisterDevicePayload', device, created: true, operation: null }),
      startLogin: () => ({ __typename: 'StartLoginPayload', login: aLogin(), created: true }),
      cancelLogin: () => payload,
      reportCodePrompt: () => payload,
      withdrawCodePrompt: () => payload,
      submitVerifyCode: () => payload,
      refreshQrCode: () => payload,
    }
    const rootValue = Object.fromEntries(
      Object.entries({ ...defaults, ...this.answers }).map(([field, answer]) => [
        field,
        (args: Record<string, unknown>) => {
          this.#note(`${field} ${JSON.stringify(args)}`)
          return answer(args)
        },
      ]),
    )
    return graphql({ schema, source: query, variableValues: variables, rootValue })
  }

  async *#watch(after: number | null): AsyncGenerator<{ loginProgress: LoginUpdate }> {
    this.#note(`subscribe ${JSON.stringify({ after })}`)
    let next = after === null ? this.told.length - 1 : this.told.findIndex(({ sequence }) => sequence > after)
    if (next === -1) next = this.told.length
    for (;;) {
      const update = this.told[next]
      if (update !== undefined) {
        next += 1
        yield { loginProgress: update }
        if (update.login.outcome !== null) return
      } else if (this.#cut !== null) {
        const { code } = this.#cut
        this.#cut = null
        if (code === null) return
        throw refused(code, 'Cut.').errors[0]
      } else if (this.#close === null) return
      else await new Promise<void>(resolve => this.#waiting.add(resolve))
    }
  }

  #ring(): void {
    for (const resolve of this.#waiting) resolve()
    this.#waiting.clear()
  }
}

function refused(code: string, message: string): ExecutionResult & { errors: [GraphQLError] } {
  return { errors: [new GraphQLError(message, { extensions: { code } })] }
}

async function listen(server: Server, port: number): Promise<void> {
  await new Promise<void>((resolve, reject) =>
    server.once('error', reject).listen(port, '127.0.0.1', () => resolve()),
  )
}
