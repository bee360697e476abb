import type { Case } from '../case.ts'
import {
  ann,
  awaitingScan,
  bob,
  call,
  changedTo,
  codeRequired,
  codeSent,
  dead,
  declined,
  degradedIn,
  endedAs,
  failure,
  intended,
  lookingAfterCode,
  notScanned,
  polled,
  pollFailed,
  pushed,
  reach,
  received,
  refusal,
  reissuing,
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
  tell,
  unseen,
  wished,
} from '../states.ts'

const words = { upstreamCode: '1001', upstreamMessage: '登录信息失效，请使用扫码登录' }
const cancelledWords = { upstreamCode: '1001', upstreamMessage: '用户取消登录' }

const allErased = { qrCode: null, code: null, sliderUrl: null }

const asked = () => reach(awaitingScan(), said('QrCodeRefreshAsked', 20 * second))
const lapsing = () => reach(awaitingScan(), said('DeadlinePassed', 218 * second))
const third = () =>
  reach(
    reissuing(),
    received('qr-2', 102 * second),
    polled(150 * second, dead),
    intended('qr-3', 151 * second),
    received('qr-3', 152 * second),
  )
const lapsingScan = () => reach(scanned(), said('DeadlinePassed', 218 * second))
const push = { kind: 'PushAnswered', intent: 'push-1' } as const
const answered = (at: number, kind: 'REFUSED' | 'DECLINED' | 'LAPSED', intent = 'push-1') =>
  ({
    ...push,
    intent,
    at: start + at,
    answer: { kind, upstreamCode: '1001', upstreamMessage: '二次登录失败' },
  }) as const
const accepted = (at: number, intent = 'push-1') =>
  ({ ...push, intent, at: start + at, answer: { kind: 'ACCEPTED' } }) as const
const refusedPush = () => reach(pushed(), answered(10 * second, 'REFUSED'))
const onlyPush = { strategy: 'PUSH' } as const
const twiceDead = () => reach(pushed(), polled(30 * second, dead), polled(31 * second, dead))
const degraded = (state = awaitingScan()) =>
  reach(state, pollFailed(200 * second), pollFailed(203 * second), pollFailed(206 * second))

export const promptCases: readonly Case[] = [
  {
    name: 'a scan is seen: the code is erased, who it was is kept aside, the person must confirm (P 3.3)',
    given: awaitingScan(),
    told: polled(10 * second, { ...scan, nickName: 'Ann' } as typeof scan),
    follows: {
      kind: 'AWAITING_CONFIRMATION',
      events: [{ kind: 'QrCodeScanned', state: 'AWAITING_CONFIRMATION' }],
      has: {
        scanned: true,
        paused: false,
        deadline: start + 218 * second,
        lastLook: null,
        prompt: { generation: 1 },
      },
      secrets: { qrCode: null },
      scanner: { nickName: 'Ann', avatarUrl: 'http://upstream.test/ann.png' },
    },
  },
  {
    name: 'a scan in the last seconds leaves at least a minute to confirm',
    given: awaitingScan(),
    told: polled(210 * second, scan),
    follows: {
      kind: 'AWAITING_CONFIRMATION',
      events: [{ kind: 'QrCodeScanned', state: 'AWAITING_CONFIRMATION' }],
      has: { deadline: start + 270 * second },
      secrets: { qrCode: null },
      scanner: { nickName: null, avatarUrl: 'http://upstream.test/ann.png' },
    },
  },
  {
    name: 'after a login that ended CODE_REJECTED polling pauses at the scan (design, open code)',
    given: awaitingScan({ pauseAtScan: true }),
    told: polled(10 * second, scan),
    follows: {
      kind: 'AWAITING_CONFIRMATION',
      events: [{ kind: 'QrCodeScanned', state: 'AWAITING_CONFIRMATION' }],
      has: { paused: true },
      secrets: { qrCode: null },
      scanner: { nickName: null, avatarUrl: 'http://upstream.test/ann.png' },
    },
  },
  {
    name: 'a scan answered to a poll from before the code is of no code of this login',
    given: awaitingScan(),
    told: polled(10 * second, scan, second),
    follows: 'nothing',
  },
  {
    name: 'a scan of the old code that comes while the next is being sent for is too late',
    given: reissuing(),
    told: polled(102 * second, scan),
    follows: 'nothing',
  },
  {
    name: 'a scan seen before the next code was sent for keeps the old one (S2:1)',
    given: renewing(),
    told: polled(101 * second, scan),
    follows: {
      kind: 'AWAITING_CONFIRMATION',
      events: [{ kind: 'QrCodeScanned', state: 'AWAITING_CONFIRMATION' }],
      secrets: { qrCode: null },
      scanner: { nickName: null, avatarUrl: 'http://upstream.test/ann.png' },
    },
  },
  {
    name: 'an unscanned code polled again: nothing to write',
    given: awaitingScan(),
    told: polled(10 * second, notScanned),
    follows: 'nothing',
  },
  {
    name: 'a scan seen again: nothing to write',
    given: scanned(),
    told: polled(11 * second, scan),
    follows: 'nothing',
  },
  {
    name: 'an empty answer after the scan says nothing',
    given: scanned(),
    told: polled(11 * second, notScanned),
    follows: 'nothing',
  },
  ...(
    [
      ['a QR code', awaitingScan(), 'QR_CODE'],
      ['a scanned code', scanned(), 'QR_CODE'],
      ['a push', pushed({ expectedWcId: null }), 'PUSH'],
      ['a code prompt', codeRequired(), 'QR_CODE'],
      ['a code that waits to be sent', wished(), 'QR_CODE'],
      ['a slider', sliding(), 'QR_CODE'],
    ] as const
  ).map(
    ([what, given, by]): Case => ({
      name: `${what} is confirmed by a wcId from a poll that began afterwards (S3)`,
      given,
      told: polled(60 * second, signedIn(ann)),
      follows: {
        kind: 'CONFIRMED',
        events: [endedAs('CONFIRMED', 'SIGNED_IN', 'NONE', silent, by)],
        has: { confirmedBy: by },
        signedIn: ann,
      },
    }),
  ),
  ...(
    [
      ['a QR code', awaitingScan()],
      ['a scanned code', scanned()],
      ['a push', pushed()],
      ['a code prompt', codeRequired()],
      ['a slider', sliding()],
    ] as const
  ).map(
    ([what, given]): Case => ({
      name: `${what} is not confirmed by an answer that began before it was sent (what must always hold, 6)`,
      given,
      told: polled(60 * second, signedIn(ann), second),
      follows: 'nothing',
    }),
  ),
  {
    name: 'a first sign-in on a device brings its warnings (S2:70, S4:21)',
    given: scanned({ firstOnDevice: true }),
    told: polled(12 * second, signedIn(ann)),
    follows: {
      kind: 'CONFIRMED',
      events: [endedAs('CONFIRMED', 'SIGNED_IN', 'NONE', silent, 'QR_CODE')],
      has: {
        advisories: [
          { code: 'OTHER_CLIENTS_KICK', until: null },
          { code: 'FIRST_DAY_DROP_EXPECTED', until: start + 12 * second + 86_400 * second },
          { code: 'MOMENTS_RESTRICTED', until: start + 12 * second + 3 * 86_400 * second },
        ],
      },
      signedIn: ann,
    },
  },
  {
    name: 'another account than expected fails the login and is kept',
    given: scanned({ expectedWcId: 'wxid_ann' }),
    told: polled(12 * second, signedIn(bob)),
    follows: { kind: 'FAILED', events: [endedAs('FAILED', 'WRONG_ACCOUNT', 'LOG_OUT_FIRST')], signedIn: bob },
  },
  {
    name: 'the upstream calls an unscanned code dead: the next generation, the old secret erased',
    given: awaitingScan(),
    told: polled(100 * second, dead),
    follows: {
      kind: 'AWAITING_SCAN',
      events: [],
      has: {
        deadline: start + 190 * second,
        renewal: { kind: 'PROMPT', failures: 0, notBefore: start + 100 * second },
      },
      secrets: { qrCode: null },
    },
  },
  {
    name: 'the death of an earlier code is ignored',
    given: awaitingScan(),
    told: polled(4 * second, dead, second),
    follows: 'nothing',
  },
  {
    name: 'the death of the old code is no news while the next is awaited',
    given: renewing(),
    told: polled(101 * second, dead),
    follows: 'nothing',
  },
  {
    name: 'the third generation is the last',
    given: third(),
    told: polled(200 * second, dead),
    follows: {
      kind: 'EXPIRED',
      events: [endedAs('EXPIRED', 'QR_CODE_EXPIRED', 'START_AGAIN')],
      has: { advisories: [] },
    },
  },
  {
    name: 'a generation that the hour’s limit forbids is not issued (S2:31)',
    given: awaitingScan({ qrCodesPerHour: 1 }),
    told: polled(100 * second, dead),
    follows: {
      kind: 'EXPIRED',
      events: [endedAs('EXPIRED', 'QR_CODE_EXPIRED', 'START_AGAIN')],
      has: { advisories: [{ code: 'TOO_MANY_ATTEMPTS', until: start + 3_602 * second }] },
    },
  },
  {
    name: 'the deadline of a QR code is not believed early',
    given: awaitingScan(),
    told: said('DeadlinePassed', 217 * second),
    follows: 'nothing',
  },
  {
    name: 'the deadline of a QR code owes one last look',
    given: awaitingScan(),
    told: said('DeadlinePassed', 218 * second),
    follows: {
      kind: 'AWAITING_SCAN',
      events: [],
      has: {
        renewal: null,
        lastLook: {
          since: start + 218 * second,
          because: 'QR_CODE_EXPIRED',
          upstreamCode: null,
          upstreamMessage: null,
        },
      },
    },
  },
  {
    name: 'a look that is owed already is not owed twice',
    given: lapsing(),
    told: said('DeadlinePassed', 219 * second),
    follows: 'nothing',
  },
  ...[notScanned, dead].map(
    (answer): Case => ({
      name: `the last look answers ${answer.kind}: the next generation`,
      given: lapsing(),
      told: polled(219 * second, answer),
      follows: {
        kind: 'AWAITING_SCAN',
        events: [],
        has: { lastLook: null, deadline: start + 309 * second, renewal: { kind: 'PROMPT' } },
        secrets: { qrCode: null },
      },
    }),
  ),
  {
    name: 'a poll from before the deadline is not the last look',
    given: lapsing(),
    told: polled(219 * second, notScanned, 217 * second),
    follows: 'nothing',
  },
  {
    name: 'the last look sees a scan after all',
    given: lapsing(),
    told: polled(219 * second, scan),
    follows: {
      kind: 'AWAITING_CONFIRMATION',
      events: [{ kind: 'QrCodeScanned', state: 'AWAITING_CONFIRMATION' }],
      has: { lastLook: null, deadline: start + 279 * second },
      secrets: { qrCode: null },
      scanner: { nickName: null, avatarUrl: 'http://upstream.test/ann.png' },
    },
  },
  {
    name: 'the last look goes unanswered: it is taken again',
    given: lapsing(),
    told: pollFailed(228 * second),
    follows: {
      kind: 'AWAITING_SCAN',
      events: [],
      has: { lastLook: { failures: 1, because: 'QR_CODE_EXPIRED' } },
    },
  },
  {
    name: 'the second look goes unanswered: it is taken once more',
    given: reach(lapsing(), pollFailed(228 * second)),
    told: pollFailed(232 * second),
    follows: { kind: 'AWAITING_SCAN', events: [], has: { lastLook: { failures: 2 } } },
  },
  {
    name: 'the third look goes unanswered: a scan cannot be ruled out, so no further code (S2:1)',
    given: unseen(lapsing(), 228 * second),
    told: pollFailed(232 * second),
    follows: {
      kind: 'EXPIRED',
      events: [degradedIn('AWAITING_SCAN'), endedAs('EXPIRED', 'QR_CODE_EXPIRED', 'START_AGAIN')],
    },
  },
  {
    name: 'a failure of a poll from before the deadline is not the last look’s',
    given: lapsing(),
    told: pollFailed(219 * second, 'UNREADABLE', 210 * second),
    follows: {
      kind: 'AWAITING_SCAN',
      events: [],
      has: { lastLook: { because: 'QR_CODE_EXPIRED' }, health: { failures: 1 } },
    },
  },
  {
    name: 'the last look goes unanswered after a long failure: that is the truth about the end',
    given: unseen(reach(degraded(), said('DeadlinePassed', 218 * second)), 220 * second),
    told: pollFailed(224 * second),
    follows: { kind: 'FAILED', events: [endedAs('FAILED', 'UPSTREAM_UNREADABLE', 'START_AGAIN')] },
  },
  {
    name: 'a token that died in mid-login ends it at the deadline (design, bad token)',
    given: unseen(
      reach(awaitingScan(), pollFailed(9 * second, 'UNAUTHORIZED'), said('DeadlinePassed', 218 * second)),
      219 * second,
    ),
    told: pollFailed(224 * second, 'UNAUTHORIZED'),
    follows: { kind: 'FAILED', events: [endedAs('FAILED', 'UPSTREAM_UNAUTHORIZED', 'CONTACT_OPERATOR')] },
  },
  {
    name: 'a new QR code is asked for: one poll first',
    given: awaitingScan(),
    told: said('QrCodeRefreshAsked', 20 * second),
    follows: {
      kind: 'AWAITING_SCAN',
      events: [],
      has: { renewal: { kind: 'ASKED', since: start + 20 * second } },
    },
  },
  {
    name: 'asked for twice, once is enough',
    given: asked(),
    told: said('QrCodeRefreshAsked', 21 * second),
    follows: 'nothing',
  },
  {
    name: 'after the third generation none can be asked for',
    given: third(),
    told: said('QrCodeRefreshAsked', 160 * second),
    follows: 'nothing',
  },
  {
    name: 'the poll after the wish sees no scan: the code is replaced',
    given: asked(),
    told: polled(21 * second, notScanned),
    follows: {
      kind: 'AWAITING_SCAN',
      events: [],
      has: { renewal: { kind: 'PROMPT', notBefore: start + 21 * second }, deadline: start + 111 * second },
      secrets: { qrCode: null },
    },
  },
  {
    name: 'the poll after the wish finds the code dead: it is replaced',
    given: asked(),
    told: polled(21 * second, dead),
    follows: {
      kind: 'AWAITING_SCAN',
      events: [],
      has: { renewal: { kind: 'PROMPT' } },
      secrets: { qrCode: null },
    },
  },
  {
    name: 'a poll from before the wish rules nothing out',
    given: asked(),
    told: polled(21 * second, notScanned, 19 * second),
    follows: 'nothing',
  },
  {
    name: 'the poll after the wish sees a scan: no new code (S2:1)',
    given: asked(),
    told: polled(21 * second, scan),
    follows: {
      kind: 'AWAITING_CONFIRMATION',
      events: [{ kind: 'QrCodeScanned', state: 'AWAITING_CONFIRMATION' }],
      secrets: { qrCode: null },
      scanner: { nickName: null, avatarUrl: 'http://upstream.test/ann.png' },
    },
  },
  ...(
    [
      ['a QR code', awaitingScan()],
      ['a scanned code', scanned()],
      ['a push', pushed()],
      ['a slider', sliding()],
    ] as const
  ).map(
    ([what, given]): Case => ({
      name: `${what} is declined on the phone, where the upstream tells`,
      given,
      told: polled(30 * second, declined),
      follows: {
        kind: 'REJECTED',
        events: [endedAs('REJECTED', 'DECLINED_ON_PHONE', 'START_AGAIN', cancelledWords)],
      },
    }),
  ),
  {
    name: 'a decline from before the prompt is ignored',
    given: scanned(),
    told: polled(30 * second, declined, second),
    follows: 'nothing',
  },
  {
    name: 'a QR code dead after its scan ends the login, never a new one by itself (design)',
    given: scanned(),
    told: polled(100 * second, dead),
    follows: {
      kind: 'EXPIRED',
      events: [endedAs('EXPIRED', 'QR_CODE_EXPIRED', 'START_AGAIN_WITH_QR_CODE', words)],
    },
  },
  {
    name: 'a QR code dead behind a slider ends the login',
    given: sliding(),
    told: polled(100 * second, dead),
    follows: {
      kind: 'EXPIRED',
      events: [endedAs('EXPIRED', 'QR_CODE_EXPIRED', 'START_AGAIN_WITH_QR_CODE', words)],
    },
  },
  {
    name: 'the death of an earlier code does not end a scanned one',
    given: scanned(),
    told: polled(100 * second, dead, second),
    follows: 'nothing',
  },
  {
    name: 'the second scanned login in a row that nobody confirms: try as MAC (S2:42)',
    given: scanned({ scannedUnconfirmed: 1 }),
    told: polled(100 * second, dead),
    follows: {
      kind: 'EXPIRED',
      events: [endedAs('EXPIRED', 'QR_CODE_EXPIRED', 'START_AGAIN_AS_MAC', words)],
    },
  },
  {
    name: 'on MAC there is no other device type to try',
    given: scanned({ scannedUnconfirmed: 1, deviceType: 'MAC' }),
    told: polled(100 * second, dead),
    follows: {
      kind: 'EXPIRED',
      events: [endedAs('EXPIRED', 'QR_CODE_EXPIRED', 'START_AGAIN_WITH_QR_CODE', words)],
    },
  },
  {
    name: 'the deadline of a scanned code owes one last look',
    given: scanned(),
    told: said('DeadlinePassed', 218 * second),
    follows: {
      kind: 'AWAITING_CONFIRMATION',
      events: [],
      has: { lastLook: { because: 'QR_CODE_EXPIRED', since: start + 218 * second } },
    },
  },
  ...[notScanned, scan].map(
    (answer): Case => ({
      name: `the last look at a scanned code answers ${answer.kind}: expired`,
      given: lapsingScan(),
      told: polled(219 * second, answer),
      follows: {
        kind: 'EXPIRED',
        events: [endedAs('EXPIRED', 'QR_CODE_EXPIRED', 'START_AGAIN_WITH_QR_CODE')],
      },
    }),
  ),
  {
    name: 'a poll from before the deadline does not lapse a scanned code',
    given: lapsingScan(),
    told: polled(219 * second, scan, 217 * second),
    follows: 'nothing',
  },
  {
    name: 'the last look at a scanned code goes unanswered: expired',
    given: unseen(lapsingScan(), 220 * second),
    told: pollFailed(228 * second),
    follows: {
      kind: 'EXPIRED',
      events: [
        degradedIn('AWAITING_CONFIRMATION'),
        endedAs('EXPIRED', 'QR_CODE_EXPIRED', 'START_AGAIN_WITH_QR_CODE'),
      ],
    },
  },
  {
    name: 'a last look shows a slider: that is no new one',
    given: lapsingScan(),
    told: polled(219 * second, slider),
    follows: { kind: 'EXPIRED', events: [endedAs('EXPIRED', 'QR_CODE_EXPIRED', 'START_AGAIN_WITH_QR_CODE')] },
  },
  {
    name: 'fifteen minutes are the whole login',
    given: reach(
      pushed(),
      call('CallNotSent', 'push-1', 3 * second),
      polled(850 * second, notScanned),
      intended('qr-1', 851 * second),
      received('qr-1', 852 * second),
    ),
    told: said('DeadlinePassed', 900 * second),
    follows: {
      kind: 'AWAITING_SCAN',
      events: [],
      has: { deadline: start + 900 * second, lastLook: { because: 'TIMED_OUT' } },
    },
  },
  {
    name: 'the last look after fifteen minutes shows nothing: timed out',
    given: reach(
      pushed(),
      call('CallNotSent', 'push-1', 3 * second),
      polled(850 * second, notScanned),
      intended('qr-1', 851 * second),
      received('qr-1', 852 * second),
      said('DeadlinePassed', 900 * second),
    ),
    told: polled(901 * second, notScanned),
    follows: { kind: 'EXPIRED', events: [endedAs('EXPIRED', 'TIMED_OUT', 'START_AGAIN')] },
  },
  {
    name: 'the last look after fifteen minutes finds the code dead: timed out all the same',
    given: reach(
      pushed(),
      call('CallNotSent', 'push-1', 3 * second),
      polled(850 * second, notScanned),
      intended('qr-1', 851 * second),
      received('qr-1', 852 * second),
      said('DeadlinePassed', 900 * second),
    ),
    told: polled(901 * second, dead),
    follows: { kind: 'EXPIRED', events: [endedAs('EXPIRED', 'TIMED_OUT', 'START_AGAIN')] },
  },
  {
    name: 'the call of a push was answered: that proves nothing (what must always hold, 6)',
    given: pushed(),
    told: accepted(10 * second),
    follows: {
      kind: 'AWAITING_CONFIRMATION',
      events: [],
      has: { lastLook: null, prompt: { answer: 'ACCEPTED' } },
    },
  },
  {
    name: 'the answer to another push is ignored',
    given: pushed(),
    told: accepted(10 * second, 'push-0'),
    follows: 'nothing',
  },
  {
    name: 'the refusal of another push is ignored',
    given: pushed(),
    told: answered(10 * second, 'REFUSED', 'push-0'),
    follows: 'nothing',
  },
  {
    name: 'an answered push is not answered again',
    given: reach(pushed(), accepted(10 * second)),
    told: answered(11 * second, 'REFUSED'),
    follows: 'nothing',
  },
  ...(
    [
      ['REFUSED', 'PUSH_REFUSED'],
      ['DECLINED', 'DECLINED_ON_PHONE'],
      ['LAPSED', 'PUSH_EXPIRED'],
    ] as const
  ).map(
    ([kind, because]): Case => ({
      name: `a push answered ${kind} owes one last look`,
      given: pushed(),
      told: answered(10 * second, kind),
      follows: {
        kind: 'AWAITING_CONFIRMATION',
        events: [],
        has: {
          prompt: { answer: 'ACCEPTED' },
          lastLook: {
            since: start + 10 * second,
            because,
            upstreamCode: '1001',
            upstreamMessage: '二次登录失败',
          },
        },
      },
    }),
  ),
  ...[notScanned, scan, dead].map(
    (answer): Case => ({
      name: `a refused push whose last look answers ${answer.kind}: AUTO goes on with a QR code`,
      given: refusedPush(),
      told: polled(11 * second, answer),
      follows: {
        kind: 'STARTING',
        events: [changedTo('PUSH_REFUSED', '二次登录失败')],
        has: {
          method: 'QR_CODE',
          firstMethod: 'PUSH',
          lastLook: null,
          scanned: true,
          deadline: start + 101 * second,
          step: { kind: 'PROMPT', failures: 0, notBefore: start + 11 * second },
        },
        secrets: allErased,
      },
    }),
  ),
  {
    name: 'a token that dies at the last look is the truth about the end',
    given: unseen(lapsing(), 219 * second),
    told: pollFailed(224 * second, 'UNAUTHORIZED'),
    follows: {
      kind: 'FAILED',
      events: [
        { kind: 'PollingDegraded', state: 'AWAITING_SCAN', cause: 'UNAUTHORIZED' },
        endedAs('FAILED', 'UPSTREAM_UNAUTHORIZED', 'CONTACT_OPERATOR'),
      ],
    },
  },
  {
    name: 'AUTO goes on with a QR code where the last look goes unanswered too',
    given: unseen(refusedPush(), 12 * second),
    told: pollFailed(20 * second),
    follows: {
      kind: 'STARTING',
      events: [degradedIn('AWAITING_CONFIRMATION'), changedTo('PUSH_REFUSED', '二次登录失败')],
      has: { health: { failures: 3 } },
      secrets: allErased,
    },
  },
  {
    name: 'a refused push ends a login that wanted nothing else',
    given: reach(pushed(onlyPush), answered(10 * second, 'REFUSED')),
    told: polled(11 * second, notScanned),
    follows: {
      kind: 'REJECTED',
      events: [
        endedAs('REJECTED', 'PUSH_REFUSED', 'START_AGAIN_WITH_QR_CODE', {
          upstreamCode: '1001',
          upstreamMessage: '二次登录失败',
        }),
      ],
    },
  },
  {
    name: 'a person who declined the push is shown no QR code, AUTO or not',
    given: reach(pushed(), answered(10 * second, 'DECLINED')),
    told: polled(11 * second, notScanned),
    follows: {
      kind: 'REJECTED',
      events: [
        endedAs('REJECTED', 'DECLINED_ON_PHONE', 'START_AGAIN', {
          upstreamCode: '1001',
          upstreamMessage: '二次登录失败',
        }),
      ],
    },
  },
  {
    name: 'the push lapses: AUTO goes on with a QR code',
    given: reach(pushed(), said('DeadlinePassed', 182 * second)),
    told: polled(183 * second, notScanned),
    follows: { kind: 'STARTING', events: [changedTo('PUSH_EXPIRED')], secrets: allErased },
  },
  {
    name: 'the push lapses: a login that wanted nothing else expires',
    given: reach(pushed(onlyPush), said('DeadlinePassed', 182 * second)),
    told: polled(183 * second, notScanned),
    follows: { kind: 'EXPIRED', events: [endedAs('EXPIRED', 'PUSH_EXPIRED', 'START_AGAIN_WITH_QR_CODE')] },
  },
  {
    name: 'a QR code after the push is forbidden by the hour’s limit: expired with the reason (S2:31)',
    given: reach(pushed({ qrCodesPerHour: 1, recentQrCodes: [start] }), answered(10 * second, 'REFUSED')),
    told: polled(11 * second, notScanned),
    follows: {
      kind: 'EXPIRED',
      events: [
        endedAs('EXPIRED', 'PUSH_EXPIRED', 'START_AGAIN_WITH_QR_CODE', {
          upstreamCode: null,
          upstreamMessage: '二次登录失败',
        }),
      ],
      has: { advisories: [{ code: 'TOO_MANY_ATTEMPTS', until: start + 3_600 * second }] },
    },
  },
  {
    name: 'a push to an unknown device ends the login',
    given: pushed(),
    told: call('CallRefused', 'push-1', 5 * second, { ...refusal, kind: 'DEVICE_UNKNOWN' }),
    follows: {
      kind: 'FAILED',
      events: [
        endedAs('FAILED', 'DEVICE_UNKNOWN', 'CONTACT_OPERATOR', {
          upstreamCode: '1001',
          upstreamMessage: '系统失败,请重试',
        }),
      ],
    },
  },
  {
    name: 'a push refused with an error owes one last look',
    given: pushed(),
    told: call('CallRefused', 'push-1', 5 * second, refusal),
    follows: {
      kind: 'AWAITING_CONFIRMATION',
      events: [],
      has: {
        prompt: { answer: 'ACCEPTED' },
        lastLook: { because: 'PUSH_REFUSED', since: start + 5 * second, upstreamMessage: '系统失败,请重试' },
      },
    },
  },
  {
    name: 'an error of another push is ignored',
    given: pushed(),
    told: call('CallRefused', 'push-0', 5 * second, refusal),
    follows: 'nothing',
  },
  {
    name: 'a refusal for good of another push is ignored',
    given: pushed(),
    told: call('CallRefused', 'push-0', 5 * second, { ...refusal, kind: 'DEVICE_UNKNOWN' }),
    follows: 'nothing',
  },
  {
    name: 'an unanswered push is never sent again: polled to its deadline (design, unanswered intents)',
    given: pushed(),
    told: call('CallUnanswered', 'push-1', 100 * second),
    follows: {
      kind: 'AWAITING_CONFIRMATION',
      events: [],
      has: { lastLook: null, deadline: start + 182 * second, prompt: { answer: 'UNKNOWN' } },
    },
  },
  {
    name: 'silence about another push is ignored',
    given: pushed(),
    told: call('CallUnanswered', 'push-0', 100 * second),
    follows: 'nothing',
  },
  {
    name: 'a push that could not be sent is on no phone: one last look',
    given: pushed(),
    told: call('CallNotSent', 'push-1', 3 * second),
    follows: {
      kind: 'AWAITING_CONFIRMATION',
      events: [],
      has: { prompt: { answer: 'UNKNOWN' }, lastLook: { because: 'UPSTREAM_UNREACHABLE' } },
    },
  },
  {
    name: 'a refused connection of another push is ignored',
    given: pushed(),
    told: call('CallNotSent', 'push-0', 3 * second),
    follows: 'nothing',
  },
  {
    name: 'an empty answer beside a push says nothing',
    given: pushed(),
    told: polled(10 * second, notScanned),
    follows: 'nothing',
  },
  {
    name: '失效 says nothing of a push that is not answered yet',
    given: pushed(),
    told: polled(10 * second, dead),
    follows: 'nothing',
  },
  {
    name: '失效 is counted once the push was answered',
    given: reach(pushed(), accepted(5 * second)),
    told: polled(10 * second, dead),
    follows: { kind: 'AWAITING_CONFIRMATION', events: [], has: { prompt: { deadAnswers: 1 } } },
  },
  {
    name: '失效 is counted twenty seconds after the push',
    given: pushed(),
    told: polled(22 * second, dead),
    follows: { kind: 'AWAITING_CONFIRMATION', events: [], has: { prompt: { deadAnswers: 1 } } },
  },
  {
    name: '失效 is not counted a moment before',
    given: pushed(),
    told: polled(22 * second - 1, dead),
    follows: 'nothing',
  },
  {
    name: 'three in a row are a refusal: AUTO goes on with a QR code',
    given: twiceDead(),
    told: polled(32 * second, dead),
    follows: {
      kind: 'STARTING',
      events: [changedTo('PUSH_REFUSED', words.upstreamMessage)],
      secrets: allErased,
    },
  },
  {
    name: 'three in a row are a refusal: a login that wanted nothing else is rejected',
    given: reach(pushed(onlyPush), polled(30 * second, dead), polled(31 * second, dead)),
    told: polled(32 * second, dead),
    follows: {
      kind: 'REJECTED',
      events: [endedAs('REJECTED', 'PUSH_REFUSED', 'START_AGAIN_WITH_QR_CODE', words)],
    },
  },
  ...[notScanned, scan].map(
    (answer): Case => ({
      name: `${answer.kind} breaks the row of dead answers`,
      given: twiceDead(),
      told: polled(32 * second, answer),
      follows: { kind: 'AWAITING_CONFIRMATION', events: [], has: { prompt: { deadAnswers: 0 } } },
    }),
  ),
  {
    name: 'one failed poll is counted and no event',
    given: awaitingScan(),
    told: pollFailed(9 * second),
    follows: {
      kind: 'AWAITING_SCAN',
      events: [],
      has: { health: { failures: 1, degraded: false, cause: 'UNREADABLE' } },
    },
  },
  {
    name: 'the third failure in a row degrades polling',
    given: reach(awaitingScan(), pollFailed(9 * second), pollFailed(12 * second)),
    told: pollFailed(15 * second),
    follows: {
      kind: 'AWAITING_SCAN',
      events: [{ kind: 'PollingDegraded', state: 'AWAITING_SCAN', cause: 'UNREADABLE' }],
      has: { health: { failures: 3, degraded: true } },
    },
  },
  {
    name: 'the second time-out in a row degrades polling',
    given: reach(awaitingScan(), pollFailed(19 * second, 'TIMEOUT')),
    told: pollFailed(32 * second, 'TIMEOUT'),
    follows: {
      kind: 'AWAITING_SCAN',
      events: [{ kind: 'PollingDegraded', state: 'AWAITING_SCAN', cause: 'TIMEOUT' }],
      has: { health: { failures: 2, degraded: true } },
    },
  },
  {
    name: 'a refused token degrades polling at once',
    given: awaitingScan(),
    told: pollFailed(9 * second, 'UNAUTHORIZED'),
    follows: {
      kind: 'AWAITING_SCAN',
      events: [{ kind: 'PollingDegraded', state: 'AWAITING_SCAN', cause: 'UNAUTHORIZED' }],
      has: { health: { degraded: true, cause: 'UNAUTHORIZED' } },
    },
  },
  {
    name: 'further failures write nothing',
    given: degraded(),
    told: pollFailed(209 * second),
    follows: 'nothing',
  },
  {
    name: 'a token that dies while polling is degraded is remembered',
    given: degraded(),
    told: pollFailed(209 * second, 'UNAUTHORIZED'),
    follows: {
      kind: 'AWAITING_SCAN',
      events: [],
      has: { health: { cause: 'UNAUTHORIZED', degraded: true } },
    },
  },
  {
    name: 'the first readable answer recovers polling',
    given: degraded(),
    told: polled(209 * second, notScanned),
    follows: {
      kind: 'AWAITING_SCAN',
      events: [{ kind: 'PollingRecovered', state: 'AWAITING_SCAN' }],
      has: { health: { failures: 0, degraded: false, cause: null, asOf: start + 209 * second } },
    },
  },
  {
    name: 'a readable answer after a single failure clears it without an event',
    given: reach(awaitingScan(), pollFailed(9 * second)),
    told: polled(12 * second, notScanned),
    follows: { kind: 'AWAITING_SCAN', events: [], has: { health: { failures: 0 } } },
  },
  {
    name: 'the recovery is told before what the answer brought',
    given: degraded(),
    told: polled(209 * second, scan),
    follows: {
      kind: 'AWAITING_CONFIRMATION',
      events: [
        { kind: 'PollingRecovered', state: 'AWAITING_SCAN' },
        { kind: 'QrCodeScanned', state: 'AWAITING_CONFIRMATION' },
      ],
      secrets: { qrCode: null },
      scanner: { nickName: null, avatarUrl: 'http://upstream.test/ann.png' },
    },
  },
  {
    name: 'what is said of a code that is out is no refusal of it',
    given: awaitingScan(),
    told: call('CallRefused', 'qr-1', 5 * second, failure),
    follows: 'nothing',
  },
  {
    name: 'an end is final',
    given: tell(third(), polled(200 * second, dead)),
    told: polled(500 * second, signedIn(ann)),
    follows: 'nothing',
  },
  {
    name: 'a poll of a sent code is not what answers it',
    given: codeSent(),
    told: polled(32 * second, notScanned),
    follows: 'nothing',
  },
  {
    name: 'a look after a code is not a poll',
    given: lookingAfterCode(),
    told: polled(42 * second, scan),
    follows: 'nothing',
  },
]
