// What tests of live updates do with a whole gateway: a login to watch, things that happen in it, and sockets as they are,
// of which the test decides what they say and when they read.

import { once } from 'node:events'
import { expect } from 'vitest'
import { WebSocket } from 'ws'
import { idOf } from '../../src/resolvers/global-id.ts'
import { type Running, testKey } from './running.ts'

/** How an update gets to a socket: what is tested holds for both. */
export const ways = ['plans', 'graphql-js'] as const
export type Way = (typeof ways)[number]

/** For the environment of a gateway. */
export const going = (way: Way): Readonly<Record<string, string>> => ({
  LIVE_PLANS: way === 'plans' ? 'on' : 'off',
})

export interface Watched {
  /** Of the API, and within it. */
  readonly id: string
  readonly loginId: string
  /** The simulator's name for its device. */
  readonly upstreamId: string
}

/** A login that waits to be scanned. */
export const beginLogin = async ({ ask }: Running, deviceKey = 'demo'): Promise<Watched> => {
  const registered = await ask(
    `mutation ($input: RegisterDeviceInput!) {
      registerDevice(input: $input) { ... on RegisterDevicePayload { device { id upstreamId } } }
    }`,
    { input: { provider: 'simulator', deviceKey, province: '广东' } },
  )
  const { device } = registered.data.registerDevice
  const started = await ask(
    'mutation ($id: ID!) { startLogin(input: { deviceId: $id }) { ... on StartLoginPayload { login { id } } } }',
    { id: device.id },
  )
  const id: string = started.data.startLogin.login.id
  await expect
    .poll(async () => (await ask('query ($id: ID!) { login(id: $id) { state } }', { id })).data.login.state)
    .toBe('AWAITING_SCAN')
  return { id, loginId: idOf('Login', id) ?? '', upstreamId: device.upstreamId }
}

export const cancelLogin = (run: Running, { id }: Watched) =>
  run.ask('mutation ($id: ID!) { cancelLogin(loginId: $id) { __typename } }', { id })

/**
 * The upstream seems lost, then found again, so many times; gives the number of the newest event then. Two events each, but
 * for what the poller has to say meanwhile. Nothing is rung.
 */
export const hiccups = async (
  { gatehouse: { store } }: Running,
  { loginId }: Watched,
  times: number,
): Promise<number> => {
  const failure = { kind: 'UNREACHABLE', upstreamCode: null, upstreamMessage: null } as const
  for (let time = 0; time < times; time += 1) {
    const at = store.clock.now()
    for (let count = 0; count < 3; count += 1)
      await store.record(loginId, { kind: 'PollFailed', at, began: at, failure })
    await store.record(loginId, { kind: 'Polled', at, began: at, answer: { kind: 'NOT_SCANNED' } })
  }
  return (await store.readLogin('default', loginId))?.sequence ?? 0
}

export interface Frame {
  readonly type: string
  readonly id?: string
  // biome-ignore lint/suspicious/noExplicitAny: a test says what it expects where it looks.
  readonly payload?: any
}

export interface Caller {
  readonly key?: string
  readonly language?: string
}

/** A socket on which the greeting is over. */
export class RawSocket {
  readonly socket: WebSocket
  /** All that came of operations: as it came, and what it says. */
  readonly #came: { readonly text: string; readonly frame: Frame }[] = []
  readonly #closed: Promise<number>

  private constructor(socket: WebSocket) {
    this.socket = socket
    this.#closed = once(socket, 'close').then(([code]) => code)
    socket.on('message', data => {
      const text = String(data)
      this.#came.push({ text, frame: JSON.parse(text) })
    })
  }

  static async open(endpoint: string, { key = testKey, language = 'en' }: Caller = {}): Promise<RawSocket> {
    const socket = new WebSocket(endpoint, 'graphql-transport-ws')
    await once(socket, 'open')
    const payload = { authorization: `Bearer ${key}`, acceptLanguage: language }
    socket.send(JSON.stringify({ type: 'connection_init', payload }))
    await once(socket, 'message')
    return new RawSocket(socket)
  }

  subscribe(id: string, query: string, variables: object = {}): void {
    this.socket.send(JSON.stringify({ id, type: 'subscribe', payload: { query, variables } }))
  }

  complete(id: string): void {
    this.socket.send(JSON.stringify({ id, type: 'complete' }))
  }

  frames(id: string): readonly Frame[] {
    return this.#came.flatMap(({ frame }) => (frame.id === id ? [frame] : []))
  }

  texts(id: string): readonly string[] {
    return this.#came.flatMap(({ frame, text }) => (frame.id === id ? [text] : []))
  }

  /** What came of `loginProgress`, without the frames around it. */
  updates(id: string) {
    return this.frames(id).flatMap(({ type, payload }) =>
      type === 'next' ? [payload.data.loginProgress] : [],
    )
  }

  /** Numbers of the events that came, in the order of their coming. The operation must select `event`. */
  numbers(id: string): readonly number[] {
    return this.updates(id).flatMap(({ event, sequence }) => (event === null ? [] : [sequence]))
  }

  /** Resolves when so many frames of an operation have come. */
  async came(id: string, count: number): Promise<void> {
    await this.until(() => this.frames(id).length >= count)
  }

  /** Resolves with all frames of an operation that was completed, or ended with an error. */
  async over(id: string): Promise<readonly Frame[]> {
    await this.until(() => this.frames(id).some(({ type }) => type !== 'next'))
    return this.frames(id)
  }

  /** Resolves once it holds, which only a frame can change. */
  async until(holds: () => boolean): Promise<void> {
    const closed = this.#closed.then(code => Promise.reject(new Error(`The socket was closed with ${code}`)))
    closed.catch(() => {})
    while (!holds()) await Promise.race([once(this.socket, 'message'), closed])
  }

  /** Resolves with the code that it was closed with. */
  closed(): Promise<number> {
    return this.#closed
  }

  async leave(): Promise<void> {
    this.socket.terminate()
    await this.#closed
  }
}

/** From one to that. */
export const upTo = (last: number, first = 1): readonly number[] =>
  Array.from({ length: last - first + 1 }, (_, index) => first + index)
