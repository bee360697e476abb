// What is owed, and when: the pace of the polls, what yields to a deadline, and what outlives one.

import { describe, expect, it } from 'vitest'
import { duty } from '../../src/login/duty.ts'
import * as at from './states.ts'

const { second, start } = at
const unpaced = { lastPoll: null, slow: false }
const polledAt = (moment: number, slow = false) => ({ lastPoll: start + moment, slow })

describe('what is owed to a login', () => {
  it.each([
    ['an online check first', at.starting(), unpaced, 'CHECK_ONLINE', 0],
    ['a QR code then', at.prompting(), unpaced, 'ISSUE_QR_CODE', second],
    ['or a push', at.prompting(at.byPush), unpaced, 'SEND_PUSH', second],
    ['nothing beside an open intent, but its end in time', at.issuing(), unpaced, 'LAPSE', 90 * second],
    [
      'a look after an unanswered code',
      at.reach(at.issuing(), at.call('CallUnanswered', 'qr-1', 22 * second)),
      unpaced,
      'POLL',
      22 * second,
    ],
    ['a poll when the code is out', at.awaitingScan(), unpaced, 'POLL', 3 * second],
    [
      'a poll every two seconds before the scan (S3)',
      at.awaitingScan(),
      polledAt(50 * second),
      'POLL',
      52 * second,
    ],
    [
      'a poll every three seconds while the upstream is slow',
      at.awaitingScan(),
      polledAt(50 * second, true),
      'POLL',
      53 * second,
    ],
    [
      'a poll every three seconds while polls fail',
      at.reach(at.awaitingScan(), at.pollFailed(50 * second)),
      polledAt(50 * second),
      'POLL',
      53 * second,
    ],
    ['a poll every second while the person acts', at.scanned(), polledAt(50 * second), 'POLL', 51 * second],
    ['the first poll of a push two seconds after it', at.pushed(), unpaced, 'POLL', 4 * second],
    [
      'the end of the code rather than a poll after it',
      at.awaitingScan(),
      polledAt(217 * second),
      'LAPSE',
      218 * second,
    ],
    [
      'a last look once the code has lapsed',
      at.reach(at.awaitingScan(), at.said('DeadlinePassed', 218 * second)),
      polledAt(100 * second),
      'POLL',
      218 * second,
    ],
    [
      'and that no sooner than a second after the poll before (P 3.6)',
      at.reach(at.awaitingScan(), at.said('DeadlinePassed', 218 * second)),
      polledAt(217.5 * second),
      'POLL',
      218.5 * second,
    ],
    [
      'one poll before a code is replaced by request',
      at.reach(at.awaitingScan(), at.said('QrCodeRefreshAsked', 20 * second)),
      polledAt(19.5 * second),
      'POLL',
      20.5 * second,
    ],
    ['the next QR code', at.renewing(), polledAt(100 * second), 'ISSUE_QR_CODE', 100 * second],
    [
      'no poll while the phone asks for a code',
      at.codeRequired(),
      polledAt(19 * second),
      'LAPSE',
      200 * second,
    ],
    [
      'no poll at a paused scan',
      at.scanned({ pauseAtScan: true }),
      polledAt(10 * second),
      'LAPSE',
      218 * second,
    ],
    ['no poll at a slider', at.sliding(), polledAt(10 * second), 'LAPSE', 190 * second],
    ['the code that waits', at.wished(), polledAt(29 * second), 'SEND_CODE', 30 * second],
    [
      'nothing beside a code that was sent, but its end in time',
      at.codeSent(),
      unpaced,
      'LAPSE',
      61 * second,
    ],
    [
      'a look after an unanswered code, however late',
      at.lookingAfterCode(),
      unpaced,
      'CHECK_ONLINE',
      41 * second,
    ],
  ] as const)('is %s', (_, state, pace, kind, moment) => {
    expect(duty(state, pace)).toEqual({ kind, at: start + moment })
  })

  it('is nothing after its end', () => {
    expect(duty(at.tell(at.scanned(), at.cancelled(20 * second)), unpaced)).toEqual({ kind: 'NOTHING' })
  })
})
