// What holds for every login, whatever it is told and in whatever order.

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { begin } from '../../src/login/begin.ts'
import { decodeState, encodeState } from '../../src/login/decode.ts'
import { type Duty, duty } from '../../src/login/duty.ts'
import type { LoginEvent } from '../../src/login/event.ts'
import { fold, publicPartOf } from '../../src/login/fold.ts'
import { openIntent } from '../../src/login/intent.ts'
import type { Observation } from '../../src/login/observation.ts'
import { ended, type LoginState } from '../../src/login/state.ts'
import type { Terms } from '../../src/login/terms.ts'
import { transition } from '../../src/login/transition.ts'
import { viewOf } from '../../src/login/view.ts'
import type { Profile } from '../../src/login/vocabulary.ts'
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
  { weight: 1, arbitrary: fc.constant({ what: 'offline' as const }) },
  { weight: 1, arbitrary: fc.constant({ what: 'cancel' as const }) },
)
const tale = fc.array(
  fc.record({ told, later: fc.integer({ min: 0, max: 60_000 }), ago: fc.integer({ min: 0, max: 12_000 }) }),
  { minLength: 1, maxLength: 60 },
)
const anyTerms: fc.Arbitrary<Terms> = fc
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

interface Lived {
  readonly terms: Terms
  readonly observations: readonly Observation[]
  readonly states: readonly LoginState[]
  readonly events: readonly LoginEvent[]
}

/** Lives a login: the next observation may depend on where it stands, as in life. */
const live = (terms: Terms, tale: readonly { told: Told; later: number; ago: number }[]): Lived => {
  const first = begin(terms)
  const states: LoginState[] = [first.state]
  const events: LoginEvent[] = [...first.events]
  const observations: Observation[] = []
  let now = 0
  for (const [index, { told, later, ago }] of tale.entries()) {
    const state = states.at(-1) ?? first.state
    now += later
    const observation =
      told.what === 'duty'
        ? byDuty(state, duty(state, { lastPoll: null, slow: false }), now, index)
        : spoken(state, told, now, Math.max(0, now - ago))
    observations.push(observation)
    const step = transition(state, observation)
    states.push(step.state)
    events.push(...step.events)
  }
  return { terms, observations, states, events }
}

type Told = typeof told extends fc.Arbitrary<infer Value> ? Value : never

/** What a faithful poller would do next. */
const byDuty = (state: LoginState, owed: Duty, now: number, index: number): Observation => {
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
      return at.offlineUnknown(now)
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

/** Before a prompt anybody counts; after one, where sign-ins bring handles, only a handle that was not known. */
const isProof = (profile: Profile, terms: Terms, before: LoginState | undefined): boolean =>
  terms.capabilities.poll === 'RETURNS' ||
  before?.kind === 'STARTING' ||
  (profile.instanceId !== null && !terms.knownHandles.includes(profile.instanceId))

const always = (holds: (lived: Lived) => void) =>
  fc.assert(
    fc.property(anyTerms, tale, (terms, tale) => holds(live(terms, tale))),
    { numRuns: 3_000 },
  )

describe('every login', () => {
  it('never moves once it has ended', () => {
    always(({ states }) => {
      const end = states.findIndex(ended)
      if (end >= 0) for (const state of states.slice(end)) expect(state).toBe(states[end])
    })
  })

  it('numbers its events without a gap', () => {
    always(({ states, events }) => {
      expect(states.at(-1)?.sequence).toBe(events.length)
    })
  })

  it('ends with one last event, and with nothing after it', () => {
    always(({ states, events }) => {
      const ends = events.filter(event => event.kind === 'LoginEnded')
      const last = states.at(-1)
      expect(ends).toHaveLength(last !== undefined && ended(last) ? 1 : 0)
      if (ends.length > 0) expect(events.at(-1)).toBe(ends[0])
    })
  })

  it('comes to the same state again when its observations are replayed', () => {
    always(({ terms, observations, states }) => {
      const replayed = observations.reduce((state, told) => transition(state, told).state, begin(terms).state)
      expect(replayed).toEqual(states.at(-1))
    })
  })

  it('has told everything public in its events', () => {
    always(({ terms, states, events }) => {
      const last = states.at(-1)
      if (last) expect(fold(terms, events)).toEqual(publicPartOf(last))
    })
  })

  it('changes its public state only by an event, whose state is where it led', () => {
    always(({ states, events }) => {
      expect(states.at(-1)?.kind).toBe(events.at(-1)?.state)
    })
  })

  it('is read back from its saved form as it was', () => {
    always(({ states }) => {
      for (const state of states)
        expect(decodeState(JSON.parse(JSON.stringify(encodeState(state))))).toEqual(state)
    })
  })

  it('is confirmed by nothing but an account that was proved to be signed in', () => {
    always(({ terms, observations, states }) => {
      const index = states.findIndex(state => state.kind === 'CONFIRMED')
      if (index < 1) return
      const told = observations[index - 1]
      const proof =
        (told?.kind === 'Polled' && told.answer.kind === 'SIGNED_IN') ||
        (told?.kind === 'CodeAnswered' && told.answer.kind === 'SIGNED_IN') ||
        (told?.kind === 'PushAnswered' &&
          told.answer.kind === 'SIGNED_IN' &&
          terms.capabilities.pushAnsweredBy === 'CALL' &&
          states.slice(0, index).some(state => !ended(state) && state.pushed !== null)) ||
        (told?.kind === 'OnlineChecked' &&
          told.profile !== null &&
          isProof(told.profile, terms, states[index - 1]))
      expect(proof).toBe(true)
    })
  })

  it('asks for no more codes than it may, and sends no more than one push', () => {
    always(({ states, events }) => {
      for (const state of states)
        if (!ended(state)) {
          expect(state.issues.length).toBeLessThanOrEqual(state.issuesAllowed)
          expect(state.issuesAllowed).toBeLessThanOrEqual(4)
          expect(state.codesSpent).toBeLessThan(3)
        }
      expect(events.filter(event => event.kind === 'PushSent').length).toBeLessThanOrEqual(1)
    })
  })

  it('issues no QR code after a scan without the person’s word', () => {
    always(({ events }) => {
      const scanned = events.findIndex(event => event.kind === 'QrCodeScanned')
      if (scanned < 0) return
      const issued = events.findIndex((event, index) => index > scanned && event.kind === 'QrCodeIssued')
      if (issued < 0) return
      const between = events.slice(scanned, issued)
      expect(
        between.some(event => event.kind === 'MethodChanged' || event.kind === 'VerifyCodePromptWithdrawn'),
      ).toBe(true)
    })
  })

  it('outlives no deadline: by its duties alone it ends', () => {
    fc.assert(
      fc.property(anyTerms, tale, (terms, tale) => {
        let state = live(terms, tale).states.at(-1) ?? begin(terms).state
        let now = tale.reduce((sum, { later }) => sum + later, 0)
        let lastPoll: number | null = null
        for (let turn = 0; turn < 3_000 && !ended(state); turn++) {
          const owed = duty(state, { lastPoll, slow: false })
          now = Math.max(now + 500, owed.kind === 'NOTHING' ? 0 : Math.min(owed.at - at.start, now + 60_000))
          if (owed.kind === 'POLL') lastPoll = at.start + now
          const open = openIntent(state)
          const silent = open !== null && open.kind !== 'PUSH'
          const next = silent
            ? at.call('CallUnanswered', open.id, now)
            : byDuty(state, owed, now, 10_000 + turn)
          state = transition(state, next).state
        }
        expect(ended(state)).toBe(true)
      }),
      { numRuns: 500 },
    )
  })

  it('always offers a way out while it is under way', () => {
    always(({ states }) => {
      for (const state of states) if (!ended(state)) expect(viewOf(state).allowedActions).toContain('CANCEL')
    })
  })
})
