// The `open` dialect behind the port: which path, which form, which pool (P 3). What answers mean is in `decode`.

import type { Capabilities } from '../../login/terms.ts'
import { Circuit, failureToAnswer, type Pass } from '../circuit.ts'
import { deadline } from '../http/deadline.ts'
import { errorOf } from '../http/failure.ts'
import { Lines, newConnector } from '../http/lines.ts'
import { Requests } from '../http/request.ts'
import type { ProviderOptions } from '../options.ts'
import { Pacing } from '../pacing.ts'
import { PollLines } from '../poll-lines.ts'
import { type Provider, ProviderError, type Target } from '../port.ts'
import { readCode, readCreated, readOnline, readPoll, readProfile, readPush, readQrCode } from './decode.ts'
import { type Conceal, conceal } from './text.ts'

/** P 3.3, P 3.2, S0, S2:31. */
export const openCapabilities: Capabilities = {
  announcesScan: true,
  announcesCode: false,
  sliders: false,
  push: true,
  provinceRequired: true,
  qrCodeDies: 'BY_CLOCK',
  poll: 'RETURNS',
  pushAnsweredBy: 'POLL',
  recyclesDevices: true,
}

/** Milliseconds in all, as long as whoever asks waits at most. S0: a push lapses after three minutes. */
const longest = { onlineCheck: 5_000, register: 10_000, qrCode: 20_000, code: 60_000, push: 200_000 } as const
/** So long a risky call may wait before it leaves: less than the second that a lease is looked at early. */
const longestWait = 900
/** Behind the sweep of whoever polls, which gives a poll ten seconds. */
const longestPoll = 12_000
/** A lost poll costs nothing; a lost answer to a risky call costs a person's time. */
const idle = { polls: 30_000, rare: 4_000 } as const
const linesAtOnce = { poll: 256, short: 64, hanging: 1_024 } as const

interface Ask<Read> {
  readonly endpoint: string
  readonly form: { readonly deviceId: string } & Readonly<Record<string, string>>
  readonly asked: AbortSignal
  /** Milliseconds in all. */
  readonly within: number
  readonly read: (status: number, body: Uint8Array, hide: Conceal) => Read
  /** What the upstream is told that it may not tell on. */
  readonly secret?: string | null
  readonly risky?: boolean
  /** Its answer waits for a person, so that its silence says nothing of the upstream. */
  readonly hangs?: boolean
}

export const openOpenProvider = (options: ProviderOptions): Provider => {
  const { origin, pathname } = new URL(options.baseUrl)
  const base = pathname.replace(/\/+$/u, '')
  const now = options.monotonic ?? (() => performance.now())
  const circuit = new Circuit(now)
  const pacing = new Pacing(now)
  const connector = newConnector()
  const linesFor = (max: number, patience: number, idle: number) =>
    new Lines({ origin, connector, max, patience, idle })
  const short = new Requests(linesFor(linesAtOnce.short, longest.code, idle.rare))
  const hanging = new Requests(linesFor(linesAtOnce.hanging, longest.push, idle.rare))
  const headers = { authorization: options.token, 'content-type': 'application/x-www-form-urlencoded' }
  const hideToken = conceal(options.token)
  const polling = new PollLines({
    name: options.name,
    lines: linesFor(options.pollConnections ?? linesAtOnce.poll, longestPoll, idle.polls),
    circuit,
    monotonic: now,
    today: options.today ?? Date.now,
    request: target => ({
      path: `${base}/open/checkLoginShort`,
      headers,
      body: String(new URLSearchParams({ deviceId: target.upstreamId })),
    }),
    read: (status, body) => readPoll(status, body, hideToken),
  })

  const learn = (pass: Pass, failure: ProviderError, givenUp: boolean): void => {
    const kind = failureToAnswer(failure)
    if (kind === null) circuit.heard(pass)
    else if (givenUp) circuit.abandoned(pass)
    else circuit.failed(pass, kind)
  }

  const ask = async <Read>(call: Ask<Read>): Promise<Read> => {
    const { endpoint, form, asked, read, secret = null, risky = false, hangs = false } = call
    circuit.check()
    const began = now()
    using within = deadline(asked, call.within)
    using prompt = risky ? deadline(within.signal, longestWait) : null
    const waiting = prompt?.signal ?? within.signal
    const turn = pacing.turn(endpoint, form.deviceId, waiting)
    // Where there is nothing to wait for, it leaves in this very tick.
    if (turn !== null) await turn
    let pass = null as Pass | null
    const leaves = () => {
      if (risky && now() - began > longestWait) throw tooLate()
      pass = circuit.pass()
    }
    try {
      const body = String(new URLSearchParams(form))
      const post = { path: `${base}/open/${endpoint}`, headers, body, signal: within.signal, waiting, leaves }
      const answer = await (hangs ? hanging : short).post(post)
      const result = read(answer.status, answer.body, conceal(options.token, secret))
      if (pass !== null) circuit.heard(pass)
      return result
    } catch (error) {
      const failure = errorOf(error)
      if (pass !== null) learn(pass, failure, asked.aborted || (hangs && within.signal.aborted))
      throw failure
    } finally {
      pacing.settled(endpoint, form.deviceId)
    }
  }

  return {
    name: options.name,
    dialect: 'OPEN',
    handle: 'DEVICE',
    capabilities: openCapabilities,
    origin,
    polling,
    get reachable() {
      return circuit.reachable
    },
    registerDevice: async ({ upstreamId }, asked) => {
      const form = { deviceId: upstreamId }
      await ask({ endpoint: 'workstation', form, read: readCreated, asked, within: longest.register })
    },
    whoIsSignedIn: async ({ upstreamId }, asked) => {
      const began = now()
      const call = { form: { deviceId: upstreamId }, asked }
      const within = longest.onlineCheck
      if (!(await ask({ ...call, endpoint: 'isOnline', read: readOnline, within }))) return null
      const left = within - (now() - began)
      return await ask({ ...call, endpoint: 'checkLoginShort', read: readProfile, within: left })
    },
    issueQrCode: (target, asked) =>
      ask({
        endpoint: 'getLoginQrCode',
        form: qrCodeForm(target),
        read: readQrCode,
        secret: target.proxy?.password ?? null,
        asked,
        within: longest.qrCode,
        risky: true,
      }),
    sendPush: ({ upstreamId }, asked) =>
      ask({
        endpoint: 'loginAgain',
        form: { deviceId: upstreamId },
        read: readPush,
        asked,
        within: longest.push,
        risky: true,
        hangs: true,
      }),
    sendCode: ({ upstreamId }, code, asked) =>
      ask({
        endpoint: 'loginVerifyCode',
        form: { deviceId: upstreamId, code },
        read: readCode,
        secret: code,
        asked,
        within: longest.code,
        risky: true,
      }),
    close: async () => {
      await Promise.all([polling.close(), short.close(), hanging.close()])
    },
  }
}

/** Whoever asked has looked at its lease, and that is too long ago. */
const tooLate = (): ProviderError => new ProviderError({ kind: 'TIMEOUT', sent: false, answered: false })

/** An IPv6 address stands in brackets before a port. */
const authorityOf = ({ host, port }: NonNullable<Target['proxy']>): string =>
  host.includes(':') && !host.startsWith('[') ? `[${host}]:${port}` : `${host}:${port}`

/** S2:31: what is not known is left out, and so is the device type that the upstream takes by itself. */
const qrCodeForm = (target: Target): Ask<unknown>['form'] => ({
  deviceId: target.upstreamId,
  ...(target.province === null ? {} : { province: target.province }),
  ...(target.city === null ? {} : { city: target.city }),
  ...(target.deviceType === 'MAC' ? { deviceType: 'mac' } : {}),
  ...(target.ttuid === null ? {} : { ttuid: target.ttuid }),
  ...(target.proxy === null
    ? {}
    : {
        proxyIp: authorityOf(target.proxy),
        ...(target.proxy.username === null ? {} : { proxyUser: target.proxy.username }),
        ...(target.proxy.password === null ? {} : { proxyPassword: target.proxy.password }),
      }),
})
