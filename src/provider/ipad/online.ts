// Who is online upstream, of all accounts there: one bulk answer, looked up by what this gateway knows of one device and
// by nothing else (what must always hold, 10).

import type { Profile } from '../../login/vocabulary.ts'
import { readEnvelope, unreadable } from '../envelope.ts'
import type { SignedInList, Target } from '../port.ts'
import { idOf } from '../profile.ts'
import { refusalOf } from '../refusal.ts'
import type { Conceal } from '../text.ts'

export interface Online {
  /** By wcId: the wIds that it is listed under; none: not told. */
  readonly handles: ReadonlyMap<string, readonly string[]>
  /** By wId: the wcId that it signed in. */
  readonly accounts: ReadonlyMap<string, string>
  /** False: some entry may be somebody, and nobody can say who. */
  readonly whole: boolean
}

/** queryLoginWx (P 2.1): a list, or nothing where nobody is online. Entries of a shape that is none are nobody. */
export const readOnline = (status: number, body: Uint8Array, hide: Conceal): Online => {
  const envelope = readEnvelope(status, body, hide)
  if (!envelope.succeeded) throw refusalOf(envelope)
  // P 1: an empty object is one of the ways of saying nothing.
  const isSomethingElse = envelope.data !== null && Object.keys(envelope.data).length > 0
  if (envelope.list === null && (isSomethingElse || envelope.strange)) throw unreadable()
  const handles = new Map<string, string[]>()
  const accounts = new Map<string, string>()
  let whole = true
  for (const entry of envelope.list ?? []) {
    const ids = idsIn(entry)
    if (ids === null) {
      whole &&= isNobody(entry)
      continue
    }
    const { wcId, wId } = ids
    const listed = handles.get(wcId) ?? []
    handles.set(wcId, listed)
    if (wId === null) continue
    listed.push(wId)
    accounts.set(wId, wcId)
  }
  return { handles, accounts, whole }
}

/** P 1: each way of saying nothing. One that has something else in the place of a wcId may be anybody. */
const isNobody = (entry: unknown): boolean => {
  if (typeof entry !== 'object' || entry === null) return entry === null || entry === ''
  if (!('wcId' in entry)) return Object.keys(entry).length === 0
  return entry.wcId === null || (typeof entry.wcId === 'string' && entry.wcId.trim() === '')
}

const idsIn = (entry: unknown): { readonly wcId: string; readonly wId: string | null } | null => {
  if (typeof entry !== 'object' || entry === null || !('wcId' in entry)) return null
  try {
    const wcId = idOf(entry.wcId)
    return wcId === null ? null : { wcId, wId: 'wId' in entry ? idOf(entry.wId) : null }
  } catch {
    return null
  }
}

/** For whoever asks after many at once: an account by its wcId, where that is known. Throws ProviderError for a list that is not whole. */
export const signedInList = (online: Online): SignedInList => {
  if (!online.whole) throw unreadable()
  return {
    find: target => {
      const { wcId, handle, knownHandles } = target
      const isStill = wcId !== null && handle !== null && online.accounts.get(handle) === wcId
      const profile = isStill
        ? byHandle(online, handle)
        : wcId === null
          ? whoIn(online, target)
          : byAccount(online, wcId, knownHandles)
      return profile === null ? { online: false } : { online: true, handle: profile.instanceId }
    },
  }
}

/** Whether there is anything to look a device up by. */
export const isKnown = ({ wcId, handle, knownHandles }: Target): boolean =>
  wcId !== null || handle !== null || knownHandles.length > 0

/** What is out now comes first, then who signed in here last, then earlier sign-ins. Null: nobody. */
export const whoIn = (
  online: Online,
  { wcId, handle, knownHandles }: Pick<Target, 'wcId' | 'handle' | 'knownHandles'>,
): Profile | null =>
  byHandle(online, handle) ?? byAccount(online, wcId, knownHandles) ?? firstOf(online, knownHandles)

/** Listed twice, as a stale entry would have it: the sign-in that is news. */
const byAccount = ({ handles }: Online, wcId: string | null, known: readonly string[]): Profile | null => {
  const listed = wcId === null ? undefined : handles.get(wcId)
  if (wcId === null || listed === undefined) return null
  return bare(wcId, listed.find(handle => !known.includes(handle)) ?? listed[0] ?? null)
}

const byHandle = ({ accounts }: Online, handle: string | null): Profile | null => {
  const wcId = handle === null ? undefined : accounts.get(handle)
  return wcId === undefined ? null : bare(wcId, handle)
}

const firstOf = (online: Online, known: readonly string[]): Profile | null => {
  for (const handle of known) {
    const found = byHandle(online, handle)
    if (found !== null) return found
  }
  return null
}

/** The list tells no more. */
const bare = (wcId: string, instanceId: string | null): Profile => ({
  wcId,
  wAccount: null,
  nickName: null,
  avatarUrl: null,
  country: null,
  city: null,
  signature: null,
  sex: null,
  mobilePhone: null,
  instanceId,
})
