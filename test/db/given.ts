// What the store's tests begin from: a registered device, a login on it, and a login walked to a state.

import type { Page } from '../../src/db/filters.ts'
import { newId } from '../../src/db/ids.ts'
import type { RecordedEvent } from '../../src/db/records.ts'
import type { LoginStart, Recorded, Store, Turn } from '../../src/db/store.ts'
import { begin } from '../../src/login/begin.ts'
import type { Observation, PollAnswer } from '../../src/login/observation.ts'
import { defaultDeadlines, type Terms } from '../../src/login/terms.ts'
import type { Profile } from '../../src/login/vocabulary.ts'
import { openCapabilities } from '../../src/provider/open/open.ts'

export const tenant = 'default'

let named = 0
export const aName = (of: string): string => {
  named += 1
  return `${of}-${process.pid}-${named}`
}

export const aDevice = async (
  store: Store,
  more: Partial<Parameters<Store['registerDevice']>[0]> & { registered?: boolean } = {},
): Promise<string> => {
  const { registered = true, ...input } = more
  const { device, operation } = await store.registerDevice({
    tenant,
    provider: 'demo',
    deviceKey: aName('device'),
    upstreamId: aName('upstream'),
    settings: { label: null, deviceType: 'IPAD', province: '广东', city: null, proxy: null, ttuid: null },
    inputHash: 'as first asked',
    changedBy: 'test',
    create: true,
    ...input,
  })
  if (registered && operation !== null) {
    await store.endOperation(operation.id, { state: 'DONE', upstreamCode: null, upstreamMessage: null })
  }
  return device.id
}

export const theTerms = (store: Store, more: Partial<Terms> = {}): Terms => ({
  strategy: 'AUTO',
  firstMethod: 'QR_CODE',
  deviceType: 'IPAD',
  expectedWcId: null,
  started: store.clock.now(),
  capabilities: openCapabilities,
  deadlines: defaultDeadlines,
  firstOnDevice: true,
  qrCodesPerHour: 0,
  recentQrCodes: [],
  seenOnline: false,
  pauseAtScan: false,
  scannedUnconfirmed: 0,
  knownHandles: [],
  ...more,
})

export const aStart = (
  store: Store,
  deviceId: string,
  more: Omit<Partial<LoginStart>, 'terms' | 'state'> & { terms?: Partial<Terms> } = {},
): LoginStart => {
  const { terms: changed, ...rest } = more
  const terms = theTerms(store, changed)
  return {
    loginId: newId(terms.started),
    tenant,
    deviceId,
    startedBy: 'test',
    reference: null,
    continues: null,
    terms,
    state: begin(terms).state,
    advisories: [],
    idempotency: null,
    replaces: null,
    ...rest,
  }
}

export const aLogin = async (
  store: Store,
  deviceId: string,
  more: Parameters<typeof aStart>[2] = {},
): Promise<Turn> => {
  const started = await store.startLogin(aStart(store, deviceId, more))
  if (started.kind !== 'CREATED') throw new Error(`The login was answered ${started.kind}`)
  return started.turn
}

export const aProfile = (more: Partial<Profile> = {}): Profile => ({
  wcId: 'wxid_lin',
  wAccount: 'lin88',
  nickName: 'Lin',
  avatarUrl: null,
  country: 'CN',
  city: 'Shenzhen',
  signature: null,
  sex: 2,
  mobilePhone: null,
  instanceId: null,
  ...more,
})

type Untimed<Kind> = Kind extends Observation ? Omit<Kind, 'at'> : never

/** Records it as of now. */
export const told = (
  store: Store,
  loginId: string,
  observation: Untimed<Observation>,
  options: Parameters<Store['record']>[2] = {},
): Promise<Recorded> =>
  store.record(loginId, { ...observation, at: store.clock.now() } as Observation, options)

export const polled = (store: Store, loginId: string, answer: PollAnswer): Promise<Recorded> =>
  told(store, loginId, { kind: 'Polled', began: store.clock.now(), answer })

export const qrSecret = {
  url: 'https://qr.example/one-time',
  image: 'data:image/png;base64,AAAA',
  content: 'scan-me',
}

/** Walks a new login to the state in which its QR code is out. `handle`: what the upstream calls the attempt. */
export const withQrCode = async (
  store: Store,
  loginId: string,
  handle: string | null = null,
): Promise<Turn> => {
  const intent = newId(store.clock.now())
  await told(store, loginId, { kind: 'OnlineChecked', began: store.clock.now(), profile: null })
  await told(store, loginId, { kind: 'Intended', intent })
  return turnOf(await told(store, loginId, { kind: 'QrCodeReceived', intent, handle, secret: qrSecret }))
}

export const scanned = (store: Store, loginId: string): Promise<Recorded> =>
  polled(store, loginId, { kind: 'SCANNED', nickName: 'Lin', avatarUrl: null })

export const signedIn = (store: Store, loginId: string, profile: Profile = aProfile()): Promise<Recorded> =>
  polled(store, loginId, { kind: 'SIGNED_IN', profile })

export const turnOf = (recorded: Recorded): Turn => {
  if (recorded.kind !== 'RECORDED') throw new Error(`Expected a record and got ${recorded.kind}`)
  return recorded.turn
}

const everyEvent: Page<number> = { limit: 1_000, after: null, before: null, backward: false }

/** A page of the log of one login; by default all of it. */
export const eventsOf = async (
  store: Store,
  loginId: string,
  page: Partial<Page<number>> = {},
  of: string = tenant,
): Promise<readonly RecordedEvent[]> =>
  (await store.readEventsOf(of, [loginId], { ...everyEvent, ...page })).get(loginId) ?? []
