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
    const patience = kind === 'POLL' ? { until: null } : {}
    expect(duty(state, pace)).toEqual({ kind, at: start + moment, ...patience })
  })

  const waiting = at.reach(
    at.prompting(at.hanging),
    at.intended('qr-1', 2 * second),
    at.received('qr-1', 3 * second, 'handle-1'),
  )
  const pushed = at.reach(at.prompting({ ...at.hanging, ...at.byPush }), at.intended('push-1', 2 * second))
  it.each([
    ['a long poll when the code is out', waiting, unpaced, { kind: 'POLL', at: 3 * second, until: null }],
    [
      'a second after a first unclear answer',
      at.reach(waiting, at.polled(10 * second, at.unclear)),
      polledAt(9 * second),
      { kind: 'POLL', at: 11 * second, until: null },
    ],
    [
      'two seconds after the next one',
      at.reach(waiting, at.polled(10 * second, at.unclear), at.polled(12 * second, at.unclear)),
      polledAt(9 * second),
      { kind: 'POLL', at: 14 * second, until: null },
    ],
    [
      'ten seconds more for the poll at a deadline',
      at.reach(waiting, at.said('DeadlinePassed', 263 * second)),
      polledAt(4 * second),
      { kind: 'POLL', at: 263 * second, until: 273 * second },
    ],
    [
      'the question who is signed in after that',
      at.reach(waiting, at.said('DeadlinePassed', 263 * second), at.pollFailed(273 * second, 'TIMEOUT')),
      polledAt(4 * second),
      { kind: 'CHECK_ONLINE', at: 274 * second },
    ],
    ['no poll beside a push that its call answers', pushed, unpaced, { kind: 'LAPSE', at: 182 * second }],
    [
      'the question who is signed in once such a push is lost',
      at.reach(pushed, at.call('CallUnanswered', 'push-1', 60 * second)),
      unpaced,
      { kind: 'CHECK_ONLINE', at: 61 * second },
    ],
    [
      'its end in time once that was answered',
      at.reach(pushed, at.call('CallUnanswered', 'push-1', 60 * second), at.online(null, 61 * second)),
      unpaced,
      { kind: 'LAPSE', at: 182 * second },
    ],
    [
      'the question who is signed in after an answer that may hide a sign-in',
      at.reach(waiting, {
        kind: 'Polled',
        at: start + 50 * second,
        began: start + 49 * second,
        answer: at.unclear,
        afterGap: true,
      }),
      polledAt(49 * second),
      { kind: 'CHECK_ONLINE', at: 51 * second },
    ],
  ] as const)('where polls hang, is %s', (_, state, pace, { at: moment, ...owed }) => {
    const until = 'until' in owed && owed.until !== null ? { until: start + owed.until } : {}
    expect(duty(state, pace)).toEqual({ ...owed, at: start + moment, ...until })
  })

  it('is nothing after its end', () => {
    expect(duty(at.tell(at.scanned(), at.cancelled(20 * second)), unpaced)).toEqual({ kind: 'NOTHING' })
  })
})
