// The `open` dialect behind the port: which path, which form, which pool (P 3). What answers mean is in `decode`.

import type { Capabilities } from '../../login/terms.ts'
import { Circuit, silence } from '../circuit.ts'
import { deadline } from '../http/deadline.ts'
import { errorOf } from '../http/failure.ts'
import { Lines, newConnector } from '../http/lines.ts'
import { type Answer, Requests } from '../http/request.ts'
import type { ProviderOptions } from '../options.ts'
import { Pacing } from '../pacing.ts'
import { PollLines } from '../poll-lines.ts'
import type { Provider, Target } from '../port.ts'
import { readCode, readCreated, readOnline, readPoll, readProfile, readPush, readQrCode } from './decode.ts'

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
}

/** Milliseconds in all, behind the deadlines of whoever asks. S0: a push lapses after three minutes. */
const longest = { onlineCheck: 5_000, register: 10_000, qrCode: 20_000, code: 30_000, push: 200_000 } as const
/** Behind the sweep of whoever polls, which gives a poll ten seconds. */
const longestPoll = 12_000
/** A lost poll costs nothing; a lost answer to a risky call costs a person's time. */
const idle = { polls: 30_000, rare: 4_000 } as const
const linesAtOnce = { poll: 256, short: 64, hanging: 1_024 } as const

interface Ask<Read> {
  readonly endpoint: string
  readonly form: { readonly deviceId: string } & Readonly<Record<string, string>>
  readonly signal: AbortSignal
  readonly read: (status: number, body: Uint8Array) => Read
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
    read: readPoll,
  })

  const ask = async <Read>({ endpoint, form, signal, read, hangs = false }: Ask<Read>): Promise<Read> => {
    circuit.check()
    await pacing.turn(endpoint, form.deviceId, signal)
    circuit.pass()
    const requests = hangs ? hanging : short
    const began = now()
    let answer: Answer
    try {
      const body = String(new URLSearchParams(form))
      answer = await requests.post({ path: `${base}/open/${endpoint}`, headers, body, signal })
    } catch (error) {
      const failure = errorOf(error)
      if (signal.aborted && (hangs || now() - began < silence)) circuit.abandoned()
      else circuit.failed(failure.kind)
      throw failure
    }
    try {
      const result = read(answer.status, answer.body)
      circuit.heard()
      return result
    } catch (error) {
      const failure = errorOf(error)
      if (failure.answered && failure.kind !== 'UNAUTHORIZED') circuit.heard()
      else circuit.failed(failure.kind)
      throw failure
    }
  }

  return {
    name: options.name,
    dialect: 'OPEN',
    capabilities: openCapabilities,
    origin,
    polling,
    get reachable() {
      return circuit.reachable
    },
    registerDevice: async ({ upstreamId }, asked) => {
      using within = deadline(asked, longest.register)
      const form = { deviceId: upstreamId }
      await ask({ endpoint: 'workstation', form, read: readCreated, signal: within.signal })
    },
    whoIsSignedIn: async ({ upstreamId }, asked) => {
      using within = deadline(asked, longest.onlineCheck)
      const { signal } = within
      const form = { deviceId: upstreamId }
      const isOnline = await ask({ endpoint: 'isOnline', form, read: readOnline, signal })
      return isOnline ? await ask({ endpoint: 'checkLoginShort', form, read: readProfile, signal }) : null
    },
    issueQrCode: async (target, asked) => {
      using within = deadline(asked, longest.qrCode)
      const form = qrCodeForm(target)
      return await ask({ endpoint: 'getLoginQrCode', form, read: readQrCode, signal: within.signal })
    },
    sendPush: async ({ upstreamId }, asked) => {
      using within = deadline(asked, longest.push)
      const form = { deviceId: upstreamId }
      const { signal } = within
      return await ask({ endpoint: 'loginAgain', form, read: readPush, signal, hangs: true })
    },
    sendCode: async ({ upstreamId }, code, asked) => {
      using within = deadline(asked, longest.code)
      const form = { deviceId: upstreamId, code }
      return await ask({ endpoint: 'loginVerifyCode', form, read: readCode, signal: within.signal })
    },
    close: async () => {
      await Promise.all([polling.close(), short.close(), hanging.close()])
    },
  }
}

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
        proxyIp: `${target.proxy.host}:${target.proxy.port}`,
        ...(target.proxy.username === null ? {} : { proxyUser: target.proxy.username }),
        ...(target.proxy.password === null ? {} : { proxyPassword: target.proxy.password }),
      }),
})
