// Somebody may have signed in unheard: who is signed in is asked once, and believed only where it can be this login's
// doing (what must always hold, 6).

import { promptOf } from './course.ts'
import type { Observation } from './observation.ts'
import type { Inquiry, LiveState } from './state.ts'
import type { Step } from './step.ts'
import type { Millis, Profile } from './vocabulary.ts'

type OnlineChecked = Extract<Observation, { kind: 'OnlineChecked' }>

/** So long the upstream gets to list whoever has just signed in. */
export const pauseBeforeQuestion = 1_000

export const inquire = (
  state: LiveState,
  {
    at,
    because,
    told,
  }: {
    at: Millis
    because: Inquiry['because']
    told?: { readonly upstreamCode: string | null; readonly upstreamMessage: string | null }
  },
): Step => ({
  state: {
    ...state,
    inquiry: {
      since: at + pauseBeforeQuestion,
      failures: 0,
      because,
      settled: false,
      sure: true,
      upstreamCode: told?.upstreamCode ?? null,
      upstreamMessage: told?.upstreamMessage ?? null,
    },
  },
  events: [],
})

/**
 * Whether an online check after a prompt tells of a sign-in that this login made. Where each sign-in brings a handle, it is
 * that of the prompt itself, or one that nobody knew when the login began and nobody had signed in.
 */
export const isNews = (
  state: LiveState,
  told: OnlineChecked,
): told is OnlineChecked & { readonly profile: Profile } => {
  const { profile, known = [] } = told
  if (profile === null) return false
  if (state.terms.capabilities.poll === 'RETURNS') return true
  const { instanceId } = profile
  if (instanceId === null) return false
  const prompt = promptOf(state)
  if (prompt?.kind === 'QR_CODE' && prompt.handle === instanceId) return true
  // On record already, it is another login's, on another device of ours.
  const isOnRecord = state.terms.knownHandles.includes(instanceId) || known.includes(instanceId)
  return state.checked && !isOnRecord
}
