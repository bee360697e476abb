// A device as the generator follows it: its row, who is signed in there, and what the rules ask of its past. Registering,
// changing and retiring it are here; signing in is in sign-in.ts.

import { createHash } from 'node:crypto'
import type { DeviceFacts } from '../src/login/rules.ts'
import type { Millis, OutcomeReason } from '../src/login/vocabulary.ts'
import { hour } from './calendar.ts'
import { type Dialect, dialects, type ProviderName } from './dialect.ts'
import { hexName, idAt } from './id.ts'
import { label } from './name.ts'
import { type Person, somebody } from './person.ts'
import { placeOf } from './place.ts'
import type { Random } from './random.ts'
import type { DeviceRow, DeviceVersionRow, LoginRow, Rows, SignInRow } from './rows.ts'

export interface Device {
  readonly row: DeviceRow
  readonly provider: ProviderName
  readonly dialect: Dialect
  person: Person
  /** The sign-in that is open; null: nobody is signed in. */
  open: SignInRow | null
  /** Whose it is. */
  openOf: Person | null
  /** Nothing begins before. */
  free: Millis
  /** Somebody is about to start again here. */
  awaited: boolean
  /** It must be reset, and nobody comes to it any more. */
  neglected: boolean
  /** Of the last hour, and a little longer. */
  logins: Millis[]
  qrCodes: Millis[]
  pushesFailed: number
  lastPushFailed: Millis | null
  lastReason: OutcomeReason | null
  scannedUnconfirmed: number
  promptUntil: Millis | null
  /** When an account was last gone at once after it signed in here, from the exit that it has now. */
  exitRejected: Millis | null
  newestVersion: Millis
}

const keys = ['crm', 'ops-console', 'support-desk', 'shop-bot'] as const
export const keyName = (random: Random): string =>
  random.chance(0.55) ? 'crm' : random.chance(0.04) ? 'li.wei' : random.pick(keys)

const proxyOf = (random: Random) => ({
  proxyHost: `10.${20 + random.below(40)}.${random.below(250)}.${1 + random.below(250)}`,
  proxyPort: random.chance(0.7) ? 1080 : 20_000 + random.below(10_000),
  proxyUsername: random.chance(0.8) ? `exit${random.below(900)}` : null,
})

const noProxy = { proxyHost: null, proxyPort: null, proxyUsername: null }

/** Where what is registered is written down. */
export interface Register {
  readonly tenant: string
  readonly rows: Rows
}

export const registerDevice = (
  random: Random,
  { tenant, rows }: Register,
  provider: ProviderName,
  at: Millis,
): Device => {
  const { province, city } = placeOf(random)
  const upstreamId = `gh-${hexName(random)}`
  const deviceKey = `${provider.dialect}-${hexName(random).slice(0, 10)}`
  const registeredBy = keyName(random)
  const row: DeviceRow = {
    id: idAt(random, at),
    tenant,
    provider: provider.name,
    deviceKey,
    upstreamId,
    label: label(random),
    deviceType: random.chance(0.12) ? 'MAC' : 'IPAD',
    province,
    city: random.chance(0.85) ? city : null,
    ...(random.chance(0.82) ? proxyOf(random) : noProxy),
    proxyPassword: null,
    ttuid: null,
    accountId: null,
    knownWcId: null,
    instanceId: null,
    resetRequired: false,
    inputHash: createHash('sha256').update(deviceKey).digest('base64url'),
    created: at,
    exitChanged: null,
    lastLogin: null,
    lastSeenSignedIn: null,
    retired: null,
    reset: null,
    version: 1,
    settingsVersion: 1,
  }
  // As it is now: it goes on changing while what was written waits to be copied.
  rows.device.push({ ...row })
  const device: Device = {
    row,
    provider,
    dialect: dialects[provider.dialect],
    person: somebody(random, provider),
    open: null,
    openOf: null,
    free: at + 60_000,
    awaited: false,
    neglected: false,
    logins: [],
    qrCodes: [],
    pushesFailed: 0,
    lastPushFailed: null,
    lastReason: null,
    scannedUnconfirmed: 0,
    promptUntil: null,
    exitRejected: null,
    newestVersion: at,
  }
  rows.deviceVersion.push(versionOf(device, 'REGISTERED', registeredBy, at))
  // Only where the device is what the upstream knows is it made there.
  if (provider.dialect === 'open') operation(random, rows, device, 'REGISTER', registeredBy, at)
  return device
}

/** One that the upstream took. */
export const operation = (
  random: Random,
  rows: Rows,
  device: Device,
  kind: 'REGISTER' | 'RESET' | 'LOGOUT',
  requestedBy: string,
  ended: Millis,
  accountId: string | null = null,
): void => {
  const requested = kind === 'REGISTER' ? ended : ended - 900
  rows.deviceOperation.push({
    id: idAt(random, requested),
    tenant: device.row.tenant,
    deviceId: device.row.id,
    kind,
    state: 'DONE',
    requestedBy,
    requested,
    sent: requested + 15,
    taken: requested + 400,
    accountId,
    ended: kind === 'REGISTER' ? ended + 420 : ended,
    upstreamCode: null,
    upstreamMessage: null,
  })
}

const versionOf = (
  device: Device,
  cause: DeviceVersionRow['cause'],
  changedBy: string,
  at: Millis,
): DeviceVersionRow => {
  const { row } = device
  device.newestVersion = Math.max(at, device.newestVersion)
  return {
    deviceId: row.id,
    number: row.version,
    tenant: row.tenant,
    label: row.label,
    deviceType: row.deviceType,
    province: row.province,
    city: row.city,
    proxyHost: row.proxyHost,
    proxyPort: row.proxyPort,
    proxyUsername: row.proxyUsername,
    ttuid: row.ttuid,
    cause,
    changedBy,
    validFrom: device.newestVersion,
  }
}

/** Its settings as they are from now on. */
export const changed = (
  rows: Rows,
  device: Device,
  how: { cause: DeviceVersionRow['cause']; changedBy: string; at: Millis; raised?: boolean },
): void => {
  if (how.raised !== true) device.row.version += 1
  device.row.settingsVersion = device.row.version
  rows.deviceVersion.push(versionOf(device, how.cause, how.changedBy, how.at))
}

/** Another exit: what the upstream rejected says nothing of this one. */
export const moveExit = (random: Random, rows: Rows, device: Device, at: Millis): void => {
  Object.assign(device.row, proxyOf(random), { exitChanged: at })
  device.exitRejected = null
  device.free = Math.max(device.free, at)
  changed(rows, device, { cause: 'UPDATED', changedBy: keyName(random), at })
}

export const rename = (random: Random, rows: Rows, device: Device, at: Millis): void => {
  device.row.label = label(random)
  device.free = Math.max(device.free, at)
  changed(rows, device, { cause: 'UPDATED', changedBy: keyName(random), at })
}

export const retire = (random: Random, rows: Rows, device: Device, at: Millis): void => {
  device.row.retired = at
  device.free = Number.POSITIVE_INFINITY
  changed(rows, device, { cause: 'RETIRED', changedBy: keyName(random), at })
}

/** New for every account, as src/db/operation-end.ts has it; somebody else may use it then. */
export const reset = (random: Random, rows: Rows, device: Device, at: Millis): void => {
  const by = keyName(random)
  operation(random, rows, device, 'RESET', by, at)
  Object.assign(device.row, {
    accountId: null,
    knownWcId: null,
    instanceId: null,
    deviceType: 'IPAD',
    lastSeenSignedIn: null,
    lastLogin: null,
    exitChanged: null,
    resetRequired: false,
    reset: at,
  } satisfies Partial<DeviceRow>)
  changed(rows, device, { cause: 'RESET', changedBy: by, at })
  if (random.chance(0.5)) device.person = somebody(random, device.provider)
  device.pushesFailed = 0
  device.lastPushFailed = null
  device.lastReason = null
  device.scannedUnconfirmed = 0
  device.promptUntil = null
  device.exitRejected = null
  device.free = Math.max(device.free, at)
}

/** What the rules will ask of a login that has ended. */
export const remember = (device: Device, login: LoginRow): void => {
  // Anew: the terms of this login hold what was before it.
  device.logins = [...device.logins, login.started]
  if (login.qrCodesAsked.length > 0) device.qrCodes = [...device.qrCodes, ...login.qrCodesAsked]
  device.free = Math.max(device.free, login.ended ?? login.started)
  device.lastReason = login.reason
  device.promptUntil = login.promptUntil
  if (login.pushFailed !== null) {
    device.pushesFailed += 1
    device.lastPushFailed = login.pushFailed
  }
  if (login.confirmedBy === 'PUSH') {
    device.pushesFailed = 0
    device.lastPushFailed = null
  }
  if (login.state === 'CONFIRMED') device.scannedUnconfirmed = 0
  else if (login.scanned !== null) device.scannedUnconfirmed += 1
}

const recent = (moments: readonly Millis[], now: Millis): Millis[] => moments.filter(at => at > now - hour)

/** What the rules ask, as src/db/start-facts.ts reads it. */
export const factsOf = (device: Device, now: Millis): DeviceFacts => {
  const { row } = device
  if (device.logins.length > 0) device.logins = recent(device.logins, now)
  if (device.qrCodes.length > 0) device.qrCodes = recent(device.qrCodes, now)
  const account = device.openOf?.account ?? device.person.account
  const probation = account?.deviceId === row.id ? account.probationUntil : null
  return {
    knownWcId: row.knownWcId,
    province: row.province,
    proxied: row.proxyHost !== null,
    ttuid: row.ttuid,
    resetRequired: row.resetRequired,
    lastSeenSignedIn: device.open === null ? row.lastSeenSignedIn : now - 20_000,
    seenOnline: device.open !== null,
    exitChangedSinceSignIn:
      row.exitChanged !== null && row.lastLogin !== null && row.exitChanged > row.lastLogin,
    recentLogins: device.logins,
    recentQrCodes: device.qrCodes,
    pushesFailedInARow: device.pushesFailed,
    lastPushFailed: device.lastPushFailed,
    lastReason: device.lastReason,
    scannedUnconfirmed: device.scannedUnconfirmed,
    promptUntil: device.promptUntil,
    knownHandles: [],
    probationUntil: probation !== null && probation > now ? probation : null,
    wrongAccountSignedIn: device.openOf !== null && device.openOf.wcId !== row.knownWcId,
    exitRejected: device.exitRejected,
  }
}
