/**
 * What the tests of the simulator share: a clock pushed by hand, and calls over real HTTP.
 */
import { Agent, type Dispatcher, request } from 'undici'
import type { Clock } from '../../simulator/clock.ts'
import type { Simulator } from '../../simulator/server.ts'

/** Time that moves only when told; timers ring in order while it moves. */
export class ManualClock implements Clock {
  #now = Date.UTC(2026, 10, 20, 4, 0, 0)
  #timers: { readonly at: number; readonly ring: () => void }[] = []

  readonly now = (): number => this.#now

  readonly setTimer = (ms: number, ring: () => void): (() => void) => {
    const timer = { at: this.#now + ms, ring }
    this.#timers.push(timer)
    return () => {
      this.#timers = this.#timers.filter(other => other !== timer)
    }
  }

  advance(ms: number): void {
    const until = this.#now + ms
    for (;;) {
      const next = this.#timers.filter(timer => timer.at <= until).sort((a, b) => a.at - b.at)[0]
      if (next === undefined) break
      this.#timers = this.#timers.filter(timer => timer !== next)
      this.#now = Math.max(this.#now, next.at)
      next.ring()
    }
    this.#now = until
  }

  get waiting(): number {
    return this.#timers.length
  }
}

export type Said = {
  readonly status: number
  readonly type: string
  readonly text: string
}

/** An answer's envelope, as far as tests look into it. */
export type Envelope = { readonly code: unknown; readonly message: unknown; readonly data: unknown }

export type Asking = {
  readonly method?: 'GET' | 'POST'
  readonly as?: 'form' | 'json' | 'multipart'
  readonly token?: string | null
  readonly signal?: AbortSignal
  readonly dispatcher?: Dispatcher
}

const bodyOf = (params: Record<string, string>, as: Asking['as']) => {
  if (as === 'json')
    return { body: JSON.stringify(params), headers: { 'content-type': 'application/json' } } as const
  if (as !== 'multipart')
    return {
      body: new URLSearchParams(params).toString(),
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
    } as const
  const mark = 'a-boundary'
  const parts = Object.entries(params).map(
    ([name, value]) => `--${mark}\r\ncontent-disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`,
  )
  return {
    body: `${parts.join('')}--${mark}--\r\n`,
    headers: { 'content-type': `multipart/form-data; boundary=${mark}` },
  } as const
}

/** One call as a client makes it. */
export const say = async (
  simulator: Simulator,
  path: string,
  params: Record<string, string> = {},
  how: Asking = {},
): Promise<Said> => {
  const method = how.method ?? 'POST'
  const { body, headers } = bodyOf(params, how.as)
  const token = how.token === undefined ? simulator.token : how.token
  const query = method === 'GET' && Object.keys(params).length > 0 ? `?${new URLSearchParams(params)}` : ''
  const answer = await request(`${simulator.url}${path}${query}`, {
    method,
    headers: { ...(method === 'GET' ? {} : headers), ...(token === null ? {} : { authorization: token }) },
    ...(method === 'GET' ? {} : { body }),
    ...(how.signal === undefined ? {} : { signal: how.signal }),
    ...(how.dispatcher === undefined ? {} : { dispatcher: how.dispatcher }),
  })
  return {
    status: answer.statusCode,
    type: String(answer.headers['content-type']),
    text: await answer.body.text(),
  }
}

export const ask = async (
  simulator: Simulator,
  path: string,
  params: Record<string, string> = {},
  how: Asking = {},
): Promise<Envelope> => JSON.parse((await say(simulator, path, params, how)).text)

/** The control API, as the page and a test in another process use it. */
export const control = async (
  simulator: Simulator,
  method: 'GET' | 'POST' | 'DELETE',
  path: string,
  body?: unknown,
): Promise<{ readonly status: number; readonly json: Record<string, unknown> }> => {
  const answer = await request(`${simulator.phonesUrl}${path}`, {
    method,
    ...(body === undefined
      ? {}
      : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
  })
  return { status: answer.statusCode, json: (await answer.body.json()) as Record<string, unknown> }
}

export const freshAgent = (): Agent => new Agent({ keepAliveTimeout: 1 })

/** A device with a QR code out. */
export const withQr = async (simulator: Simulator, deviceId: string): Promise<string> => {
  await ask(simulator, '/open/workstation', { deviceId })
  const { data } = await ask(simulator, '/open/getLoginQrCode', { deviceId, province: '广东' })
  return (data as { qrCodeUrl: string }).qrCodeUrl
}

/** A device on which its own person was signed in and no longer is. */
export const formerlySignedIn = (simulator: Simulator, deviceId: string): void => {
  const device = simulator.world.createDevice(deviceId)
  simulator.world.signIn(device, device.person)
  simulator.world.phone(deviceId).goOffline('securityCheck')
}
