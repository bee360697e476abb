// What starting a login would do now, and why: the rules of the upstream brought together, before anything is asked.

import {
  againstPush,
  type DeviceFacts,
  exitRejected,
  personIsActing,
  provinceRequired,
  recyclesSoon,
  resetRequired,
  tooManyLogins,
  tooManyQrCodes,
  usePushFirst,
  wrongAccountSignedIn,
} from './rules.ts'
import type { Capabilities, Deadlines, Limits, Terms } from './terms.ts'
import type { Advisory, DeviceType, LoginMethod, LoginStrategy, Millis } from './vocabulary.ts'

export interface PlanWish {
  readonly strategy: LoginStrategy
  readonly deviceType: DeviceType
  /** Null: whoever signs in. */
  readonly expectedWcId: string | null
}

export interface Plan {
  readonly method: LoginMethod
  readonly deviceType: DeviceType
  readonly expectedWcId: string | null
  readonly possible: boolean
  /** The rules that decided it: what forbids it first, then what chose the method, then what is worth knowing. */
  readonly reasons: readonly Advisory[]
  /** The rule that forbids it; null: nothing does. */
  readonly refusal: Advisory | null
  readonly blockedUntil: Millis | null
}

export interface PlanContext {
  readonly capabilities: Capabilities
  readonly limits: Limits
  readonly now: Millis
}

export const planLogin = (
  facts: DeviceFacts,
  wish: PlanWish,
  { capabilities, limits, now }: PlanContext,
): Plan => {
  const pushRefused = againstPush(facts, capabilities, now)
  const method = methodFor(wish.strategy, pushRefused)
  const refusal =
    wrongAccountSignedIn(facts) ??
    resetRequired(facts) ??
    exitRejected(facts, limits, now) ??
    provinceRequired(facts, capabilities.provinceRequired) ??
    // PUSH_UNLIKELY is advice: who asks for a push in so many words gets one.
    (wish.strategy === 'PUSH' && pushRefused !== null && pushRefused.code !== 'PUSH_UNLIKELY'
      ? pushRefused
      : null) ??
    personIsActing(facts, limits, now) ??
    tooManyLogins(facts, limits, now) ??
    (method === 'QR_CODE' ? tooManyQrCodes(facts, limits, now) : null)
  const notes = [
    wish.strategy === 'QR_CODE' ? usePushFirst(facts, method, capabilities, now) : pushRefused,
    facts.seenOnline ? ({ code: 'ALREADY_SIGNED_IN', until: null } as const) : null,
    capabilities.recyclesDevices ? recyclesSoon(facts.lastSeenSignedIn, now) : null,
  ].filter(note => note !== null && note.code !== refusal?.code)
  return {
    method,
    deviceType: wish.deviceType,
    expectedWcId: wish.expectedWcId,
    possible: refusal === null,
    reasons: [...(refusal === null ? [] : [refusal]), ...notes.filter(note => note !== null)],
    refusal,
    blockedUntil: refusal?.until ?? null,
  }
}

/** S0, S1, S2: push first where this device has signed in before; a QR code where that is refused. */
const methodFor = (strategy: LoginStrategy, pushRefused: Advisory | null): LoginMethod => {
  if (strategy === 'AUTO') return pushRefused === null ? 'PUSH' : 'QR_CODE'
  return strategy
}

/** Fixes for a whole login what the plan, the provider and the configuration say at its start. */
export const termsOf = (
  facts: DeviceFacts,
  wish: PlanWish,
  plan: Plan,
  context: PlanContext & { readonly deadlines: Deadlines },
): Terms => ({
  strategy: wish.strategy,
  firstMethod: plan.method,
  deviceType: wish.deviceType,
  expectedWcId: wish.expectedWcId,
  started: context.now,
  capabilities: context.capabilities,
  deadlines: context.deadlines,
  firstOnDevice: facts.knownWcId === null,
  qrCodesPerHour: context.limits.qrCodesPerHour,
  recentQrCodes: facts.recentQrCodes,
  seenOnline: facts.seenOnline,
  pauseAtScan: !context.capabilities.announcesCode && facts.lastReason === 'CODE_REJECTED',
  scannedUnconfirmed: facts.scannedUnconfirmed,
  knownHandles: facts.knownHandles,
})
