// Somebody is signed in on a device, and gone again: account, profile, presence, sign-in and device say the same, as the parts
// of src/db/sign-in.ts and src/db/presence.ts would have them.

import type { FoundBy } from '../src/db/tables/sign-in.ts'
import { type DropTag, dropTagsOf, type PresenceReason } from '../src/login/presence.ts'
import { defaultLimits } from '../src/login/terms.ts'
import type { Millis, Profile } from '../src/login/vocabulary.ts'
import { day } from './calendar.ts'
import { changed, type Device } from './device.ts'
import { idAt } from './id.ts'
import type { Person } from './person.ts'
import type { Random } from './random.ts'
import type { AccountRow, Rows } from './rows.ts'

export interface SigningIn {
  readonly person: Person
  readonly profile: Profile
  readonly at: Millis
  /** The login that made it; null: somebody was found. */
  readonly loginId: string | null
  /** The login was for this account. */
  readonly confirmed: boolean
  readonly asMac: boolean
  readonly foundBy: FoundBy | null
}

/** Where the person is signed in elsewhere, that device is told of in `elsewhere`. */
export const signsIn = (
  random: Random,
  rows: Rows,
  device: Device,
  how: SigningIn,
  elsewhere: (deviceId: string) => Device | undefined,
): void => {
  const { person, at, loginId, confirmed } = how
  const { row } = device
  const made = loginId !== null
  const isFirst = row.lastSeenSignedIn === null
  const isNew = made && (row.lastSeenSignedIn === null || row.lastSeenSignedIn < at - 20 * day)
  const before = person.account?.deviceId ?? null
  const account = accountNow(random, rows, device, how, isNew ? at + day : null)

  // Neither the account nor the device is in two places.
  const there = before === null ? undefined : elsewhere(before)
  if (there !== undefined && there !== device && there.openOf === person) {
    there.row.lastSeenSignedIn = Math.max(there.row.lastSeenSignedIn ?? 0, at - 20_000)
    shut(rows, there, at, 'SIGNED_IN_ELSEWHERE', [])
  }
  const standing = device.openOf === person && !made
  const other = device.openOf
  if (device.open !== null && !standing) {
    shut(rows, device, at, 'OTHER', [])
    if (other !== null && other !== person) goesOffline(rows, other, at, 'OTHER', null, [])
  }
  if (!standing) {
    device.open = {
      id: idAt(random, at),
      tenant: row.tenant,
      accountId: account.id,
      deviceId: row.id,
      loginId,
      began: at,
      ended: null,
      endReason: null,
      dropTags: [],
      foundBy: how.foundBy,
      deviceType: how.asMac ? 'MAC' : row.deviceType,
      firstOnDevice: isFirst,
    }
    device.openOf = person
  }

  row.accountId = account.id
  row.version += 1
  row.lastSeenSignedIn = at
  if (made) row.lastLogin = at
  if (confirmed) {
    row.knownWcId = person.wcId
    row.resetRequired = false
  }
  if (how.profile.instanceId !== null) row.instanceId = how.profile.instanceId
  if (how.asMac && row.deviceType !== 'MAC') {
    row.deviceType = 'MAC'
    changed(rows, device, { cause: 'SIGNED_IN_AS_MAC', changedBy: 'upstream', at, raised: true })
  }
  person.free = Math.max(person.free, at)
  device.free = Math.max(device.free, at)
}

const learntFields = ['wAccount', 'nickName', 'country', 'city', 'signature', 'sex', 'mobilePhone'] as const

const accountNow = (
  random: Random,
  rows: Rows,
  device: Device,
  { person, profile, at, loginId }: SigningIn,
  probationUntil: Millis | null,
): AccountRow => {
  const { tenant, provider, id: deviceId } = device.row
  const reason: PresenceReason = loginId === null ? 'FOUND_ONLINE' : 'SIGNED_IN'
  const learnt = {
    wAccount: profile.wAccount,
    nickName: profile.nickName,
    country: profile.country,
    city: profile.city,
    signature: profile.signature,
    sex: profile.sex,
    mobilePhone: profile.mobilePhone,
  }
  const known = person.account
  if (known === null) {
    const account: AccountRow = {
      id: idAt(random, at),
      tenant,
      provider,
      wcId: person.wcId,
      instanceId: profile.instanceId,
      deviceId,
      ...learnt,
      pictureId: null,
      profileNumber: 1,
      profileAsOf: at,
      presence: 'ONLINE',
      presenceBefore: 'UNKNOWN',
      presenceNumber: 1,
      presenceSince: at,
      presenceAsOf: at,
      presenceReason: reason,
      presenceUpstreamReason: null,
      presenceDropTags: [],
      probationUntil,
      created: at,
    }
    person.account = account
    rows.account.push({ ...account })
    keepProfile(rows, account)
    keepPresence(rows, account)
    return account
  }
  const isOther = learntFields.some(field => known[field] !== learnt[field])
  Object.assign(known, learnt)
  known.deviceId = deviceId
  known.profileAsOf = at
  if (profile.instanceId !== null) known.instanceId = profile.instanceId
  if (isOther) {
    known.profileNumber += 1
    keepProfile(rows, known)
  }
  if (probationUntil !== null) known.probationUntil = probationUntil
  known.presenceAsOf = Math.max(known.presenceAsOf, at)
  if (known.presence !== 'ONLINE') {
    known.presenceBefore = known.presence
    known.presence = 'ONLINE'
    known.presenceNumber += 1
    known.presenceSince = at
    known.presenceReason = reason
    known.presenceUpstreamReason = null
    known.presenceDropTags = []
    keepPresence(rows, known)
  }
  return known
}

const keepProfile = (rows: Rows, account: AccountRow): void => {
  rows.accountProfile.push({
    accountId: account.id,
    number: account.profileNumber,
    tenant: account.tenant,
    wAccount: account.wAccount,
    nickName: account.nickName,
    country: account.country,
    city: account.city,
    signature: account.signature,
    sex: account.sex,
    mobilePhone: account.mobilePhone,
    pictureId: account.pictureId,
    validFrom: account.profileAsOf ?? account.created,
  })
}

const keepPresence = (rows: Rows, account: AccountRow): void => {
  rows.presenceChange.push({
    accountId: account.id,
    number: account.presenceNumber,
    tenant: account.tenant,
    before: account.presenceBefore,
    after: account.presence,
    reason: account.presenceReason,
    upstreamReason: account.presenceUpstreamReason,
    dropTags: account.presenceDropTags,
    at: account.presenceSince,
  })
}

const shut = (
  rows: Rows,
  device: Device,
  at: Millis,
  reason: PresenceReason,
  dropTags: readonly DropTag[],
): void => {
  if (device.open === null) return
  rows.signIn.push({ ...device.open, ended: at, endReason: reason, dropTags })
  device.open = null
  device.openOf = null
}

const goesOffline = (
  rows: Rows,
  { account }: Person,
  at: Millis,
  reason: PresenceReason,
  words: string | null,
  dropTags: readonly DropTag[],
): void => {
  if (account === null || account.presence === 'OFFLINE') return
  account.presenceBefore = account.presence
  account.presence = 'OFFLINE'
  account.presenceNumber += 1
  account.presenceSince = Math.max(account.presenceSince, at)
  account.presenceAsOf = Math.max(account.presenceAsOf, at)
  account.presenceReason = reason
  account.presenceUpstreamReason = words
  account.presenceDropTags = dropTags
  keepPresence(rows, account)
}

/** Whoever is signed in there is first missed at `at`; `seen`: when the upstream last said that they were not. */
export const drops = (
  rows: Rows,
  device: Device,
  gone: { at: Millis; seen: Millis; reason: PresenceReason; words: string | null },
): void => {
  const { open, openOf } = device
  if (open === null || openOf === null) return
  const { at, reason } = gone
  // One that was found may have begun long before.
  const began = open.loginId !== null || open.foundBy === 'WRONG_ACCOUNT' ? open.began : null
  const dropTags = dropTagsOf(
    { reason, began, missed: at, probationUntil: openOf.account?.probationUntil ?? null },
    defaultLimits.earlyDropSeconds,
  )
  if (dropTags.includes('WITHIN_60_SECONDS')) device.exitRejected = at
  shut(rows, device, at, reason, dropTags)
  goesOffline(rows, openOf, at, reason, gone.words, dropTags)
  device.row.version += 1
  device.row.lastSeenSignedIn = Math.max(device.row.lastSeenSignedIn ?? 0, gone.seen)
  device.free = Math.max(device.free, at)
  openOf.free = Math.max(openOf.free, at)
}
