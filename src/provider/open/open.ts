// The `open` dialect behind the port: which path, which form, which pool (P 3). What answers mean is in `decode`.

import type { Capabilities } from '../../login/terms.ts'
import { authorityOf } from '../authority.ts'
import { openConnection } from '../connection.ts'
import { readDone } from '../done.ts'
import type { ProviderOptions } from '../options.ts'
import { PollLines } from '../poll-lines.ts'
import { type Provider, ProviderError, type Target } from '../port.ts'
import { type RareCall, RareCalls } from '../rare-calls.ts'
import { readCode, readCreated, readOnline, readPoll, readProfile, readPush, readQrCode } from './decode.ts'
import { readOfflineReason, readSignedIn } from './presence.ts'
import { numberOfPage, pageSize, readWorkstations } from './workstations.ts'

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
  list: 20_000,
  operation: 15_000,
} as const
/** Some 80,000 devices. */
const longestList = 8_388_608
/** P 3.6: everybody's question is nobody's in particular. */
const everybody = ''
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
    listSignedIn: asked =>
      calls.ask({
        endpoint: 'open/queryLoginDevice',
        whom: everybody,
        body: null,
        read: readSignedIn,
        asked,
        within: longest.list,
        most: longestList,
      }),
    isSignedIn: ({ upstreamId }, asked) =>
      ask({
        endpoint: 'isOnline',
        form: { deviceId: upstreamId },
        read: readOnline,
        asked,
        within: longest.onlineCheck,
      }),
    offlineReason: ({ upstreamId }, asked) =>
      ask({
        endpoint: 'offlineReason',
        form: { deviceId: upstreamId },
        read: readOfflineReason,
        asked,
        within: longest.register,
      }),
    logOut: ({ upstreamId }, asked) =>
      ask({
        endpoint: 'logout',
        form: { deviceId: upstreamId },
        read: readDone,
        asked,
        within: longest.operation,
        risky: true,
      }),
    resetDevice: ({ upstreamId }, asked) =>
      ask({
        endpoint: 'workstation/resetDevice',
        form: { deviceId: upstreamId },
        read: readDone,
        asked,
        within: longest.operation,
        risky: true,
      }),
    changeProxy: async ({ upstreamId, proxy }, asked) => {
      // The dialect has no way to take one away.
      if (proxy === null) throw new ProviderError({ kind: 'PROXY_FAILED', sent: false, answered: true })
      await ask({
        endpoint: 'setDeviceProxy',
        form: { deviceId: upstreamId, ...proxyForm(proxy) },
        read: readDone,
        secret: proxy.password,
        asked,
        within: longest.operation,
        risky: true,
      })
    },
    listDevices: async (page, asked) => {
      const number = numberOfPage(page)
      return await calls.ask({
        endpoint: 'open/workstation',
        query: `?page=${number}&pageSize=${pageSize}`,
        whom: everybody,
        body: null,
        read: (status, body, hide) => readWorkstations(status, body, hide, number),
        asked,
        within: longest.list,
      })
    },
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
  ...(target.proxy === null ? {} : proxyForm(target.proxy)),
})

const proxyForm = (proxy: NonNullable<Target['proxy']>): Readonly<Record<string, string>> => ({
  proxyIp: authorityOf(proxy),
  ...(proxy.username === null ? {} : { proxyUser: proxy.username }),
  ...(proxy.password === null ? {} : { proxyPassword: proxy.password }),
})
