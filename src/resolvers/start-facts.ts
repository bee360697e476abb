// What a wish to sign in comes to on a device as it is now: read, judged by the rules, nothing changed.

import type { StartFacts } from '../db/store.ts'
import { RequestError } from '../errors.ts'
import { type Plan, type PlanContext, type PlanWish, planLogin } from '../login/plan.ts'
import type { DeviceFacts } from '../login/rules.ts'
import type { LoginStrategy } from '../login/vocabulary.ts'
import type { Provider } from '../provider/port.ts'
import type { Services } from './services.ts'

export interface Judged {
  readonly facts: StartFacts
  readonly deviceFacts: DeviceFacts
  readonly wish: PlanWish
  readonly rules: PlanContext
  readonly plan: Plan
}

export interface Wish {
  readonly strategy: LoginStrategy
  readonly deviceType?: 'IPAD' | 'MAC' | null | undefined
  /** Absent: the account of the last confirmed login on the device. Null: anybody. */
  readonly expectedWcId?: string | null | undefined
}

/** Throws RequestError UNAVAILABLE where the device's provider is not configured any more. */
export const judgeStart = (services: Services, facts: StartFacts, asked: Wish, now: number): Judged => {
  const provider = providerOf(services, facts.device.provider)
  const wish: PlanWish = {
    strategy: asked.strategy,
    deviceType: asked.deviceType ?? facts.device.deviceType,
    expectedWcId: asked.expectedWcId === undefined ? facts.knownWcId : asked.expectedWcId,
  }
  const deviceFacts = deviceFactsOf(facts, wish)
  const rules = { capabilities: provider.capabilities, limits: services.limits, now }
  // A push goes to the account that was here last: it is none for a login that expects another one.
  const expectsTheKnown = wish.expectedWcId === facts.knownWcId
  const plan = planLogin(expectsTheKnown ? deviceFacts : { ...deviceFacts, knownWcId: null }, wish, rules)
  return { facts, deviceFacts, wish, rules, plan }
}

export const providerOf = (services: Services, name: string): Provider => {
  const provider = services.providers.get(name)
  if (provider === undefined)
    throw new RequestError('UNAVAILABLE', `The provider ${name} is not configured at present.`, 60)
  return provider
}

const deviceFactsOf = (
  { device, active: _, onlineWcId, ...facts }: StartFacts,
  wish: PlanWish,
): DeviceFacts => ({
  ...facts,
  // Whoever is named in so many words is not the wrong one.
  wrongAccountSignedIn: facts.wrongAccountSignedIn && onlineWcId !== wish.expectedWcId,
  province: device.province,
  proxied: device.proxy !== null,
  ttuid: device.ttuid,
  resetRequired: device.resetRequired,
})
