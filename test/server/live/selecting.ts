// What a watcher of a login selects from.

import { schema } from '../../../src/schema/schema.ts'
import type { Selecting } from './operations.ts'

/** Fields whose values no update holds: they are read when they are asked for, so that they have no plan. */
export const loading: ReadonlySet<string> = new Set([
  'Login.device',
  'Login.events',
  'Login.continues',
  'Login.continuedBy',
  'Account.instanceId',
  'Account.avatarUrl',
  'Account.presence',
  'Account.device',
  'Account.logins',
  'Account.profileHistory',
  'Account.presenceHistory',
  'Account.signIns',
])

/** Nobody's data is erased yet. */
export const alwaysNull: ReadonlySet<string> = new Set(['Account.erasedAt'])

export const watched: Selecting = { schema, root: 'loginProgress', rare: loading, depth: 4 }
