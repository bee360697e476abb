// Duty CHECK_ONLINE: who is signed in on this device? Asked before a prompt, after a code that was not answered, and
// wherever somebody may have signed in unheard.

import type { Observation } from '../login/observation.ts'
import { type Drive, readTarget, targetOf } from './driving.ts'
import { CalledOffError, failureOf, isUnsent } from './failure.ts'

const patience = 5_000

export const checkOnline: Drive = async (held, driving) => {
  const { calls, store } = driving
  const found = await readTarget(held, driving)
  if (found === null) return
  const target = targetOf(held, found)
  const began = store.clock.now()

  const check = async (): Promise<Observation | null> => {
    try {
      const profile = await calls.ask({ held, within: patience }, signal =>
        held.provider.whoIsSignedIn(target, signal),
      )
      if (profile === null) return { kind: 'OnlineChecked', at: store.clock.now(), began, profile }
      // Read after the answer: what another device of ours recorded meanwhile is that one's sign-in.
      const { knownHandles } = (await readTarget(held, driving)) ?? found
      return { kind: 'OnlineChecked', at: store.clock.now(), began, profile, known: knownHandles }
    } catch (error) {
      if (error instanceof CalledOffError) return null
      const failed = {
        kind: 'OnlineCheckFailed',
        at: store.clock.now(),
        began,
        failure: failureOf(error),
      } as const
      return isUnsent(error) ? { ...failed, unsent: true } : failed
    }
  }
  const observed = await check()
  if (observed === null) return
  // P 3.6: it may have asked the endpoint that is polled.
  driving.asked(held)
  await driving.tell(held, observed)
}
