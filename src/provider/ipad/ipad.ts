// The `ipad` dialect behind the port: which path, which body, which pool (P 2). It has no devices: an account has a wcId,
// each attempt a wId of its own. What answers mean is in `decode`.

import type { Capabilities } from '../../login/terms.ts'
import { authorityOf } from '../authority.ts'
import { openConnection } from '../connection.ts'
import { readDone } from '../done.ts'
import type { ProviderOptions } from '../options.ts'
import { PollLines } from '../poll-lines.ts'
import { type Provider, ProviderError, type Target } from '../port.ts'
import { type RareCall, RareCalls } from '../rare-calls.ts'
import { SharedAnswer } from '../shared-answer.ts'
import { pageOfAccounts, startOfPage } from './accounts.ts'
import { areaCodeOf } from './area-code.ts'
import { readCode, readPoll, readPush, readQrCode } from './decode.ts'
import { isKnown, readOnline, signedInList, whoIn } from './online.ts'
import { readIsOnline, readOfflineReason } from './presence.ts'

/** S4:18, P 2.2, P 2.3. */
export const ipadCapabilities: Capabilities = {
  announcesScan: false,
  announcesCode: true,
  sliders: true,
  push: true,
  provinceRequired: true,
  qrCodeDies: 'BY_WORD',
  poll: 'HANGS',
  pushAnsweredBy: 'CALL',
  pushOnFirstDay: false,
  recyclesDevices: false,
}

/** Milliseconds in all. S4:20: a poll hangs for 250 s at most, and so does one that carries a code. */
const longest = {
  onlineCheck: 5_000,
  qrCode: 20_000,
  code: 255_000,
  push: 215_000,
  poll: 260_000,
  operation: 15_000,
} as const
/** Behind whoever asks, by which time the upstream is silent for good. */
const patience = { short: 25_000, hanging: 270_000 } as const
/** A lost answer to a risky call costs a person's time. */
const idle = 4_000
const linesAtOnce = { poll: 16_384, short: 64, hanging: 1_024 } as const
/** Some 80,000 accounts. */
const longestList = 8_388_608
/** P 3.6: everybody's question is nobody's in particular. */
const everybody = ''

type Ask<Read> = Omit<RareCall<Read>, 'body'> & { readonly json: object }

export const openIpadProvider = (options: ProviderOptions): Provider => {
  const connection = openConnection(options, 'application/json')
  const { origin, base, headers, circuit, now } = connection
  const calls = new RareCalls(connection, {
    short: connection.lines({ max: linesAtOnce.short, patience: patience.short, idle }),
    hanging: connection.lines({ max: linesAtOnce.hanging, patience: patience.hanging, idle: null }),
  })
  const hideToken = connection.hide()
  const polling = new PollLines({
    connection,
    lines: connection.lines({
      max: options.pollConnections ?? linesAtOnce.poll,
      patience: patience.hanging,
      idle: null,
    }),
    patience: longest.poll,
    hangs: true,
    request: ({ handle }) =>
      handle === null
        ? null
        : { path: `${base}/getIPadLoginInfo`, headers, body: JSON.stringify(attempt(handle)) },
    read: (status, body, took) => readPoll(status, body, hideToken, took),
  })
  const ask = <Read>({ json, ...call }: Ask<Read>): Promise<Read> =>
    calls.ask({ ...call, body: JSON.stringify(json) })
  const online = new SharedAnswer({
    ask: () =>
      ask({
        endpoint: 'queryLoginWx',
        whom: everybody,
        json: {},
        asked: new AbortController().signal,
        within: longest.onlineCheck,
        read: readOnline,
        most: longestList,
      }),
    now,
    apart: 1_000,
  })

  return {
    name: options.name,
    dialect: 'IPAD',
    handle: 'SIGN_IN',
    capabilities: ipadCapabilities,
    origin,
    polling,
    get reachable() {
      return circuit.reachable
    },
    registerDevice: async () => {},
    whoIsSignedIn: async (target, asked) => {
      if (!isKnown(target)) return null
      // Nobody waits for a turn that would come to nothing.
      circuit.check()
      return whoIn(await online.get(asked), target)
    },
    issueQrCode: async (target, asked) =>
      await ask({
        ...qrCodeCall(target),
        whom: target.wcId ?? target.upstreamId,
        read: readQrCode,
        secret: target.proxy?.password ?? null,
        asked,
        within: longest.qrCode,
        risky: true,
      }),
    sendPush: async ({ wcId, ...target }, asked) =>
      // Whoever never signed in here cannot be asked.
      wcId === null
        ? { kind: 'REFUSED', upstreamCode: null, upstreamMessage: null }
        : await ask({
            endpoint: 'secondLogin',
            whom: wcId,
            json: { wcId, ...(usesTtuid(target) ? { ttuid: target.ttuid } : {}) },
            read: readPush,
            asked,
            within: longest.push,
            risky: true,
            hangs: true,
          }),
    sendCode: async ({ handle }, code, asked) => {
      if (handle === null) throw refused('ERROR')
      return await ask({
        endpoint: 'getIPadLoginInfo',
        whom: handle,
        json: { ...attempt(handle), verifyCode: code },
        read: readCode,
        secret: code,
        asked,
        within: longest.code,
        risky: true,
        hangs: true,
      })
    },
    listSignedIn: async asked => {
      circuit.check()
      return signedInList(await online.get(asked))
    },
    isSignedIn: async ({ handle }, asked) => {
      // P 2.1: it is asked by wId, and nothing else names a sign-in.
      if (handle === null) throw refused('ERROR')
      return await ask({
        endpoint: 'isOnline',
        whom: handle,
        json: { wId: handle },
        asked,
        within: longest.onlineCheck,
        read: readIsOnline,
      })
    },
    offlineReason: async ({ wcId }, asked) => {
      if (wcId === null) throw refused('ERROR')
      return await ask({
        endpoint: 'offlineReason',
        whom: wcId,
        json: { wcId },
        asked,
        within: longest.onlineCheck,
        read: (status, body, hide) => readOfflineReason(status, body, hide, wcId),
      })
    },
    logOut: async ({ handle }, asked) => {
      if (handle === null) throw refused('ERROR')
      await ask({
        endpoint: 'logout',
        whom: handle,
        json: { wId: handle },
        asked,
        within: longest.operation,
        read: readDone,
        risky: true,
      })
    },
    resetDevice: async () => {},
    changeProxy: async ({ wcId, proxy }, asked) => {
      // P 2.1: all four are required.
      if (wcId === null || proxy === null || proxy.username === null || proxy.password === null)
        throw refused('PROXY_FAILED')
      const { username, password } = proxy
      await ask({
        endpoint: 'setproxy',
        whom: wcId,
        json: { wcId, proxyIp: authorityOf(proxy), proxyUser: username, proxyPassword: password },
        secret: password,
        asked,
        within: longest.operation,
        read: readDone,
        risky: true,
      })
    },
    listDevices: async (page, asked) => {
      const start = startOfPage(page)
      circuit.check()
      return pageOfAccounts(await online.get(asked), start)
    },
    close: async () => {
      await Promise.all([polling.close(), calls.close()])
    },
  }
}

/** `autoCheck` would have the vendor solve sliders, which are the person's (what must always hold, 9). */
const attempt = (wId: string) => ({ wId, autoCheck: false })

/** By us: the dialect has no way to say it. */
const refused = (kind: 'PROXY_FAILED' | 'ERROR'): ProviderError =>
  new ProviderError({ kind, sent: false, answered: true })

/** An own proxy goes before the helper app, as it does before the area (P 2.5). */
const usesTtuid = ({ ttuid, proxy }: Pick<Target, 'ttuid' | 'proxy'>): boolean =>
  ttuid !== null && proxy === null

/** P 2.1, P 2.5. The first login has an empty wcId; a later one without it would be another device (P 2.4). */
const qrCodeCall = (target: Target): Pick<Ask<unknown>, 'endpoint' | 'json'> => {
  const { proxy, ttuid } = target
  const wcId = target.wcId ?? ''
  if (usesTtuid(target)) {
    // The page names no device type for this call; left out, it is an iPad.
    const deviceType = target.deviceType === 'MAC' ? { deviceType: 'mac' } : {}
    return { endpoint: 'localIPadLogin', json: { wcId, ttuid, ...deviceType } }
  }
  const area = target.province === null ? null : areaCodeOf(target.province)
  // From another province the account would be put off at once (S2:31).
  if (area === null && proxy === null) throw refused('PROXY_FAILED')
  return {
    endpoint: 'iPadLogin',
    json: {
      wcId,
      deviceType: target.deviceType === 'MAC' ? 'mac' : 'ipad',
      // Required by the page, and overridden by a proxy: left out rather than made up.
      ...(area === null ? {} : { proxy: area }),
      ...(proxy === null
        ? {}
        : {
            proxyIp: authorityOf(proxy),
            ...(proxy.username === null ? {} : { proxyUser: proxy.username }),
            ...(proxy.password === null ? {} : { proxyPassword: proxy.password }),
          }),
    },
  }
}
