// How long a login took to its milestones. The one definition for the API, the files and whoever else tells it.

import type { Millis } from '../login/vocabulary.ts'

/** Seconds since its start; null: it never got there. */
export const secondsTo = (started: Millis, milestone: Millis | null): number | null =>
  milestone === null ? null : (milestone - started) / 1_000
