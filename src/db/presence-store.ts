// What whoever keeps presence asks of the database, and what it may write there. A presence changes in one statement with
// the sign-in and the history that it belongs to.

import type { DropTag, PresenceReason, PresenceState } from '../login/presence.ts'
import type { Millis, Profile } from '../login/vocabulary.ts'
import type { CallTarget } from './store.ts'
import type { FoundBy } from './tables/sign-in.ts'

/** An account that is asked after: on a device that is in use. */
export interface Followed {
  readonly accountId: string
  readonly tenant: string
  readonly provider: string
  readonly deviceId: string
  /** What it is known by upstream. */
  readonly upstreamId: string
  readonly wcId: string
  readonly handle: string | null
  readonly state: PresenceState
  readonly asOf: Millis
  /** Of its newest change. */
  readonly number: number
  /** The sign-in that is open; null: none is known. */
  readonly signIn: {
    readonly id: string
    readonly began: Millis
    /** A login made it; else it may have begun long before it was found. */
    readonly made: boolean
  } | null
  readonly probationUntil: Millis | null
  /** A login or an operation has the device. */
  readonly busy: boolean
}

export interface Gone {
  readonly followed: Followed
  /** When it was first not there any more. */
  readonly missed: Millis
  /** Null: nobody could say. */
  readonly reason: PresenceReason | null
  /** The popup on the phone, word for word; null: none. */
  readonly words: string | null
  readonly dropTags: readonly DropTag[]
}

/** A look that is owed to a device after the end of a login. */
export interface DueLook {
  readonly deviceId: string
  readonly tenant: string
  readonly provider: string
  readonly due: Millis
  /** Of the login that ended. */
  readonly handle: string | null
  readonly target: CallTarget
}

/** What the newest sign-in on a device says of it. */
export interface DeviceStanding {
  /** Nobody is signed in: it is over. */
  readonly open: boolean
  readonly foundBy: FoundBy | null
  /** When an account was last gone at once after it had signed in here; null: never, or from another exit. */
  readonly exitRejected: Millis | null
}

export interface PresenceStore {
  /** By device; absent: nobody ever signed in there. */
  readDeviceStandings(
    tenant: string,
    deviceIds: readonly string[],
  ): Promise<ReadonlyMap<string, DeviceStanding>>
  /** Everybody who is asked after, of these providers. */
  readFollowed(providers: readonly string[]): Promise<readonly Followed[]>
  /** The same of some: by account, or by the names that the upstream uses. */
  readFollowedOf(which: {
    readonly provider: string
    readonly accounts?: readonly string[]
    readonly wcIds?: readonly string[]
    readonly handles?: readonly string[]
  }): Promise<readonly Followed[]>
  /** The account that is signed in on a device; null: nobody is followed there. */
  readFollowedOn(deviceId: string): Promise<Followed | null>
  /** They were seen as they are believed to be; `seenSignedIn`: that is to be kept of their devices too. */
  confirmPresence(seen: {
    readonly accounts: readonly string[]
    readonly state: PresenceState
    readonly at: Millis
    readonly seenSignedIn: boolean
  }): Promise<void>
  /** Number of the change; null: something later is known, and nothing was written. */
  recordGone(gone: Gone): Promise<number | null>
  /** Somebody was found signed in on a device, without a login of ours. False: something later is known, or its turn is taken. */
  recordFound(found: {
    readonly deviceId: string
    readonly profile: Profile
    /** When the call that proves it began. */
    readonly began: Millis
    readonly at: Millis
    readonly by: FoundBy
  }): Promise<boolean>
  /** Of devices whose turn nobody has; others are owed nothing any more and are forgotten. */
  readDueLooks(at: Millis, providers: readonly string[]): Promise<readonly DueLook[]>
  lookDone(look: DueLook): Promise<void>
}
