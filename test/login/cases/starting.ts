// From the mutation to the first prompt: the online check, the QR code, and what happens where neither answers.

import type { Case } from '../case.ts'
import {
  ann,
  awaitingScan,
  bob,
  byPush,
  call,
  codeAsked,
  dead,
  declined,
  failure,
  intended,
  issuing,
  neverAsked,
  notScanned,
  offlineUnknown,
  online,
  polled,
  pollFailed,
  prompting,
  pushed,
  reach,
  received,
  refusal,
  reissuing,
  renewing,
  said,
  scan,
  second,
  secret,
  shortPolls,
  signedIn,
  slider,
  start,
  starting,
  unclear,
  unreachable,
} from '../states.ts'

const ended = (
  kind: 'CONFIRMED' | 'EXPIRED' | 'FAILED',
  reason: string,
  nextStep: string,
  more: object = {},
) =>
  ({
    kind: 'LoginEnded',
    state: kind,
    confirmedBy: null,
    outcome: { reason, upstreamCode: null, upstreamMessage: null, nextStep, ...more },
  }) as never

const definite = { kind: 'DEVICE_UNKNOWN', upstreamCode: '1001', upstreamMessage: '设备不存在' } as const
const looking = () => reach(issuing(), call('CallUnanswered', 'qr-1', 20 * second))
const lookingAfterThird = () =>
  reach(
    issuing(),
    call('CallUnanswered', 'qr-1', 20 * second),
    polled(21 * second, notScanned),
    intended('qr-2', 23 * second),
    call('CallUnanswered', 'qr-2', 43 * second),
    polled(44 * second, notScanned),
    intended('qr-3', 46 * second),
    call('CallUnanswered', 'qr-3', 66 * second),
  )
const hanging = { capabilities: { ...shortPolls, poll: 'HANGS' } } as const
const lookingAgain = () => reach(reissuing(), call('CallUnanswered', 'qr-2', 121 * second))

export const startingCases: readonly Case[] = [
  {
    name: 'somebody signed in already: confirmed without a QR code (S3:1)',
    given: starting(),
    told: online(ann, second),
    follows: {
      kind: 'CONFIRMED',
      events: [ended('CONFIRMED', 'ALREADY_SIGNED_IN', 'NONE')],
      has: { advisories: [] },
      signedIn: ann,
    },
  },
  {
    name: 'somebody else signed in already: failed, and who it is is kept (what must always hold, 6)',
    given: starting({ expectedWcId: 'wxid_ann' }),
    told: online(bob, second),
    follows: { kind: 'FAILED', events: [ended('FAILED', 'WRONG_ACCOUNT', 'LOG_OUT_FIRST')], signedIn: bob },
  },
  {
    name: 'nobody signed in: the prompt is next, at once',
    given: starting(),
    told: online(null, second),
    follows: {
      kind: 'STARTING',
      events: [],
      has: { step: { kind: 'PROMPT', failures: 0, notBefore: start + second } },
    },
  },
  {
    name: 'an online check is of no use once the prompt is next',
    given: prompting(),
    told: online(ann, 2 * second),
    follows: 'nothing',
  },
  {
    name: 'a check that says nobody is signed in is of no use once the prompt is next',
    given: prompting(),
    told: online(null, 2 * second),
    follows: 'nothing',
  },
  {
    name: 'an unanswered check is asked once more, a second later',
    given: starting(),
    told: offlineUnknown(5 * second),
    follows: {
      kind: 'STARTING',
      events: [],
      has: { step: { kind: 'CHECK_ONLINE', failures: 1, notBefore: start + 6 * second } },
    },
  },
  {
    name: 'unanswered twice: on without knowing',
    given: reach(starting(), offlineUnknown(5 * second)),
    told: offlineUnknown(11 * second),
    follows: {
      kind: 'STARTING',
      events: [],
      has: { step: { kind: 'PROMPT', failures: 0, notBefore: start + 11 * second } },
    },
  },
  {
    name: 'unanswered twice while presence read ONLINE: nothing is sent to a device that may be signed in',
    given: reach(starting({ seenOnline: true }), offlineUnknown(5 * second)),
    told: offlineUnknown(11 * second),
    follows: { kind: 'FAILED', events: [ended('FAILED', 'UPSTREAM_UNREACHABLE', 'START_AGAIN')] },
  },
  {
    name: 'a check that was never sent says nothing: it is asked again, as long as there is time',
    given: starting(),
    told: neverAsked(second),
    follows: {
      kind: 'STARTING',
      events: [],
      has: { step: { kind: 'CHECK_ONLINE', failures: 0, notBefore: start + 3 * second } },
    },
  },
  {
    name: 'never sent after one that went unanswered: nothing is sent to a device that may be signed in, and no end',
    given: reach(starting({ seenOnline: true }), offlineUnknown(5 * second)),
    told: neverAsked(7 * second),
    follows: {
      kind: 'STARTING',
      events: [],
      has: { step: { kind: 'CHECK_ONLINE', failures: 1, notBefore: start + 9 * second } },
    },
  },
  {
    name: 'never sent until the deadline: failed, and nothing was sent',
    given: reach(starting(), neverAsked(88 * second)),
    told: said('DeadlinePassed', 90 * second),
    follows: { kind: 'FAILED', events: [ended('FAILED', 'UPSTREAM_UNREACHABLE', 'START_AGAIN')] },
  },
  {
    name: 'not sent since the token was refused: nothing to wait for',
    given: starting(),
    told: neverAsked(second, { ...unreachable, kind: 'UNAUTHORIZED' }),
    follows: { kind: 'FAILED', events: [ended('FAILED', 'UPSTREAM_UNAUTHORIZED', 'CONTACT_OPERATOR')] },
  },
  {
    name: 'a check that was not sent changes nothing once the prompt is next',
    given: prompting(),
    told: neverAsked(5 * second),
    follows: 'nothing',
  },
  {
    name: 'a check refused for good ends the login with the upstream’s words',
    given: starting(),
    told: offlineUnknown(second, definite),
    follows: {
      kind: 'FAILED',
      events: [
        ended('FAILED', 'DEVICE_UNKNOWN', 'CONTACT_OPERATOR', {
          upstreamCode: '1001',
          upstreamMessage: '设备不存在',
        }),
      ],
    },
  },
  {
    name: 'a late failure of the check changes nothing',
    given: prompting(),
    told: offlineUnknown(5 * second),
    follows: 'nothing',
  },
  {
    name: 'a late refusal of the check changes nothing',
    given: prompting(),
    told: offlineUnknown(5 * second, definite),
    follows: 'nothing',
  },
  {
    name: 'a late failure of the check changes nothing where presence read ONLINE',
    given: prompting({ seenOnline: true }),
    told: offlineUnknown(5 * second),
    follows: 'nothing',
  },
  {
    name: 'the intent to ask for a QR code is recorded and counts as one asked for (what must always hold, 3)',
    given: prompting(),
    told: intended('qr-1', 2 * second),
    follows: {
      kind: 'STARTING',
      events: [],
      has: {
        firstMethod: 'QR_CODE',
        issues: [start + 2 * second],
        step: { kind: 'ISSUING', failures: 0, intent: { id: 'qr-1', recorded: start + 2 * second } },
      },
    },
  },
  {
    name: 'no intent before the online check',
    given: starting(),
    told: intended('qr-1', second),
    follows: 'nothing',
  },
  {
    name: 'no push before the online check',
    given: starting(byPush),
    told: intended('push-1', second),
    follows: 'nothing',
  },
  {
    name: 'no second intent beside an open one',
    given: issuing(),
    told: intended('qr-2', 3 * second),
    follows: 'nothing',
  },
  {
    name: 'no second code is asked for beside the one that is out',
    given: awaitingScan(),
    told: intended('qr-2', 5 * second),
    follows: 'nothing',
  },
  {
    name: 'the intent for the next generation keeps AWAITING_SCAN',
    given: renewing(),
    told: intended('qr-2', 101 * second),
    follows: {
      kind: 'AWAITING_SCAN',
      events: [],
      has: {
        issues: [start + 2 * second, start + 101 * second],
        renewal: { kind: 'ISSUING', intent: { id: 'qr-2' } },
      },
    },
  },
  {
    name: 'a QR code came: 215 seconds to scan it (P 3.2)',
    given: issuing(),
    told: received('qr-1', 3 * second),
    follows: {
      kind: 'AWAITING_SCAN',
      events: [
        { kind: 'QrCodeIssued', state: 'AWAITING_SCAN', generation: 1, expires: start + 218 * second },
      ],
      has: {
        deadline: start + 218 * second,
        renewal: null,
        prompt: {
          kind: 'QR_CODE',
          intent: 'qr-1',
          generation: 1,
          sent: start + 2 * second,
          issued: start + 3 * second,
          expires: start + 218 * second,
        },
      },
      secrets: { qrCode: secret },
    },
  },
  {
    name: 'the next generation takes the place of the old one',
    given: reissuing(),
    told: received('qr-2', 102 * second),
    follows: {
      kind: 'AWAITING_SCAN',
      events: [
        { kind: 'QrCodeIssued', state: 'AWAITING_SCAN', generation: 2, expires: start + 317 * second },
      ],
      has: { renewal: null, prompt: { generation: 2, intent: 'qr-2', sent: start + 101 * second } },
      secrets: { qrCode: secret },
    },
  },
  {
    name: 'a QR code of another intent is ignored',
    given: issuing(),
    told: received('qr-0', 3 * second),
    follows: 'nothing',
  },
  {
    name: 'a QR code that came twice is ignored',
    given: awaitingScan(),
    told: received('qr-1', 4 * second),
    follows: 'nothing',
  },
  {
    name: 'a refused QR code is asked for again after a second',
    given: issuing(),
    told: call('CallRefused', 'qr-1', 3 * second, refusal),
    follows: {
      kind: 'STARTING',
      events: [],
      has: { step: { kind: 'PROMPT', failures: 1, notBefore: start + 4 * second } },
    },
  },
  {
    name: 'a second refusal waits two seconds',
    given: reach(issuing(), call('CallRefused', 'qr-1', 3 * second, refusal), intended('qr-2', 4 * second)),
    told: call('CallRefused', 'qr-2', 5 * second, refusal),
    follows: {
      kind: 'STARTING',
      events: [],
      has: { step: { kind: 'PROMPT', failures: 2, notBefore: start + 7 * second } },
    },
  },
  {
    name: 'the third refusal ends the login with the upstream’s words',
    given: reach(
      issuing(),
      call('CallRefused', 'qr-1', 3 * second, refusal),
      intended('qr-2', 4 * second),
      call('CallRefused', 'qr-2', 5 * second, refusal),
      intended('qr-3', 7 * second),
    ),
    told: call('CallRefused', 'qr-3', 8 * second, refusal),
    follows: {
      kind: 'FAILED',
      events: [
        ended('FAILED', 'UPSTREAM_ERROR', 'START_AGAIN', {
          upstreamCode: '1001',
          upstreamMessage: '系统失败,请重试',
        }),
      ],
    },
  },
  {
    name: 'an unknown device is refused once: asking again would be answered the same',
    given: issuing(),
    told: call('CallRefused', 'qr-1', 3 * second, definite),
    follows: {
      kind: 'FAILED',
      events: [
        ended('FAILED', 'DEVICE_UNKNOWN', 'CONTACT_OPERATOR', {
          upstreamCode: '1001',
          upstreamMessage: '设备不存在',
        }),
      ],
    },
  },
  {
    name: 'a recycled device must be reset (S0:3)',
    given: issuing(),
    told: call('CallRefused', 'qr-1', 3 * second, { ...refusal, kind: 'RESET_REQUIRED' }),
    follows: {
      kind: 'FAILED',
      events: [
        ended('FAILED', 'DEVICE_RESET_REQUIRED', 'RESET_DEVICE', {
          upstreamCode: '1001',
          upstreamMessage: '系统失败,请重试',
        }),
      ],
    },
  },
  {
    name: 'a proxy that fails is the person’s to check (P 2.5)',
    given: issuing(),
    told: call('CallRefused', 'qr-1', 3 * second, { ...failure, kind: 'PROXY_FAILED' }),
    follows: { kind: 'FAILED', events: [ended('FAILED', 'PROXY_FAILED', 'CHECK_PROXY')] },
  },
  {
    name: 'a dead token ends a login that has shown nobody anything',
    given: issuing(),
    told: call('CallRefused', 'qr-1', 3 * second, { ...failure, kind: 'UNAUTHORIZED' }),
    follows: { kind: 'FAILED', events: [ended('FAILED', 'UPSTREAM_UNAUTHORIZED', 'CONTACT_OPERATOR')] },
  },
  {
    name: 'a refused later QR code is asked for again after a look: the old one may have been scanned (S2:1)',
    given: reissuing(),
    told: call('CallRefused', 'qr-2', 102 * second, refusal),
    follows: {
      kind: 'AWAITING_SCAN',
      events: [],
      has: { renewal: { kind: 'LOOK', failures: 1, notBefore: start + 103 * second } },
    },
  },
  {
    name: 'a later QR code that could not be sent for is asked for again after a look, uncounted',
    given: reissuing(),
    told: call('CallNotSent', 'qr-2', 102 * second),
    follows: {
      kind: 'AWAITING_SCAN',
      events: [],
      has: {
        issues: [start + 2 * second],
        renewal: { kind: 'LOOK', failures: 0, notBefore: start + 104 * second },
      },
    },
  },
  {
    name: 'that look sees a scan of the old code: no new one',
    given: reach(reissuing(), call('CallNotSent', 'qr-2', 102 * second)),
    told: polled(104 * second, scan),
    follows: {
      kind: 'AWAITING_CONFIRMATION',
      events: [{ kind: 'QrCodeScanned', state: 'AWAITING_CONFIRMATION' }],
      secrets: { qrCode: null },
      scanner: { nickName: null, avatarUrl: 'http://upstream.test/ann.png' },
    },
  },
  {
    name: 'where a poll hangs, an unanswered later QR code is asked for again at once',
    given: reissuing(hanging),
    told: call('CallUnanswered', 'qr-2', 121 * second),
    follows: { kind: 'AWAITING_SCAN', events: [], has: { renewal: { kind: 'PROMPT', failures: 1 } } },
  },
  {
    name: 'a refusal of another intent is ignored',
    given: issuing(),
    told: call('CallRefused', 'qr-0', 3 * second),
    follows: 'nothing',
  },
  {
    name: 'the hour’s limit of QR codes forbids asking again (S2:31)',
    given: issuing({ qrCodesPerHour: 2, recentQrCodes: [start - 600 * second] }),
    told: call('CallRefused', 'qr-1', 3 * second, refusal),
    follows: {
      kind: 'FAILED',
      events: [
        ended('FAILED', 'UPSTREAM_ERROR', 'START_AGAIN', {
          upstreamCode: '1001',
          upstreamMessage: '系统失败,请重试',
        }),
      ],
      has: { advisories: [{ code: 'TOO_MANY_ATTEMPTS', until: start + 3_000 * second }] },
    },
  },
  {
    name: 'an hour later the limit has forgotten the oldest code',
    given: issuing({ qrCodesPerHour: 2, recentQrCodes: [start + 3 * second - 3_600 * second] }),
    told: call('CallRefused', 'qr-1', 3 * second, refusal),
    follows: { kind: 'STARTING', events: [], has: { step: { kind: 'PROMPT' } } },
  },
  {
    name: 'an upstream that refused the connection was sent nothing: the code is not counted, and it is asked again',
    given: issuing(),
    told: call('CallNotSent', 'qr-1', 3 * second),
    follows: {
      kind: 'STARTING',
      events: [],
      has: { issues: [], step: { kind: 'PROMPT', failures: 0, notBefore: start + 5 * second } },
    },
  },
  {
    name: 'a refused connection of another intent is ignored',
    given: issuing(),
    told: call('CallNotSent', 'qr-0', 3 * second),
    follows: 'nothing',
  },
  {
    name: 'an unanswered QR code owes one poll before the next (design, unanswered intents)',
    given: issuing(),
    told: call('CallUnanswered', 'qr-1', 22 * second),
    follows: {
      kind: 'STARTING',
      events: [],
      has: {
        issues: [start + 2 * second],
        step: { kind: 'LOOK', failures: 1, notBefore: start + 22 * second },
      },
    },
  },
  {
    name: 'an unanswered later QR code owes one poll as well',
    given: reissuing(),
    told: call('CallUnanswered', 'qr-2', 121 * second),
    follows: {
      kind: 'AWAITING_SCAN',
      events: [],
      has: { renewal: { kind: 'LOOK', failures: 1, notBefore: start + 121 * second } },
    },
  },
  {
    name: 'where a poll hangs, an unanswered QR code is asked for again at once',
    given: issuing(hanging),
    told: call('CallUnanswered', 'qr-1', 22 * second),
    follows: { kind: 'STARTING', events: [], has: { step: { kind: 'PROMPT', failures: 1 } } },
  },
  {
    name: 'silence about another intent is ignored',
    given: issuing(),
    told: call('CallUnanswered', 'qr-0', 22 * second),
    follows: 'nothing',
  },
  {
    name: 'silence about another intent is ignored where a poll hangs',
    given: issuing(hanging),
    told: call('CallUnanswered', 'qr-0', 22 * second),
    follows: 'nothing',
  },
  {
    name: 'the look finds somebody signed in: confirmed',
    given: looking(),
    told: polled(21 * second, signedIn(ann)),
    follows: {
      kind: 'CONFIRMED',
      events: [
        {
          kind: 'LoginEnded',
          state: 'CONFIRMED',
          confirmedBy: 'QR_CODE',
          outcome: { reason: 'SIGNED_IN', upstreamCode: null, upstreamMessage: null, nextStep: 'NONE' },
        },
      ],
      has: { advisories: [{ code: 'OTHER_CLIENTS_KICK', until: null }] },
      signedIn: ann,
    },
  },
  {
    name: 'an answer that began before the code was asked for confirms nothing',
    given: looking(),
    told: polled(21 * second, signedIn(ann), second),
    follows: 'nothing',
  },
  ...[notScanned, scan, dead, declined, codeAsked, slider, unclear].map(
    (answer): Case => ({
      name: `nobody has seen the unanswered code, so ${answer.kind} says nothing: ask again`,
      given: looking(),
      told: polled(21 * second, answer),
      follows: {
        kind: 'STARTING',
        events: [],
        has: { step: { kind: 'PROMPT', failures: 1, notBefore: start + 22 * second } },
      },
    }),
  ),
  ...[notScanned, dead, codeAsked, slider, unclear].map(
    (answer): Case => ({
      name: `the look after an unanswered later code answers ${answer.kind}: ask again`,
      given: lookingAgain(),
      told: polled(122 * second, answer),
      follows: {
        kind: 'AWAITING_SCAN',
        events: [],
        has: { renewal: { kind: 'PROMPT', failures: 1, notBefore: start + 123 * second } },
      },
    }),
  ),
  {
    name: 'the look itself goes unanswered: ask again, and the failure is counted',
    given: looking(),
    told: pollFailed(30 * second),
    follows: {
      kind: 'STARTING',
      events: [],
      has: { health: { failures: 1 }, step: { kind: 'PROMPT', failures: 1, notBefore: start + 31 * second } },
    },
  },
  {
    name: 'the look before a later code goes unanswered: look again, since a scan cannot be ruled out',
    given: lookingAgain(),
    told: pollFailed(130 * second),
    follows: {
      kind: 'AWAITING_SCAN',
      events: [],
      has: { renewal: { kind: 'LOOK', failures: 1, notBefore: start + 132 * second } },
    },
  },
  {
    name: 'three codes unanswered: the upstream cannot be reached',
    given: lookingAfterThird(),
    told: polled(67 * second, notScanned),
    follows: { kind: 'FAILED', events: [ended('FAILED', 'UPSTREAM_UNREACHABLE', 'START_AGAIN')] },
  },
  {
    name: 'a poll means nothing before a prompt',
    given: prompting(),
    told: polled(2 * second, scan),
    follows: 'nothing',
  },
  {
    name: 'a wcId by a poll means nothing before a prompt',
    given: prompting(),
    told: polled(2 * second, signedIn(ann)),
    follows: 'nothing',
  },
  {
    name: 'the poll under way when a push was given up says that somebody signed in: confirmed by the push',
    given: reach(
      pushed({ expectedWcId: null }),
      call('CallNotSent', 'push-1', 3 * second),
      polled(5 * second, notScanned),
    ),
    told: polled(6 * second, signedIn(ann), 4 * second),
    follows: {
      kind: 'CONFIRMED',
      events: [
        {
          kind: 'LoginEnded',
          state: 'CONFIRMED',
          confirmedBy: 'PUSH',
          outcome: { reason: 'SIGNED_IN', upstreamCode: null, upstreamMessage: null, nextStep: 'NONE' },
        },
      ],
      signedIn: ann,
    },
  },
  {
    name: 'a failed poll before a prompt is counted and asks for nothing',
    given: prompting(),
    told: pollFailed(2 * second),
    follows: {
      kind: 'STARTING',
      events: [],
      has: { health: { failures: 1 }, step: { kind: 'PROMPT', failures: 0, notBefore: start + second } },
    },
  },
  {
    name: 'a failed poll means nothing to a code that is out but a failure counted',
    given: awaitingScan(),
    told: pollFailed(9 * second),
    follows: { kind: 'AWAITING_SCAN', events: [], has: { renewal: null, health: { failures: 1 } } },
  },
  {
    name: 'the intent to push is recorded as PushSent before anything is sent (design, open push)',
    given: prompting(byPush),
    told: intended('push-1', 2 * second),
    follows: {
      kind: 'AWAITING_CONFIRMATION',
      events: [{ kind: 'PushSent', state: 'AWAITING_CONFIRMATION', expires: start + 182 * second }],
      has: {
        deadline: start + 182 * second,
        firstMethod: 'PUSH',
        scanned: true,
        paused: false,
        issues: [],
        prompt: { kind: 'PUSH', intent: 'push-1', sent: start + 2 * second, answer: 'OWED', deadAnswers: 0 },
      },
    },
  },
  { name: 'no second push', given: pushed(), told: intended('push-2', 3 * second), follows: 'nothing' },
  {
    name: 'the deadline of STARTING is not believed early',
    given: prompting(),
    told: said('DeadlinePassed', 89 * second),
    follows: 'nothing',
  },
  {
    name: 'no prompt within 90 seconds: the upstream could not be reached',
    given: prompting(),
    told: said('DeadlinePassed', 90 * second),
    follows: { kind: 'FAILED', events: [ended('FAILED', 'UPSTREAM_UNREACHABLE', 'START_AGAIN')] },
  },
  {
    name: 'the end names what failed last',
    given: reach(looking(), pollFailed(30 * second)),
    told: said('DeadlinePassed', 90 * second),
    follows: { kind: 'FAILED', events: [ended('FAILED', 'UPSTREAM_UNREADABLE', 'START_AGAIN')] },
  },
  {
    name: 'no next code within 90 seconds: the upstream could not be reached',
    given: renewing(),
    told: said('DeadlinePassed', 190 * second),
    follows: { kind: 'FAILED', events: [ended('FAILED', 'UPSTREAM_UNREACHABLE', 'START_AGAIN')] },
  },
  {
    name: 'the whole login runs out before a prompt was out',
    given: reach(pushed(), call('CallNotSent', 'push-1', 3 * second), polled(895 * second, notScanned)),
    told: said('DeadlinePassed', 900 * second),
    follows: { kind: 'EXPIRED', events: [ended('EXPIRED', 'TIMED_OUT', 'START_AGAIN')] },
  },
]
