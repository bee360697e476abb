// The machine, sentence by sentence; then that nothing else means anything; then that each row is needed.

import { describe, expect, it } from 'vitest'
import type { Observation } from '../../src/login/observation.ts'
import type { LiveKind, Trigger } from '../../src/login/table.ts'
import { triggerOf } from '../../src/login/table.ts'
import { rows, transition } from '../../src/login/transition.ts'
import { check } from './case.ts'
import { cases } from './cases/all.ts'
import { mutantsOf, survivors } from './mutants.ts'
import * as at from './states.ts'

describe('the machine', () => {
  it.each(cases.map(one => [one.name, one] as const))('%s', (_, one) => check(transition, one))

  it('has a name of its own for each row and each sentence', () => {
    for (const names of [rows.map(row => row.name), cases.map(one => one.name)])
      expect(new Set(names).size).toBe(names.length)
  })
})

describe('what a state listens to', () => {
  const everywhere: readonly Trigger[] = ['CancelAsked', 'DeadlinePassed']
  const anyPoll: readonly Trigger[] = [
    'Polled NOT_SCANNED',
    'Polled SCANNED',
    'Polled SIGNED_IN',
    'Polled DEAD',
    'Polled DECLINED',
    'Polled CODE_ASKED',
    'Polled SLIDER',
    'Polled UNCLEAR',
    'PollFailed',
    'PushAnswered SIGNED_IN',
  ]
  const asked: readonly Trigger[] = ['OnlineChecked', 'OnlineCheckFailed']
  const issuing: readonly Trigger[] = [
    'Intended',
    'QrCodeReceived',
    'CallRefused',
    'CallUnanswered',
    'CallNotSent',
  ]
  const listens: Readonly<Record<LiveKind, readonly Trigger[]>> = {
    STARTING: [...everywhere, ...anyPoll, ...issuing, ...asked],
    AWAITING_SCAN: [
      ...everywhere,
      ...anyPoll,
      ...issuing,
      ...asked,
      'QrCodeRefreshAsked',
      'CodePromptReported',
      'NewDevicePromptReported',
    ],
    AWAITING_CONFIRMATION: [
      ...everywhere,
      ...anyPoll,
      ...asked,
      'PushAnswered ACCEPTED',
      'PushAnswered REFUSED',
      'PushAnswered DECLINED',
      'PushAnswered LAPSED',
      'CallRefused',
      'CallUnanswered',
      'CallNotSent',
      'CodePromptReported',
      'CodePromptWithdrawn',
      'NewDevicePromptReported',
    ],
    AWAITING_CODE: [
      ...everywhere,
      ...anyPoll,
      ...asked,
      'CodeSubmitted',
      'CodePromptWithdrawn',
      'NewDevicePromptReported',
    ],
    VERIFYING_CODE: [
      ...everywhere,
      ...anyPoll,
      'Intended',
      'CodeAnswered SIGNED_IN',
      'CodeAnswered UNPROVEN',
      'CodeAnswered REJECTED',
      'CodeAnswered DEAD',
      'CodeAnswered SLIDER',
      'CallRefused',
      'CallUnanswered',
      'CallNotSent',
      ...asked,
    ],
    AWAITING_SLIDER: [...everywhere, ...anyPoll, ...asked, 'SliderReported', 'CodePromptReported'],
  }

  it('is what the table has rows for, and nothing else', () => {
    const table = Object.fromEntries(
      Object.keys(listens).map(kind => [
        kind,
        [...new Set(rows.filter(row => row.in.some(one => one === kind)).flatMap(row => row.on))].sort(),
      ]),
    )
    expect(table).toEqual(
      Object.fromEntries(Object.entries(listens).map(([kind, on]) => [kind, [...on].sort()])),
    )
  })

  it('leaves every other observation without effect', () => {
    const states = [
      at.starting(),
      at.prompting(),
      at.awaitingScan(),
      at.scanned(),
      at.pushed(),
      at.codeRequired(),
      at.wished(),
      at.codeSent(),
      at.lookingAfterCode(),
      at.sliding(),
    ]
    const observations: readonly Observation[] = [
      at.online(at.ann, 500_000),
      at.offlineUnknown(500_000),
      at.intended('x', 500_000),
      at.received('x', 500_000),
      at.call('CallRefused', 'x', 500_000),
      at.call('CallUnanswered', 'x', 500_000),
      at.call('CallNotSent', 'x', 500_000),
      at.rejected('x', 500_000),
      at.submitted(500_000),
      ...(
        [
          'CodePromptReported',
          'CodePromptWithdrawn',
          'SliderReported',
          'NewDevicePromptReported',
          'QrCodeRefreshAsked',
        ] as const
      ).map(kind => at.said(kind, 500_000)),
    ]
    for (const state of states)
      for (const told of observations)
        if (!listens[state.kind as LiveKind].includes(triggerOf(told)))
          expect(transition(state, told), `${told.kind} in ${state.kind}`).toEqual({ state, events: [] })
  })
})

describe('each row', () => {
  it('is needed: altered in any way, at least one sentence breaks', () => {
    const mutants = mutantsOf(rows, cases)
    expect(mutants.length).toBeGreaterThan(rows.length * 4)
    expect(survivors(mutants, cases)).toEqual([])
  })
})
