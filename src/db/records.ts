// What is read of logins, devices and accounts, as plain data: a login is its narrow row and, while it lives, its turn.
// Nothing here says how it was asked for.

import type { EventBody } from '../login/event.ts'
import type { QrSecret } from '../login/observation.ts'
import type { DropTag, PresenceState } from '../login/presence.ts'
import type { LoginState, Outcome } from '../login/state.ts'
import type {
  Advisory,
  DeviceType,
  LoginMethod,
  LoginStateName,
  LoginStrategy,
  Millis,
  Profile,
} from '../login/vocabulary.ts'
import type { DeviceChangeCause } from './tables/device-version.ts'

export interface RecordedEvent {
  readonly sequence: number
  readonly at: Millis
  readonly state: LoginStateName
  readonly body: EventBody
}

/** A login as the API shows it: its narrow row, and its turn where it still has one. */
export interface LoginRecord {
  readonly id: string
  readonly tenant: string
  readonly provider: string
  readonly deviceId: string
  readonly accountId: string | null
  readonly expectedWcId: string | null
  readonly strategy: LoginStrategy
  readonly method: LoginMethod
  readonly firstMethod: LoginMethod | null
  readonly confirmedBy: LoginMethod | null
  readonly deviceType: DeviceType
  readonly province: string | null
  readonly proxied: boolean
  readonly firstOnDevice: boolean
  readonly startedBy: string
  readonly reference: string | null
  readonly continues: string | null
  readonly continuedBy: string | null
  readonly stateName: LoginStateName
  readonly sequence: number
  /** Counts every write, events or not, so that a reader sees a change that is no event. Ended: never moves again. */
  readonly version: number
  /** Null once it has ended, or where what was saved cannot be read here. */
  readonly state: LoginState | null
  readonly outcome: Outcome | null
  readonly advisories: readonly Advisory[]
  readonly scanner: { readonly nickName: string | null; readonly pictureId: string | null } | null
  readonly started: Millis
  readonly updated: Millis
  readonly ended: Millis | null
  readonly qrCodeIssued: Millis | null
  readonly scanned: Millis | null
  readonly confirmed: Millis | null
}

export interface Progress {
  readonly login: LoginRecord
  readonly events: readonly RecordedEvent[]
}

export interface LoginSecrets {
  readonly qrCode: QrSecret | null
  readonly sliderUrl: string | null
}

export interface DeviceRecord {
  readonly id: string
  readonly tenant: string
  readonly provider: string
  readonly deviceKey: string
  readonly upstreamId: string
  readonly label: string | null
  readonly deviceType: DeviceType
  readonly province: string | null
  readonly city: string | null
  readonly proxy: { readonly host: string; readonly port: number; readonly username: string | null } | null
  readonly ttuid: string | null
  readonly accountId: string | null
  readonly resetRequired: boolean
  readonly created: Millis
  readonly lastLogin: Millis | null
  readonly lastSeenSignedIn: Millis | null
  readonly retired: Millis | null
  readonly version: number
}

export interface AccountRecord {
  readonly id: string
  readonly tenant: string
  readonly provider: string
  readonly wcId: string
  readonly instanceId: string | null
  readonly deviceId: string | null
  readonly profile:
    | (Omit<Profile, 'wcId' | 'instanceId' | 'avatarUrl'> & { readonly pictureId: string | null })
    | null
  readonly profileAsOf: Millis | null
  readonly presence: {
    readonly state: PresenceState
    readonly since: Millis
    readonly asOf: Millis
    readonly reason: string | null
    readonly upstreamReason: string | null
    readonly probationUntil: Millis | null
    readonly dropTags: readonly DropTag[]
  }
  readonly created: Millis
}

/** One version of a device's settings: it held until `validTo`; null: it holds. */
export interface DeviceVersionRecord {
  readonly number: number
  readonly deviceType: DeviceType
  readonly province: string | null
  readonly city: string | null
  readonly proxy: DeviceRecord['proxy']
  readonly label: string | null
  readonly cause: DeviceChangeCause
  /** Name of the key, or `upstream`. */
  readonly changedBy: string
  readonly validFrom: Millis
  readonly validTo: Millis | null
}

/** One version of an account's profile: it held until `validTo`; null: it holds. */
export type AccountProfileRecord = NonNullable<AccountRecord['profile']> & {
  readonly number: number
  readonly validFrom: Millis
  readonly validTo: Millis | null
}

/** The time that an account stayed signed in on a device. */
export interface SignInRecord {
  readonly id: string
  readonly tenant: string
  readonly accountId: string
  readonly deviceId: string
  /** The login that began it; null: it was found, not made. */
  readonly loginId: string | null
  readonly began: Millis
  readonly ended: Millis | null
  readonly endReason: string | null
  readonly dropTags: readonly DropTag[]
}

export interface PresenceChangeRecord {
  readonly accountId: string
  /** Counted within its account. */
  readonly number: number
  readonly before: PresenceState
  readonly after: PresenceState
  readonly reason: string | null
  readonly upstreamReason: string | null
  readonly dropTags: readonly DropTag[]
  readonly at: Millis
}

export interface OperationRecord {
  readonly id: string
  readonly tenant: string
  readonly deviceId: string
  readonly kind: 'REGISTER' | 'CHANGE_PROXY' | 'RESET' | 'LOGOUT'
  readonly state: 'PENDING' | 'DONE' | 'FAILED' | 'UNCLEAR'
  readonly requested: Millis
  readonly ended: Millis | null
  readonly upstreamCode: string | null
  readonly upstreamMessage: string | null
}
