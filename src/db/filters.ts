// What a reader asks for: which logins, devices and accounts, and which page of them.

import type { DropTag, PresenceReason, PresenceState } from '../login/presence.ts'
import type {
  DeviceType,
  LoginMethod,
  LoginStateName,
  LoginStrategy,
  Millis,
  OutcomeReason,
} from '../login/vocabulary.ts'

/** Keyset page: `limit` rows after (or, backward, before) a cursor; the caller asks for one more than it shows. */
export interface Page<Cursor> {
  readonly limit: number
  readonly after: Cursor | null
  readonly before: Cursor | null
  readonly backward: boolean
}

export interface MomentCursor {
  readonly at: Millis
  readonly id: string
}

export interface LoginFilter {
  readonly state?: readonly LoginStateName[]
  readonly live?: boolean
  readonly reason?: readonly OutcomeReason[]
  readonly upstreamCode?: readonly string[]
  readonly method?: readonly LoginMethod[]
  readonly firstMethod?: readonly LoginMethod[]
  readonly strategy?: readonly LoginStrategy[]
  readonly provider?: readonly string[]
  readonly deviceType?: readonly DeviceType[]
  readonly province?: readonly string[]
  readonly firstOnDevice?: boolean
  readonly startedBy?: readonly string[]
  readonly reference?: string
  readonly device?: string
  readonly account?: string
  readonly wcId?: string
  readonly startedFrom?: Millis
  readonly startedTo?: Millis
  readonly endedFrom?: Millis
  readonly endedTo?: Millis
}

export interface DeviceFilter {
  readonly provider?: readonly string[]
  readonly deviceKey?: string
  readonly resetRequired?: boolean
  readonly retired?: boolean
}

export interface AccountFilter {
  readonly wcId?: string
  readonly presence?: readonly ('UNKNOWN' | 'ONLINE' | 'OFFLINE')[]
  readonly search?: string
}

export interface SignInFilter {
  readonly provider?: readonly string[]
  /** As it was; a row that does not tell is of its device's type. */
  readonly deviceType?: readonly DeviceType[]
  /** A row that does not tell fits neither. */
  readonly firstOnDevice?: boolean
  readonly dropTag?: readonly DropTag[]
  /** OTHER: also words that are not known here. */
  readonly endReason?: readonly PresenceReason[]
  readonly ended?: boolean
  /** Bounds of its beginning: from then on, and before then. */
  readonly from?: Millis
  readonly to?: Millis
}

export interface PresenceChangeFilter {
  readonly provider?: readonly string[]
  readonly to?: readonly PresenceState[]
  /** OTHER: also words that are not known here. */
  readonly reason?: readonly PresenceReason[]
  readonly dropTag?: readonly DropTag[]
  /** From then on, and before then. */
  readonly from?: Millis
  readonly until?: Millis
}
