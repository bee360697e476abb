// Logins that live as in life: told whatever may be told, in whatever order.

import fc from 'fast-check'
import { begin } from '../../src/login/begin.ts'
import { type Duty, duty } from '../../src/login/duty.ts'
import type { LoginEvent } from '../../src/login/event.ts'
import { openIntent } from '../../src/login/intent.ts'
import type { Observation } from '../../src/login/observation.ts'
import type { LoginState } from '../../src/login/state.ts'
import type { Terms } from '../../src/login/terms.ts'
import { transition } from '../../src/login/transition.ts'
import * as at from './states.ts'

/** What may be told, without its moment; intents are drawn from the few that the story records. */
const told = fc.oneof(
  {
    weight: 6,
    arbitrary: fc
      .constantFrom(
        at.notScanned,
        at.scan,
        at.dead,
        at.declined,
        at.codeAsked,
        at.slider,
        at.unclear,
        at.signedIn(at.ann),
        at.signedIn(at.bob),
      )
      .chain(answer => fc.boolean().map(afterGap => ({ what: 'poll' as const, answer, afterGap }))),
  },
  {
    weight: 3,
    arbitrary: fc
      .constantFrom('UNREADABLE' as const, 'TIMEOUT' as const, 'UNAUTHORIZED' as const)
      .map(kind => ({ what: 'pollFailed' as const, kind })),
  },
  { weight: 8, arbitrary: fc.constant({ what: 'duty' as const }) },
  {
    weight: 4,
    arbitrary: fc
      .constantFrom('CallRefused' as const, 'CallUnanswered' as const, 'CallNotSent' as const)
      .map(kind => ({ what: 'call' as const, kind })),
  },
  {
    weight: 4,
    arbitrary: fc
      .constantFrom(
        'ACCEPTED',
        'CONFIRMED',
        'REFUSED',
        'DECLINED',
        'LAPSED',
        'VERIFIED',
        'UNPROVEN',
        'WRONG',
        'DEAD',
        'SLIDER',
      )
      .map(answer => ({ what: 'answer' as const, answer })),
  },
  {
    weight: 4,
    arbitrary: fc
      .constantFrom(
        'CodePromptReported' as const,
        'CodePromptWithdrawn' as const,
        'SliderReported' as const,
        'NewDevicePromptReported' as const,
        'QrCodeRefreshAsked' as const,
      )
      .map(kind => ({ what: 'said' as const, kind })),
  },
  { weight: 3, arbitrary: fc.constant({ what: 'code' as const }) },
  {
    weight: 2,
    arbitrary: fc
      .constantFrom(
        null,
        at.ann,
        { ...at.ann, instanceId: 'handle-of-yore' },
        { ...at.ann, instanceId: 'new' },
      )
      .map(profile => ({ what: 'online' as const, profile })),
  },
  { weight: 2, arbitrary: fc.boolean().map(unsent => ({ what: 'offline' as const, unsent })) },
  { weight: 1, arbitrary: fc.constant({ what: 'cancel' as const }) },
)
export const tale = fc.array(
  fc.record({ told, later: fc.integer({ min: 0, max: 60_000 }), ago: fc.integer({ min: 0, max: 12_000 }) }),
  { minLength: 1, maxLength: 60 },
)
export const anyTerms: fc.Arbitrary<Terms> = fc
  .record({
    push: fc.boolean(),
    strategy: fc.constantFrom('AUTO' as const, 'PUSH' as const),
    deviceType: fc.constantFrom('IPAD' as const, 'MAC' as const),
    expectedWcId: fc.constantFrom(null, 'wxid_ann'),
    qrCodesPerHour: fc.constantFrom(0, 2),
    pauseAtScan: fc.boolean(),
    seenOnline: fc.boolean(),
    scannedUnconfirmed: fc.constantFrom(0, 2),
    hangs: fc.boolean(),
  })
  .map(({ push, strategy, hangs, ...rest }) =>
    at.terms({
      ...rest,
      strategy: push ? strategy : 'QR_CODE',
      firstMethod: push ? 'PUSH' : 'QR_CODE',
      ...(hangs ? at.hanging : {}),
    }),
  )

export interface Lived {
  readonly terms: Terms
  readonly observations: readonly Observation[]
  readonly states: readonly LoginState[]
  readonly events: readonly LoginEvent[]
}

/** Lives a login: the next observation may depend on where it stands, as in life. */
export const live = (terms: Terms, tale: readonly { told: Told; later: number; ago: number }[]): Lived => {
  const first = begin(terms)
  const states: LoginState[] = [first.state]
  const events: LoginEvent[] = [...first.events]
  const observations: Observation[] = []
  let now = 0
  for (const [index, { told, later, ago }] of tale.entries()) {
    const state = states.at(-1) ?? first.state
    now += later
    const observation = observe(state, told, { now, ago, index })
    observations.push(observation)
    const step = transition(state, observation)
    states.push(step.state)
    events.push(...step.events)
  }
  return { terms, observations, states, events }
}

/** What is said to a login that stands there. `now`: milliseconds since the story began. */
export const observe = (
  state: LoginState,
  told: Told,
  { now, ago, index }: { readonly now: number; readonly ago: number; readonly index: number },
): Observation =>
  told.what === 'duty'
    ? byDuty(state, duty(state, { lastPoll: null, slow: false }), now, index)
    : spoken(state, told, now, Math.max(0, now - ago))

type Told = typeof told extends fc.Arbitrary<infer Value> ? Value : never

/** What a faithful poller would do next. */
export const byDuty = (state: LoginState, owed: Duty, now: number, index: number): Observation => {
  const open = openIntent(state)
  if (open?.kind === 'QR_CODE') return at.received(open.id, now)
  if (owed.kind === 'LAPSE') return at.said('DeadlinePassed', Math.max(now, owed.at - at.start))
  if (owed.kind === 'CHECK_ONLINE') return at.online(null, now)
  if (owed.kind === 'POLL' || owed.kind === 'NOTHING') return at.polled(now, at.notScanned)
  return at.intended(`intent-${index}`, now)
}

const spoken = (
  state: LoginState,
  told: Exclude<Told, { what: 'duty' }>,
  now: number,
  began: number,
): Observation => {
  const intent = openIntent(state)?.id ?? 'intent-of-nobody'
  switch (told.what) {
    case 'poll':
      return {
        ...at.polled(now, told.answer, began),
        ...(told.afterGap ? { afterGap: true } : {}),
      } as Observation
    case 'pollFailed':
      return at.pollFailed(now, told.kind, began)
    case 'call':
      return at.call(told.kind, intent, now)
    case 'said':
      return at.said(told.kind, now)
    case 'code':
      return at.submitted(now)
    case 'online':
      return at.online(told.profile, now)
    case 'offline':
      return told.unsent ? at.neverAsked(now) : at.offlineUnknown(now)
    case 'cancel':
      return at.cancelled(now)
    case 'answer':
      return answered(told.answer, intent, at.start + now)
  }
}

const answered = (answer: string, intent: string, moment: number): Observation => {
  const words = { upstreamCode: '1001', upstreamMessage: null }
  if (answer === 'VERIFIED')
    return { kind: 'CodeAnswered', at: moment, intent, answer: { kind: 'SIGNED_IN', profile: at.ann } }
  if (answer === 'CONFIRMED')
    return { kind: 'PushAnswered', at: moment, intent, answer: { kind: 'SIGNED_IN', profile: at.ann } }
  if (answer === 'DEAD')
    return { kind: 'CodeAnswered', at: moment, intent, answer: { kind: 'DEAD', ...words } }
  if (answer === 'SLIDER')
    return {
      kind: 'CodeAnswered',
      at: moment,
      intent,
      answer: { kind: 'SLIDER', url: 'http://upstream.test/s' },
    }
  if (answer === 'UNPROVEN') return { kind: 'CodeAnswered', at: moment, intent, answer: { kind: 'UNPROVEN' } }
  if (answer === 'WRONG')
    return { kind: 'CodeAnswered', at: moment, intent, answer: { kind: 'REJECTED', ...words } }
  if (answer === 'REFUSED')
    return { kind: 'PushAnswered', at: moment, intent, answer: { kind: 'REFUSED', ...words } }
  if (answer === 'DECLINED')
    return { kind: 'PushAnswered', at: moment, intent, answer: { kind: 'DECLINED', ...words } }
  if (answer === 'LAPSED')
    return { kind: 'PushAnswered', at: moment, intent, answer: { kind: 'LAPSED', ...words } }
  return { kind: 'PushAnswered', at: moment, intent, answer: { kind: 'ACCEPTED' } }
}
