// Which observation says that an account is signed in. Whether it counts is for whoever knows the prompt.

import type { Observation } from './observation.ts'
import type { Profile } from './vocabulary.ts'

/** Who is signed in by this answer; null: it names nobody. */
export const signedIn = (observation: Observation): Profile | null => {
  if (observation.kind === 'OnlineChecked') {
    const { profile, known = [] } = observation
    // On record already, perhaps of another device.
    return profile?.instanceId != null && known.includes(profile.instanceId) ? null : profile
  }
  if (!('answer' in observation)) return null
  return observation.answer.kind === 'SIGNED_IN' ? observation.answer.profile : null
}
