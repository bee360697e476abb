// The rows that are written, table by table, as the tables' own types. Nothing of how they came to be.

import type { CopiedRow } from '../src/db/copy-text.ts'
import type { account } from '../src/db/tables/account.ts'
import type { accountProfile } from '../src/db/tables/account-profile.ts'
import type { device } from '../src/db/tables/device.ts'
import type { deviceOperation } from '../src/db/tables/device-operation.ts'
import type { deviceVersion } from '../src/db/tables/device-version.ts'
import type { login } from '../src/db/tables/login.ts'
import type { loginEvent } from '../src/db/tables/login-event.ts'
import type { presenceChange } from '../src/db/tables/presence-change.ts'
import type { scanner } from '../src/db/tables/scanner.ts'
import type { signIn } from '../src/db/tables/sign-in.ts'

export type DeviceRow = CopiedRow<typeof device>
export type DeviceVersionRow = CopiedRow<typeof deviceVersion>
export type OperationRow = CopiedRow<typeof deviceOperation>
export type AccountRow = CopiedRow<typeof account>
export type ProfileRow = CopiedRow<typeof accountProfile>
export type LoginRow = CopiedRow<typeof login>
export type EventRow = CopiedRow<typeof loginEvent>
export type ScannerRow = CopiedRow<typeof scanner>
export type SignInRow = CopiedRow<typeof signIn>
export type PresenceChangeRow = CopiedRow<typeof presenceChange>

/** In an order in which each table may be written after those before it. */
export interface Rows {
  readonly account: AccountRow[]
  readonly device: DeviceRow[]
  readonly deviceVersion: DeviceVersionRow[]
  readonly deviceOperation: OperationRow[]
  readonly accountProfile: ProfileRow[]
  readonly presenceChange: PresenceChangeRow[]
  readonly login: LoginRow[]
  readonly loginEvent: EventRow[]
  readonly scanner: ScannerRow[]
  readonly signIn: SignInRow[]
}

export const noRows = (): Rows => ({
  account: [],
  device: [],
  deviceVersion: [],
  deviceOperation: [],
  accountProfile: [],
  presenceChange: [],
  login: [],
  loginEvent: [],
  scanner: [],
  signIn: [],
})
