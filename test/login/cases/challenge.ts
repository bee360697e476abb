// What the person is asked beyond a tap: verify codes, sliders, a new device; and a caller who says stop.

import type { LoginEvent } from '../../../src/login/event.ts'
import type { Case } from '../case.ts'
import {
  ann,
  awaitingScan,
  bob,
  call,
  cancelled,
  codeAsked,
  codeRequired,
  codeSent,
  dead,
  declined,
  degradedIn,
  endedAs,
  intended,
  issuing,
  lookingAfterCode,
  notScanned,
  offlineUnknown,
  online,
  polled,
  pollFailed,
  prompting,
  pushed,
  reach,
  received,
  reissuing,
  rejected,
  renewing,
  said,
  scan,
  scanned,
  second,
  signedIn,
  silent,
  slider,
  sliding,
  start,
  starting,
  submitted,
  unseen,
  wished,
} from '../states.ts'

const required = (announcedBy: 'PERSON' | 'UPSTREAM'): LoginEvent => ({
  kind: 'VerifyCodeRequired',
  state: 'AWAITING_CODE',
  announcedBy,
})
const answer = (kind: 'UNPROVEN', at: number, intent = 'code-1') =>
  ({ kind: 'CodeAnswered', intent, at: start + at, answer: { kind } }) as const
const verified = (profile: typeof ann, at: number, intent = 'code-1') =>
  ({ kind: 'CodeAnswered', intent, at: start + at, answer: { kind: 'SIGNED_IN', profile } }) as const
const twiceWrong = () =>
  reach(
    codeSent(),
    rejected('code-1', 32 * second),
    submitted(40 * second, '2', 'two'),
    intended('code-2', 41 * second),
    rejected('code-2', 42 * second),
    submitted(50 * second, '3', 'three'),
    intended('code-3', 51 * second),
  )
const lateCode = { codesSpent: 1 } as const
const lapsingCode = () => reach(codeRequired(), said('DeadlinePassed', 200 * second))
const thirdSlider = () =>
  reach(
    sliding(),
    said('SliderReported', 20 * second),
    polled(21 * second, slider),
    said('SliderReported', 30 * second),
    polled(31 * second, slider),
    said('SliderReported', 40 * second),
  )
const toMac = (state: LoginEvent['state'] = 'STARTING'): LoginEvent => ({
  kind: 'MethodChanged',
  state,
  method: 'QR_CODE',
  deviceType: 'MAC',
  reason: 'NEW_DEVICE_VERIFICATION',
  upstreamMessage: null,
})
const allErased = { qrCode: null, code: null, sliderUrl: null }
const paused = () => scanned({ pauseAtScan: true })
const endOfAll = { deadlines: { ...starting().terms.deadlines, whole: 60 * second } } as const

export const challengeCases: readonly Case[] = [
  ...(
    [
      ['an unscanned code', awaitingScan(), { kind: 'AWAITING_SCAN', deadline: start + 218 * second }],
      ['a scanned code', scanned(), { kind: 'AWAITING_CONFIRMATION', deadline: start + 218 * second }],
      ['a push', pushed(), { kind: 'AWAITING_CONFIRMATION', deadline: start + 182 * second }],
      [
        'a slider',
        sliding(),
        { kind: 'AWAITING_SLIDER', deadline: start + 190 * second, requested: start + 10 * second },
      ],
    ] as const
  ).map(
    ([what, given, back]): Case => ({
      name: `the phone asks for a code, the person at ${what} says: 180 seconds to enter it (S3)`,
      given,
      told: said('CodePromptReported', 20 * second),
      follows: {
        kind: 'AWAITING_CODE',
        events: [required('PERSON')],
        has: { deadline: start + 200 * second, requested: start + 20 * second, announcedBy: 'PERSON', back },
      },
    }),
  ),
  ...(
    [
      ['an unscanned code', awaitingScan()],
      ['a scanned code', scanned()],
      ['a slider', sliding()],
    ] as const
  ).map(
    ([what, given]): Case => ({
      name: `the upstream asks for a code at ${what}, where it announces it (S4)`,
      given,
      told: polled(20 * second, codeAsked),
      follows: { kind: 'AWAITING_CODE', events: [required('UPSTREAM')], has: { announcedBy: 'UPSTREAM' } },
    }),
  ),
  {
    name: 'a code asked for before the prompt is of no prompt of this login',
    given: scanned(),
    told: polled(20 * second, codeAsked, second),
    follows: 'nothing',
  },
  {
    name: 'a code asked for is asked for once',
    given: codeRequired(),
    told: said('CodePromptReported', 21 * second),
    follows: 'nothing',
  },
  {
    name: 'a poll that was under way when the code was reported says nothing',
    given: codeRequired(),
    told: polled(21 * second, scan, 19 * second),
    follows: 'nothing',
  },
  ...(
    [
      ['a code prompt', reach(awaitingScan(), said('CodePromptReported', 20 * second)), 'AWAITING_CODE'],
      [
        'a code that waits',
        reach(awaitingScan(), said('CodePromptReported', 20 * second), submitted(21 * second)),
        'VERIFYING_CODE',
      ],
    ] as const
  ).map(
    ([what, given, kind]): Case => ({
      name: `the poll under way tells of the scan at ${what}: the way back is to the confirmation (S2:1)`,
      given,
      told: polled(22 * second, scan, 19 * second),
      follows: {
        kind,
        events: [{ kind: 'QrCodeScanned', state: kind }],
        has: {
          scanned: true,
          back: { kind: 'AWAITING_CONFIRMATION', deadline: start + 218 * second, scanned: true },
        },
        secrets: { qrCode: null },
        scanner: { nickName: null, avatarUrl: 'http://upstream.test/ann.png' },
      },
    }),
  ),
  {
    name: 'a scan from before the prompt is none of this login’s code prompt',
    given: reach(awaitingScan(), said('CodePromptReported', 20 * second)),
    told: polled(22 * second, scan, second),
    follows: 'nothing',
  },
  {
    name: 'at the last look a scan is no way back',
    given: reach(
      awaitingScan(),
      said('CodePromptReported', 20 * second),
      said('DeadlinePassed', 200 * second),
    ),
    told: polled(201 * second, scan, 190 * second),
    follows: 'nothing',
  },
  {
    name: 'the report is taken back: to the scan, with its own deadline',
    given: codeRequired(),
    told: said('CodePromptWithdrawn', 30 * second),
    follows: {
      kind: 'AWAITING_CONFIRMATION',
      events: [{ kind: 'VerifyCodePromptWithdrawn', state: 'AWAITING_CONFIRMATION' }],
      has: { deadline: start + 218 * second, paused: false },
    },
  },
  {
    name: 'taken back late it leaves at least a minute',
    given: codeRequired(),
    told: said('CodePromptWithdrawn', 190 * second),
    follows: {
      kind: 'AWAITING_CONFIRMATION',
      events: [{ kind: 'VerifyCodePromptWithdrawn', state: 'AWAITING_CONFIRMATION' }],
      has: { deadline: start + 250 * second },
    },
  },
  {
    name: 'taken back at an unscanned code: it waits to be scanned',
    given: reach(awaitingScan(), said('CodePromptReported', 20 * second)),
    told: said('CodePromptWithdrawn', 30 * second),
    follows: {
      kind: 'AWAITING_SCAN',
      events: [{ kind: 'VerifyCodePromptWithdrawn', state: 'AWAITING_SCAN' }],
      has: { renewal: null, scanned: false, deadline: start + 218 * second, prompt: { generation: 1 } },
    },
  },
  {
    name: 'taken back at a slider: the slider is still there',
    given: reach(sliding(), said('CodePromptReported', 20 * second)),
    told: said('CodePromptWithdrawn', 30 * second),
    follows: {
      kind: 'AWAITING_SLIDER',
      events: [{ kind: 'VerifyCodePromptWithdrawn', state: 'AWAITING_SLIDER' }],
      has: { requested: start + 10 * second, deadline: start + 190 * second },
    },
  },
  {
    name: 'taken back at a push: the push is still there',
    given: reach(pushed(), said('CodePromptReported', 20 * second)),
    told: said('CodePromptWithdrawn', 30 * second),
    follows: {
      kind: 'AWAITING_CONFIRMATION',
      events: [{ kind: 'VerifyCodePromptWithdrawn', state: 'AWAITING_CONFIRMATION' }],
      has: { deadline: start + 182 * second, prompt: { kind: 'PUSH' } },
    },
  },
  {
    name: 'where no code was reported nothing is taken back',
    given: scanned(),
    told: said('CodePromptWithdrawn', 30 * second),
    follows: 'nothing',
  },
  {
    name: 'at a paused scan the person says that no code is asked for: polling begins',
    given: paused(),
    told: said('CodePromptWithdrawn', 30 * second),
    follows: {
      kind: 'AWAITING_CONFIRMATION',
      events: [{ kind: 'VerifyCodePromptWithdrawn', state: 'AWAITING_CONFIRMATION' }],
      has: { paused: false, deadline: start + 218 * second },
    },
  },
  {
    name: 'a code is submitted: a wish, kept sealed until its owner sends it (what must always hold, 3)',
    given: codeRequired(),
    told: submitted(30 * second),
    follows: {
      kind: 'VERIFYING_CODE',
      events: [{ kind: 'VerifyCodeSubmitted', state: 'VERIFYING_CODE' }],
      has: {
        mark: 'mark of 123456',
        requested: start + 20 * second,
        announcedBy: 'PERSON',
        codesSpent: 0,
        step: { kind: 'WISH', since: start + 30 * second, failures: 0 },
        lapses: start + 200 * second,
        deadline: start + 200 * second,
        back: { kind: 'AWAITING_CONFIRMATION' },
      },
      secrets: { code: '123456' },
    },
  },
  {
    name: 'a code that nobody asked for is not taken',
    given: scanned(),
    told: submitted(30 * second),
    follows: 'nothing',
  },
  {
    name: 'the same code again while it is verified is no second one',
    given: wished(),
    told: submitted(31 * second),
    follows: 'nothing',
  },
  {
    name: 'the intent to send the code is recorded: 30 seconds for its answer',
    given: wished(),
    told: intended('code-1', 31 * second),
    follows: {
      kind: 'VERIFYING_CODE',
      events: [],
      has: {
        step: { kind: 'SENT', intent: { id: 'code-1', recorded: start + 31 * second }, failures: 0 },
        deadline: start + 61 * second,
      },
    },
  },
  {
    name: 'no code is sent twice',
    given: codeSent(),
    told: intended('code-2', 32 * second),
    follows: 'nothing',
  },
  {
    name: 'no code is sent again while it is looked after',
    given: lookingAfterCode(),
    told: intended('code-2', 42 * second),
    follows: 'nothing',
  },
  {
    name: 'the code signs the account in',
    given: codeSent(),
    told: verified(ann, 32 * second),
    follows: {
      kind: 'CONFIRMED',
      events: [endedAs('CONFIRMED', 'SIGNED_IN', 'NONE', silent, 'QR_CODE')],
      signedIn: ann,
    },
  },
  {
    name: 'the code signs another account in than expected',
    given: codeSent({ expectedWcId: 'wxid_ann' }),
    told: verified(bob, 32 * second),
    follows: { kind: 'FAILED', events: [endedAs('FAILED', 'WRONG_ACCOUNT', 'LOG_OUT_FIRST')], signedIn: bob },
  },
  {
    name: 'the answer to another code is ignored',
    given: codeSent(),
    told: verified(ann, 32 * second, 'code-0'),
    follows: 'nothing',
  },
  {
    name: 'the answer to a code that was not sent is ignored',
    given: wished(),
    told: verified(ann, 32 * second),
    follows: 'nothing',
  },
  {
    name: 'a wrong code is asked for again, within the time of the prompt',
    given: codeSent(),
    told: rejected('code-1', 32 * second),
    follows: {
      kind: 'AWAITING_CODE',
      events: [
        {
          kind: 'VerifyCodeRejected',
          state: 'AWAITING_CODE',
          attemptsLeft: 2,
          upstreamMessage: '验证码错误',
        },
      ],
      has: {
        codesSpent: 1,
        requested: start + 20 * second,
        deadline: start + 200 * second,
        announcedBy: 'PERSON',
      },
      secrets: { code: null },
    },
  },
  {
    name: 'a wrong code late in the prompt leaves at least a minute',
    given: reach(codeRequired(), submitted(180 * second), intended('code-1', 181 * second)),
    told: rejected('code-1', 190 * second),
    follows: {
      kind: 'AWAITING_CODE',
      events: [
        {
          kind: 'VerifyCodeRejected',
          state: 'AWAITING_CODE',
          attemptsLeft: 2,
          upstreamMessage: '验证码错误',
        },
      ],
      has: { ...lateCode, deadline: start + 250 * second },
      secrets: { code: null },
    },
  },
  {
    name: 'the refusal of another code is ignored',
    given: codeSent(),
    told: rejected('code-0', 32 * second),
    follows: 'nothing',
  },
  {
    name: 'the third wrong code fails the login',
    given: twiceWrong(),
    told: rejected('code-3', 52 * second),
    follows: {
      kind: 'FAILED',
      events: [
        endedAs('FAILED', 'CODE_REJECTED', 'START_AGAIN', {
          upstreamCode: '1001',
          upstreamMessage: '验证码错误',
        }),
      ],
    },
  },
  {
    name: 'the refusal of an earlier code does not fail the third',
    given: twiceWrong(),
    told: rejected('code-2', 52 * second),
    follows: 'nothing',
  },
  ...(
    [
      ['an answer without a wcId', answer('UNPROVEN', 40 * second)],
      ['no answer', call('CallUnanswered', 'code-1', 40 * second)],
      ['an answer that says nothing of the code', call('CallRefused', 'code-1', 40 * second)],
    ] as const
  ).map(
    ([what, told]): Case => ({
      name: `${what} proves nothing: look who is online, a second later, and never by a poll (design)`,
      given: codeSent(),
      told,
      follows: {
        kind: 'VERIFYING_CODE',
        events: [],
        has: { codesSpent: 0, step: { kind: 'LOOK', notBefore: start + 41 * second } },
        secrets: { code: null },
      },
    }),
  ),
  {
    name: 'silence about another code is ignored',
    given: codeSent(),
    told: call('CallUnanswered', 'code-0', 40 * second),
    follows: 'nothing',
  },
  {
    name: 'a code that could not be sent is still a wish',
    given: codeSent(),
    told: call('CallNotSent', 'code-1', 32 * second),
    follows: {
      kind: 'VERIFYING_CODE',
      events: [],
      has: {
        codesSpent: 0,
        deadline: start + 200 * second,
        step: { kind: 'WISH', since: start + 33 * second, failures: 1 },
      },
    },
  },
  {
    name: 'another code that could not be sent is ignored',
    given: codeSent(),
    told: call('CallNotSent', 'code-0', 32 * second),
    follows: 'nothing',
  },
  {
    name: 'the look finds the account signed in: the lost answer was a success',
    given: lookingAfterCode(),
    told: online(ann, 42 * second),
    follows: {
      kind: 'CONFIRMED',
      events: [endedAs('CONFIRMED', 'SIGNED_IN', 'NONE', silent, 'QR_CODE')],
      signedIn: ann,
    },
  },
  ...(
    [
      ['finds nobody', online(null, 42 * second)],
      ['is not answered', offlineUnknown(45 * second)],
    ] as const
  ).map(
    ([what, told]): Case => ({
      name: `the look ${what}: the code is spent and asked for again`,
      given: lookingAfterCode(),
      told,
      follows: {
        kind: 'AWAITING_CODE',
        events: [{ kind: 'VerifyCodeUnanswered', state: 'AWAITING_CODE', attemptsLeft: 2 }],
        has: { codesSpent: 1, deadline: start + 200 * second },
      },
    }),
  ),
  {
    name: 'an online check is not what answers a code',
    given: codeSent(),
    told: online(ann, 32 * second),
    follows: 'nothing',
  },
  {
    name: 'that nobody is online does not answer a code',
    given: codeSent(),
    told: online(null, 32 * second),
    follows: 'nothing',
  },
  {
    name: 'the third code unanswered: no attempt is left, and nobody knows what it did',
    given: reach(twiceWrong(), call('CallUnanswered', 'code-3', 60 * second)),
    told: online(null, 62 * second),
    follows: { kind: 'EXPIRED', events: [endedAs('EXPIRED', 'CODE_EXPIRED', 'START_AGAIN')] },
  },
  {
    name: 'a code unanswered for 30 seconds is looked after at once',
    given: codeSent(),
    told: said('DeadlinePassed', 61 * second),
    follows: {
      kind: 'VERIFYING_CODE',
      events: [],
      has: { lastLook: null, step: { kind: 'LOOK', notBefore: start + 61 * second } },
      secrets: { code: null },
    },
  },
  {
    name: 'and not a moment earlier',
    given: codeSent(),
    told: said('DeadlinePassed', 60 * second),
    follows: 'nothing',
  },
  {
    name: 'a look that is under way is not begun again',
    given: lookingAfterCode(),
    told: said('DeadlinePassed', 61 * second),
    follows: 'nothing',
  },
  {
    name: 'each try that could not be sent waits longer for the next',
    given: reach(codeSent(), call('CallNotSent', 'code-1', 32 * second), intended('code-2', 33 * second)),
    told: call('CallNotSent', 'code-2', 34 * second),
    follows: {
      kind: 'VERIFYING_CODE',
      events: [],
      has: { step: { kind: 'WISH', since: start + 36 * second, failures: 2 } },
    },
  },
  {
    name: 'a code entered in the last seconds of its prompt has a minute to be sent',
    given: codeRequired(),
    told: submitted(195 * second),
    follows: {
      kind: 'VERIFYING_CODE',
      events: [{ kind: 'VerifyCodeSubmitted', state: 'VERIFYING_CODE' }],
      has: { lapses: start + 255 * second, deadline: start + 255 * second },
      secrets: { code: '123456' },
    },
  },
  {
    name: 'a code that could not be sent within the time of its prompt: one last look, the code erased',
    given: wished(),
    told: said('DeadlinePassed', 200 * second),
    follows: {
      kind: 'VERIFYING_CODE',
      events: [],
      has: { lastLook: { because: 'CODE_EXPIRED', since: start + 200 * second, failures: 0 } },
      secrets: { code: null },
    },
  },
  {
    name: 'a code that waits has until then',
    given: wished(),
    told: said('DeadlinePassed', 199 * second),
    follows: 'nothing',
  },
  {
    name: 'the whole login runs out while a code is unanswered: one last look',
    given: codeSent(endOfAll),
    told: said('DeadlinePassed', 60 * second),
    follows: {
      kind: 'VERIFYING_CODE',
      events: [],
      has: { lastLook: { because: 'TIMED_OUT' }, step: { kind: 'SENT' } },
      secrets: { code: null },
    },
  },
  {
    name: 'a look after a code outlives the whole login',
    given: lookingAfterCode(endOfAll),
    told: said('DeadlinePassed', 60 * second),
    follows: 'nothing',
  },
  {
    name: 'that last look shows nothing: expired',
    given: reach(wished(), said('DeadlinePassed', 200 * second)),
    told: polled(201 * second, notScanned),
    follows: { kind: 'EXPIRED', events: [endedAs('EXPIRED', 'CODE_EXPIRED', 'START_AGAIN')] },
  },
  {
    name: 'that last look goes unanswered: timed out',
    given: unseen(reach(wished(endOfAll), said('DeadlinePassed', 60 * second)), 61 * second),
    told: pollFailed(70 * second),
    follows: {
      kind: 'EXPIRED',
      events: [degradedIn('VERIFYING_CODE'), endedAs('EXPIRED', 'TIMED_OUT', 'START_AGAIN')],
    },
  },
  {
    name: 'the deadline of a code prompt owes one last look',
    given: codeRequired(),
    told: said('DeadlinePassed', 200 * second),
    follows: {
      kind: 'AWAITING_CODE',
      events: [],
      has: { lastLook: { because: 'CODE_EXPIRED', since: start + 200 * second } },
    },
  },
  ...[notScanned, scan, dead, declined, codeAsked, slider].map(
    (shown): Case => ({
      name: `the last look at a code prompt answers ${shown.kind}: expired`,
      given: lapsingCode(),
      told: polled(201 * second, shown),
      follows: { kind: 'EXPIRED', events: [endedAs('EXPIRED', 'CODE_EXPIRED', 'START_AGAIN')] },
    }),
  ),
  ...[notScanned, scan, dead, declined, codeAsked, slider].map(
    (shown): Case => ({
      name: `the last look at a code that waits answers ${shown.kind}: timed out`,
      given: reach(wished(endOfAll), said('DeadlinePassed', 60 * second)),
      told: polled(61 * second, shown),
      follows: { kind: 'EXPIRED', events: [endedAs('EXPIRED', 'TIMED_OUT', 'START_AGAIN')] },
    }),
  ),
  {
    name: 'a poll from before the deadline does not lapse a code prompt',
    given: lapsingCode(),
    told: polled(201 * second, notScanned, 199 * second),
    follows: 'nothing',
  },
  {
    name: 'the second scanned login in a row that dies at the code: try as MAC (S2:42)',
    given: reach(codeRequired({ scannedUnconfirmed: 1 }), said('DeadlinePassed', 200 * second)),
    told: polled(201 * second, notScanned),
    follows: { kind: 'EXPIRED', events: [endedAs('EXPIRED', 'CODE_EXPIRED', 'START_AGAIN_AS_MAC')] },
  },
  {
    name: 'the last look at a code prompt goes unanswered: expired',
    given: unseen(lapsingCode(), 201 * second),
    told: pollFailed(210 * second),
    follows: {
      kind: 'EXPIRED',
      events: [degradedIn('AWAITING_CODE'), endedAs('EXPIRED', 'CODE_EXPIRED', 'START_AGAIN')],
    },
  },
  {
    name: 'a failed poll at a code prompt is counted and ends nothing',
    given: codeRequired(),
    told: pollFailed(30 * second, 'UNREADABLE', 19 * second),
    follows: { kind: 'AWAITING_CODE', events: [], has: { health: { failures: 1 } } },
  },
  {
    name: 'a slider page is put before the person, its link sealed (S4)',
    given: awaitingScan(),
    told: polled(10 * second, slider),
    follows: {
      kind: 'AWAITING_SLIDER',
      events: [{ kind: 'SliderRequired', state: 'AWAITING_SLIDER' }],
      has: { sliders: 1, scanned: true, requested: start + 10 * second, deadline: start + 190 * second },
      secrets: { qrCode: null, sliderUrl: 'http://upstream.test/slider' },
    },
  },
  {
    name: 'a slider after the scan as well',
    given: scanned(),
    told: polled(20 * second, slider),
    follows: {
      kind: 'AWAITING_SLIDER',
      events: [{ kind: 'SliderRequired', state: 'AWAITING_SLIDER' }],
      has: { sliders: 1, deadline: start + 200 * second },
      secrets: { qrCode: null, sliderUrl: 'http://upstream.test/slider' },
    },
  },
  {
    name: 'a slider from before the prompt is ignored',
    given: scanned(),
    told: polled(20 * second, slider, second),
    follows: 'nothing',
  },
  {
    name: 'a slider that is out is not put before the person again',
    given: sliding(),
    told: polled(20 * second, slider),
    follows: 'nothing',
  },
  {
    name: 'the fourth slider ends the login',
    given: thirdSlider(),
    told: polled(41 * second, slider),
    follows: { kind: 'EXPIRED', events: [endedAs('EXPIRED', 'SLIDER_EXPIRED', 'START_AGAIN')] },
  },
  {
    name: 'the fourth slider ends the login at a new code as well',
    given: reach(
      thirdSlider(),
      said('NewDevicePromptReported', 41 * second),
      intended('qr-2', 42 * second),
      received('qr-2', 43 * second),
    ),
    told: polled(50 * second, slider),
    follows: { kind: 'EXPIRED', events: [endedAs('EXPIRED', 'SLIDER_EXPIRED', 'START_AGAIN')] },
  },
  {
    name: 'the slider is reported solved: 255 seconds for the phone',
    given: sliding(),
    told: said('SliderReported', 20 * second),
    follows: {
      kind: 'AWAITING_CONFIRMATION',
      events: [{ kind: 'SliderReportedSolved', state: 'AWAITING_CONFIRMATION' }],
      has: { deadline: start + 275 * second, paused: false, sliders: 1 },
      secrets: { sliderUrl: null },
    },
  },
  {
    name: 'where no slider is out none is solved',
    given: scanned(),
    told: said('SliderReported', 20 * second),
    follows: 'nothing',
  },
  {
    name: 'the deadline of a slider owes one last look',
    given: sliding(),
    told: said('DeadlinePassed', 190 * second),
    follows: { kind: 'AWAITING_SLIDER', events: [], has: { lastLook: { because: 'SLIDER_EXPIRED' } } },
  },
  ...[notScanned, scan, dead, slider].map(
    (shown): Case => ({
      name: `the last look at a slider answers ${shown.kind}: expired`,
      given: reach(sliding(), said('DeadlinePassed', 190 * second)),
      told: polled(191 * second, shown),
      follows: { kind: 'EXPIRED', events: [endedAs('EXPIRED', 'SLIDER_EXPIRED', 'START_AGAIN')] },
    }),
  ),
  {
    name: 'the whole login runs out at a slider: timed out',
    given: reach(sliding(endOfAll), said('DeadlinePassed', 60 * second)),
    told: polled(61 * second, scan),
    follows: { kind: 'EXPIRED', events: [endedAs('EXPIRED', 'TIMED_OUT', 'START_AGAIN')] },
  },
  {
    name: 'the last look at a slider goes unanswered: expired',
    given: unseen(reach(sliding(), said('DeadlinePassed', 190 * second)), 191 * second),
    told: pollFailed(200 * second),
    follows: {
      kind: 'EXPIRED',
      events: [degradedIn('AWAITING_SLIDER'), endedAs('EXPIRED', 'SLIDER_EXPIRED', 'START_AGAIN')],
    },
  },
  {
    name: 'a scan seen at a slider says nothing new',
    given: sliding(),
    told: polled(20 * second, scan),
    follows: 'nothing',
  },
  {
    name: 'an empty answer at a slider says nothing',
    given: sliding(),
    told: polled(20 * second, notScanned),
    follows: 'nothing',
  },
  ...(
    [
      ['an unscanned code', awaitingScan()],
      ['a scanned code', scanned()],
      ['a code prompt', codeRequired()],
    ] as const
  ).map(
    ([what, given]): Case => ({
      name: `the phone asks for a new device at ${what}: on as MAC with a QR code of its own (S2:42, S4:18)`,
      given,
      told: said('NewDevicePromptReported', 40 * second),
      follows: {
        kind: 'STARTING',
        events: [toMac()],
        has: {
          deviceType: 'MAC',
          issuesAllowed: 4,
          scanned: true,
          lastLook: null,
          deadline: start + 130 * second,
          step: { kind: 'PROMPT', failures: 0, notBefore: start + 40 * second },
        },
        secrets: allErased,
      },
    }),
  ),
  ...(
    [
      ['an unscanned code', awaitingScan({ deviceType: 'MAC' })],
      ['a scanned code', scanned({ deviceType: 'MAC' })],
      ['a code prompt', codeRequired({ deviceType: 'MAC' })],
    ] as const
  ).map(
    ([what, given]): Case => ({
      name: `the phone asks for a new device at ${what} on MAC: nothing is left to try`,
      given,
      told: said('NewDevicePromptReported', 40 * second),
      follows: { kind: 'FAILED', events: [endedAs('FAILED', 'NEW_DEVICE_VERIFICATION', 'CONTACT_OPERATOR')] },
    }),
  ),
  {
    name: 'a QR code as MAC that the hour’s limit forbids is not issued',
    given: scanned({ qrCodesPerHour: 1 }),
    told: said('NewDevicePromptReported', 40 * second),
    follows: {
      kind: 'EXPIRED',
      events: [endedAs('EXPIRED', 'QR_CODE_EXPIRED', 'START_AGAIN_WITH_QR_CODE')],
      has: { advisories: [{ code: 'TOO_MANY_ATTEMPTS', until: start + 3_602 * second }] },
    },
  },
  ...(
    [
      ['STARTING', starting()],
      ['an open intent', issuing()],
      ['a QR code', awaitingScan()],
      ['a renewal', renewing()],
      ['a scanned code', scanned()],
      ['a push', pushed()],
      ['a code prompt', codeRequired()],
      ['a code that waits', wished()],
      ['a code that was sent', codeSent()],
      ['a slider', sliding()],
    ] as const
  ).map(
    ([what, given]): Case => ({
      name: `the caller says stop at ${what}: cancelled, every secret erased`,
      given,
      told: cancelled(60 * second),
      follows: { kind: 'CANCELLED', events: [endedAs('CANCELLED', 'CANCELLED_BY_CALLER', 'START_AGAIN')] },
    }),
  ),
  {
    name: 'a login that makes room for another is superseded',
    given: awaitingScan(),
    told: { kind: 'CancelAsked', at: start + 20 * second, by: 'SUPERSEDED' },
    follows: { kind: 'CANCELLED', events: [endedAs('CANCELLED', 'SUPERSEDED', 'NONE')] },
  },
  {
    name: 'no code can be reported before a prompt',
    given: prompting(),
    told: said('CodePromptReported', 2 * second),
    follows: 'nothing',
  },
  {
    name: 'a code reported while the next QR code is being sent for is believed',
    given: reissuing(),
    told: said('CodePromptReported', 102 * second),
    follows: { kind: 'AWAITING_CODE', events: [required('PERSON')], has: { prompt: { generation: 1 } } },
  },
  {
    name: 'a wcId in the answer to an older poll confirms no code',
    given: wished(),
    told: polled(31 * second, signedIn(ann), second),
    follows: 'nothing',
  },
]
