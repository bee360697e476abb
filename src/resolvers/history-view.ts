// What is shown of history that a newer instance may have written: words that are not known here are left out, or read as
// the nearest that is.

import type { DeviceVersionRecord } from '../db/records.ts'
import type { DropTag } from '../login/presence.ts'

type Cause = DeviceVersionRecord['cause']

const dropTags = { WITHIN_60_SECONDS: true, FIRST_DAY: true } satisfies Record<DropTag, true>
const causes = {
  REGISTERED: true,
  IMPORTED: true,
  UPDATED: true,
  SIGNED_IN_AS_MAC: true,
  RESET: true,
  RETIRED: true,
} satisfies Record<Cause, true>

export const knownDropTags = (tags: readonly DropTag[]): readonly DropTag[] =>
  tags.filter(tag => Object.hasOwn(dropTags, tag))

/** Whatever else led to a version: the settings were changed. */
export const causeOf = (cause: Cause): Cause => (Object.hasOwn(causes, cause) ? cause : 'UPDATED')
