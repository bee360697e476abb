// What taking over devices that exist upstream asks of the database.

import type { Millis } from '../login/vocabulary.ts'

export interface ImportStore {
  /** What is known stays as it is, what another tenant has is left alone. Safe to repeat, and to run beside itself. */
  importDevices(take: DevicesToImport): Promise<DevicesImported>
}

export interface DevicesToImport {
  readonly tenant: string
  readonly provider: string
  /** An account that has a device here is that device: the upstream has none of its own. */
  readonly accountsAreDevices: boolean
  readonly devices: readonly DeviceToImport[]
  /** When the upstream was asked: what was seen of an account since is not put back. */
  readonly asked: Millis
  readonly changedBy: string
  /** Counts, and writes nothing. */
  readonly dryRun: boolean
}

export interface DeviceToImport {
  /** Its key here as well. */
  readonly upstreamId: string
  /** Who is signed in, or was last; null: nobody, or not told. */
  readonly wcId: string | null
  /** The upstream's handle of the sign-in; null: it has none. */
  readonly handle: string | null
  readonly online: boolean
  readonly lastLogin: Millis | null
  /** Of the call that would have registered it. */
  readonly inputHash: string
}

export interface DevicesImported {
  readonly imported: number
  readonly known: number
  /**
   * Accounts that were found signed in, each with the number of its newest change of presence. Where a connection broke some may
   * be missing.
   */
  readonly online: readonly { readonly accountId: string; readonly number: number }[]
}
