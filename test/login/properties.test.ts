// What holds for every login, whatever it is told and in whatever order.

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { begin } from '../../src/login/begin.ts'
import { decodeState, encodeState } from '../../src/login/decode.ts'
import { duty } from '../../src/login/duty.ts'
import { fold, publicPartOf } from '../../src/login/fold.ts'
import { openIntent } from '../../src/login/intent.ts'
import { ended, type LoginState } from '../../src/login/state.ts'
import type { Terms } from '../../src/login/terms.ts'
import { transition } from '../../src/login/transition.ts'
import { viewOf } from '../../src/login/view.ts'
import type { Profile } from '../../src/login/vocabulary.ts'
import { anyTerms, byDuty, type Lived, live, tale } from './lives.ts'
import * as at from './states.ts'

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
