// The `open` dialect behind the port: which path, which form, which pool (P 3). What answers mean is in `decode`.

import type { Capabilities } from '../../login/terms.ts'
import { authorityOf } from '../authority.ts'
import { openConnection } from '../connection.ts'
import type { ProviderOptions } from '../options.ts'
import { PollLines } from '../poll-lines.ts'
import type { Provider, Target } from '../port.ts'
import { type RareCall, RareCalls } from '../rare-calls.ts'
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
  pushOnFirstDay: true,
  recyclesDevices: true,
}

/** Milliseconds in all, as long as whoever asks waits at most. S0: a push lapses after three minutes. */
const longest = {
  onlineCheck: 5_000,
  register: 10_000,
  qrCode: 20_000,
  code: 60_000,
  push: 200_000,
  poll: 10_000,
} as const
/** Behind the sweep of whoever polls. */
const patienceForPoll = 12_000
/** A lost poll costs nothing; a lost answer to a risky call costs a person's time. */
const idle = { polls: 30_000, rare: 4_000 } as const
const linesAtOnce = { poll: 256, short: 64, hanging: 1_024 } as const

type Ask<Read> = Omit<RareCall<Read>, 'endpoint' | 'whom' | 'body'> & {
  readonly endpoint: string
  readonly form: { readonly deviceId: string } & Readonly<Record<string, string>>
}

export const openOpenProvider = (options: ProviderOptions): Provider => {
  const connection = openConnection(options, 'application/x-www-form-urlencoded')
  const { origin, base, headers, circuit, now } = connection
  const calls = new RareCalls(connection, {
    short: connection.lines({ max: linesAtOnce.short, patience: longest.code, idle: idle.rare }),
    hanging: connection.lines({ max: linesAtOnce.hanging, patience: longest.push, idle: idle.rare }),
  })
  const hideToken = connection.hide()
  const polling = new PollLines({
    connection,
    lines: connection.lines({
      max: options.pollConnections ?? linesAtOnce.poll,
      patience: patienceForPoll,
      idle: idle.polls,
    }),
    patience: longest.poll,
    hangs: false,
    request: target => ({
      path: `${base}/open/checkLoginShort`,
      headers,
      body: String(new URLSearchParams({ deviceId: target.upstreamId })),
    }),
    read: (status, body) => readPoll(status, body, hideToken),
  })

  const ask = <Read>({ endpoint, form, ...call }: Ask<Read>): Promise<Read> =>
    calls.ask({
      ...call,
      endpoint: `open/${endpoint}`,
      whom: form.deviceId,
      body: String(new URLSearchParams(form)),
    })

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
      await Promise.all([polling.close(), calls.close()])
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
        proxyIp: authorityOf(target.proxy),
        ...(target.proxy.username === null ? {} : { proxyUser: target.proxy.username }),
        ...(target.proxy.password === null ? {} : { proxyPassword: target.proxy.password }),
      }),
})
