// What `startLogin` would do now, and why. Changes nothing and asks no upstream.

import type { Plan } from '../login/plan.ts'
import type { LoginStrategy } from '../login/vocabulary.ts'
import type { Context } from './context.ts'
import { idOf } from './global-id.ts'
import { judgeStart } from './start-facts.ts'
import { demand } from './viewer.ts'

/** Null: there is no such device. */
export const loginPlan = async (
  { viewer, services }: Context,
  id: string,
  strategy: LoginStrategy,
): Promise<Plan | null> => {
  demand(viewer, 'LOGIN_READ')
  const deviceId = idOf('Device', id)
  if (deviceId === null) return null
  const now = services.store.clock.now()
  const facts = await services.store.readStartFacts(viewer.tenant, deviceId, now)
  return facts === null ? null : judgeStart(services, facts, { strategy }, now).plan
}
