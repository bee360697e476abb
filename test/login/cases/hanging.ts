// An upstream whose polls hang for minutes, whose pushes are answered to whoever sent them, and where every sign-in brings
// a handle of its own (P 2.2 to 2.4).

import type { Observation, PollAnswer } from '../../../src/login/observation.ts'
import type { LiveState } from '../../../src/login/state.ts'
import type { Terms } from '../../../src/login/terms.ts'
import type { Case } from '../case.ts'
import {
  ann,
  bob,
  byPush,
  call,
  changedTo,
  codeAsked,
  codeSent,
  dead,
  degradedIn,
  endedAs,
  failure,
  hanging,
  intended,
  notScanned,
  offlineUnknown,
  online,
  polled,
  pollFailed,
  prompting,
  reach,
  received,
  refusal,
  rejected,
  said,
  scan,
  second,
  secret,
  signedIn,
  slider,
  start,
  starting,
  submitted,
  unclear,
} from '../states.ts'

const handle = 'handle-1'
const said1001 = { upstreamCode: '1001', upstreamMessage: '失败' }
const deadWords = { upstreamCode: '1001', upstreamMessage: '登录信息失效，请使用扫码登录' }
const afterGap = (at: number, answer: PollAnswer): Observation => ({
  kind: 'Polled',
  at: start + at,
  began: start + at - second,
  answer,
  afterGap: true,
})
const by = (instanceId: string | null, profile = ann) => ({ ...profile, instanceId })
const fresh = by('handle-of-now')
const known: Partial<Terms> = { ...hanging, expectedWcId: 'wxid_ann' }
const first: Partial<Terms> = { ...hanging, firstOnDevice: true, knownHandles: [] }
const otherClients = [{ code: 'OTHER_CLIENTS_KICK', until: null }]

const issuing = (terms = known) => reach(prompting(terms), intended('qr-1', 2 * second))
const waiting = (terms = known) => reach(issuing(terms), received('qr-1', 3 * second, handle))
/** The online check before the first prompt went unanswered twice. */
const unchecked = (terms = known) =>
  reach(
    starting(terms),
    offlineUnknown(second),
    offlineUnknown(2 * second),
    intended('qr-1', 2 * second),
    received('qr-1', 3 * second, handle),
  )
const pushed = (terms: Partial<Terms> = {}) =>
  reach(prompting({ ...known, ...byPush, ...terms }), intended('push-1', 2 * second))
const lapsing = (terms = known) => reach(waiting(terms), said('DeadlinePassed', 263 * second))
const lastAsked = (terms = known) => reach(lapsing(terms), pollFailed(273 * second, 'TIMEOUT'))
const slid = (terms = known) =>
  reach(waiting(terms), polled(10 * second, slider), said('SliderReported', 20 * second))
const coding = (terms = known) => reach(waiting(terms), polled(20 * second, codeAsked))
const sent = (terms = known) => reach(coding(terms), submitted(30 * second), intended('code-1', 31 * second))
const pushLapsing = (terms: Partial<Terms> = {}) => reach(pushed(terms), said('DeadlinePassed', 182 * second))
const answered = (
  answer: Extract<Observation, { kind: 'PushAnswered' }>['answer'],
  at: number,
  intent = 'push-1',
): Observation => ({ kind: 'PushAnswered', at: start + at, intent, answer })
const coded = (
  answer: Extract<Observation, { kind: 'CodeAnswered' }>['answer'],
  at: number,
  intent = 'code-1',
): Observation => ({ kind: 'CodeAnswered', at: start + at, intent, answer })
const refused = {
  kind: 'REFUSED',
  upstreamCode: '1001',
  upstreamMessage: '二次登录失败，请重新扫码登录',
} as const
const afterCode = () => reach(sent(), call('CallUnanswered', 'code-1', 40 * second))
const doubting = (terms = known) => reach(waiting(terms), afterGap(50 * second, unclear))
const inquiring = (terms = known) => reach(waiting(terms), afterGap(50 * second, dead))
const thirdCode = () =>
  reach(
    sent(),
    rejected('code-1', 32 * second),
    submitted(40 * second, '2', 'two'),
    intended('code-2', 41 * second),
    rejected('code-2', 42 * second),
    submitted(50 * second, '3', 'three'),
    intended('code-3', 51 * second),
  )
const thirdSlider = () =>
  reach(
    sent(),
    coded({ kind: 'SLIDER', url: 'http://upstream.test/slider' }, 40 * second),
    said('SliderReported', 50 * second),
    polled(60 * second, slider),
    said('SliderReported', 70 * second),
    polled(80 * second, slider),
    said('SliderReported', 90 * second),
    polled(100 * second, codeAsked),
    submitted(110 * second),
    intended('code-2', 111 * second),
  )
const inAllPrompts: readonly (readonly [string, LiveState, 'QR_CODE' | 'PUSH'])[] = [
  ['a QR code', waiting(), 'QR_CODE'],
  ['a slider that was reported', slid(), 'QR_CODE'],
  ['a code prompt', coding(), 'QR_CODE'],
  ['a code that waits to be sent', reach(coding(), submitted(30 * second)), 'QR_CODE'],
  ['a slider', reach(waiting(), polled(10 * second, slider)), 'QR_CODE'],
]
const lookOf = (state: LiveState): LiveState =>
  reach(state, said('DeadlinePassed', 600 * second), polled(605 * second, notScanned, 2.5 * second))

export const hangingCases: readonly Case[] = [
  {
    name: 'a QR code that the upstream declares dead by word is shown for 225 s and believed for 260 (P 2.7)',
    given: issuing(),
    told: received('qr-1', 3 * second, handle),
    follows: {
      kind: 'AWAITING_SCAN',
      events: [
        { kind: 'QrCodeIssued', state: 'AWAITING_SCAN', generation: 1, expires: start + 228 * second },
      ],
      has: { deadline: start + 263 * second, prompt: { handle, expires: start + 228 * second } },
      secrets: { qrCode: secret },
    },
  },
  {
    name: 'an unanswered QR code is asked for again at once where polls hang',
    given: issuing(),
    told: call('CallUnanswered', 'qr-1', 22 * second),
    follows: {
      kind: 'STARTING',
      events: [],
      has: { step: { kind: 'PROMPT', failures: 1, notBefore: start + 23 * second } },
    },
  },
  {
    name: 'the upstream calls a QR code dead: the next generation, and without a look where that is refused (P 2.2)',
    given: reach(waiting(), polled(250 * second, dead, 3 * second), intended('qr-2', 251 * second)),
    told: call('CallRefused', 'qr-2', 252 * second, refusal),
    follows: {
      kind: 'AWAITING_SCAN',
      events: [],
      has: { renewal: { kind: 'PROMPT', failures: 1, notBefore: start + 253 * second } },
    },
  },
  {
    name: 'a QR code that may be being scanned is not replaced by request',
    given: waiting(),
    told: said('QrCodeRefreshAsked', 20 * second),
    follows: 'nothing',
  },
  {
    name: 'a confirmed login ends, by a poll that hung from before',
    given: waiting(),
    told: polled(60 * second, signedIn(fresh), 4 * second),
    follows: {
      kind: 'CONFIRMED',
      events: [endedAs('CONFIRMED', 'SIGNED_IN', 'NONE', undefined, 'QR_CODE')],
      has: { advisories: otherClients },
      signedIn: fresh,
    },
  },

  // ---------------------------------------------------------------- unclear answers
  {
    name: 'a first unclear answer is counted',
    given: waiting(),
    told: polled(5 * second, unclear),
    follows: {
      kind: 'AWAITING_SCAN',
      events: [],
      has: { unclear: { count: 1, at: start + 5 * second }, inquiry: null },
    },
  },
  {
    name: 'a second unclear answer as well, also after a slider',
    given: reach(slid(), polled(25 * second, unclear)),
    told: polled(27 * second, unclear),
    follows: {
      kind: 'AWAITING_CONFIRMATION',
      events: [],
      has: { unclear: { count: 2, at: start + 27 * second } },
    },
  },
  {
    name: 'any other answer ends a row of unclear ones',
    given: reach(waiting(), polled(5 * second, unclear), polled(7 * second, unclear)),
    told: polled(20 * second, notScanned),
    follows: { kind: 'AWAITING_SCAN', events: [], has: { unclear: null } },
  },
  {
    name: 'the third unclear answer in a row fails the login with what the upstream said',
    given: reach(waiting(), polled(5 * second, unclear), polled(7 * second, unclear)),
    told: polled(11 * second, unclear),
    follows: {
      kind: 'FAILED',
      events: [endedAs('FAILED', 'UPSTREAM_ERROR', 'START_AGAIN', said1001)],
    },
  },
  {
    name: 'an unclear answer ends what failed before, and is no failure itself',
    given: reach(waiting(), pollFailed(5 * second), pollFailed(8 * second), pollFailed(11 * second)),
    told: polled(14 * second, unclear),
    follows: {
      kind: 'AWAITING_SCAN',
      events: [{ kind: 'PollingRecovered', state: 'AWAITING_SCAN' }],
      has: { health: { failures: 0 }, unclear: { count: 1 } },
    },
  },
  {
    name: 'an unclear answer while a code is asked for says nothing',
    given: coding(),
    told: polled(25 * second, unclear),
    follows: 'nothing',
  },

  // ---------------------------------------------------------------- an answer that may have been lost
  {
    name: 'an unclear answer after a poll that was lost: who is signed in is asked',
    given: waiting(),
    told: afterGap(50 * second, unclear),
    follows: {
      kind: 'AWAITING_SCAN',
      events: [],
      has: {
        unclear: { count: 1, at: start + 50 * second },
        inquiry: { because: 'UNCLEAR', settled: false, since: start + 51 * second, failures: 0, ...said1001 },
      },
    },
  },
  {
    name: 'a dead answer after a poll that was lost: who is signed in is asked before another code is',
    given: waiting(),
    told: afterGap(50 * second, dead),
    follows: {
      kind: 'AWAITING_SCAN',
      events: [],
      has: { renewal: null, inquiry: { because: 'DEAD', settled: false, ...deadWords } },
    },
  },
  {
    name: 'a dead answer after a slider and a lost poll: who is signed in is asked before the end',
    given: slid(),
    told: afterGap(50 * second, dead),
    follows: { kind: 'AWAITING_CONFIRMATION', events: [], has: { inquiry: { because: 'DEAD' } } },
  },
  {
    name: 'an unclear answer after a slider and a lost poll: who is signed in is asked',
    given: slid(),
    told: afterGap(50 * second, unclear),
    follows: { kind: 'AWAITING_CONFIRMATION', events: [], has: { inquiry: { because: 'UNCLEAR' } } },
  },
  {
    name: 'after a slider too the question that goes unanswered is asked once more',
    given: reach(slid(), afterGap(50 * second, unclear)),
    told: offlineUnknown(51 * second),
    follows: { kind: 'AWAITING_CONFIRMATION', events: [], has: { inquiry: { failures: 1 } } },
  },
  {
    name: 'after a slider too the third unclear answer in a row fails the login',
    given: reach(slid(), polled(25 * second, unclear), polled(27 * second, unclear)),
    told: polled(31 * second, unclear),
    follows: { kind: 'FAILED', events: [endedAs('FAILED', 'UPSTREAM_ERROR', 'START_AGAIN', said1001)] },
  },
  {
    name: 'a dead answer after another gap is asked about again',
    given: reach(doubting(), online(null, 51 * second)),
    told: afterGap(60 * second, dead),
    follows: {
      kind: 'AWAITING_SCAN',
      events: [],
      has: { renewal: null, inquiry: { because: 'DEAD', settled: false, since: start + 61 * second } },
    },
  },
  {
    name: 'an unclear answer after another gap is asked about again',
    given: reach(doubting(), online(null, 51 * second)),
    told: afterGap(60 * second, unclear),
    follows: {
      kind: 'AWAITING_SCAN',
      events: [],
      has: { unclear: { count: 1 }, inquiry: { because: 'UNCLEAR', settled: false } },
    },
  },
  {
    name: 'a dead answer without a gap after nobody was found is believed',
    given: reach(doubting(), online(null, 51 * second)),
    told: polled(60 * second, dead),
    follows: {
      kind: 'AWAITING_SCAN',
      events: [],
      has: { renewal: { kind: 'PROMPT' }, inquiry: null, unclear: null },
      secrets: { qrCode: null },
    },
  },
  {
    name: 'an unclear answer without a gap after nobody was found is counted',
    given: reach(doubting(), online(null, 51 * second)),
    told: polled(60 * second, unclear),
    follows: {
      kind: 'AWAITING_SCAN',
      events: [],
      has: { unclear: { count: 2 }, inquiry: { settled: true } },
    },
  },
  {
    name: 'an unclear answer while the question is out is counted, and raises no other',
    given: doubting(),
    told: afterGap(51 * second, unclear),
    follows: {
      kind: 'AWAITING_SCAN',
      events: [],
      has: { unclear: { count: 2 }, inquiry: { settled: false, since: start + 51 * second } },
    },
  },
  {
    name: 'a dead answer after a question that went unanswered is asked about',
    given: reach(doubting(), offlineUnknown(51 * second), offlineUnknown(53 * second)),
    told: polled(60 * second, dead),
    follows: { kind: 'AWAITING_SCAN', events: [], has: { renewal: null, inquiry: { because: 'DEAD' } } },
  },
  {
    name: 'an unclear answer after a question that went unanswered is counted',
    given: reach(doubting(), offlineUnknown(51 * second), offlineUnknown(53 * second)),
    told: polled(60 * second, unclear),
    follows: {
      kind: 'AWAITING_SCAN',
      events: [],
      has: { unclear: { count: 2 }, inquiry: { settled: true } },
    },
  },
  {
    name: 'the third unclear answer after a question that went unanswered ends the login as one whose answer was lost',
    given: reach(
      doubting(),
      offlineUnknown(51 * second),
      offlineUnknown(53 * second),
      polled(54 * second, unclear),
    ),
    told: polled(56 * second, unclear),
    follows: {
      kind: 'EXPIRED',
      events: [endedAs('EXPIRED', 'QR_CODE_EXPIRED', 'START_AGAIN_WITH_QR_CODE', said1001)],
    },
  },
  {
    name: 'an answer to a poll that began before this code was asked for raises no question',
    given: waiting(),
    told: { ...afterGap(5 * second, dead), began: start + second } as Observation,
    follows: 'nothing',
  },
  {
    name: 'nor does an unclear one, which is counted like any',
    given: waiting(),
    told: { ...afterGap(5 * second, unclear), began: start + second } as Observation,
    follows: { kind: 'AWAITING_SCAN', events: [], has: { inquiry: null, unclear: { count: 1 } } },
  },
  {
    name: 'where polls return, a gap changes nothing of a dead code',
    given: reach(
      starting(),
      online(null, second),
      intended('qr-1', 2 * second),
      received('qr-1', 3 * second),
    ),
    told: afterGap(50 * second, dead),
    follows: {
      kind: 'AWAITING_SCAN',
      events: [],
      has: { renewal: { kind: 'PROMPT' }, inquiry: null },
      secrets: { qrCode: null },
    },
  },
  {
    name: 'the question finds the login confirmed by the handle of its own code',
    given: inquiring(),
    told: online(by(handle), 51 * second),
    follows: {
      kind: 'CONFIRMED',
      events: [endedAs('CONFIRMED', 'SIGNED_IN', 'NONE', undefined, 'QR_CODE')],
      signedIn: by(handle),
    },
  },
  {
    name: 'the question finds the login confirmed by a handle that nobody knew',
    given: doubting(),
    told: online(fresh, 51 * second),
    follows: {
      kind: 'CONFIRMED',
      events: [endedAs('CONFIRMED', 'SIGNED_IN', 'NONE', undefined, 'QR_CODE')],
      signedIn: fresh,
    },
  },
  {
    name: 'the question finds another account than expected behind the handle of this code',
    given: inquiring(),
    told: online(by(handle, bob), 51 * second),
    follows: {
      kind: 'FAILED',
      events: [endedAs('FAILED', 'WRONG_ACCOUNT', 'LOG_OUT_FIRST')],
      signedIn: by(handle, bob),
    },
  },
  {
    name: 'a handle that another device of ours has on record by now is no news either',
    given: inquiring(),
    told: { ...online(fresh, 51 * second), known: ['handle-of-now'] } as Observation,
    follows: {
      kind: 'AWAITING_SCAN',
      events: [],
      has: { renewal: { kind: 'PROMPT' } },
      secrets: { qrCode: null },
    },
  },
  {
    name: 'a handle of an earlier sign-in is no news: the next code is asked for',
    given: inquiring(),
    told: online(by('handle-of-yore'), 51 * second),
    follows: {
      kind: 'AWAITING_SCAN',
      events: [],
      has: { renewal: { kind: 'PROMPT' }, inquiry: null },
      secrets: { qrCode: null },
    },
  },
  {
    name: 'somebody without a handle proves nothing',
    given: inquiring(),
    told: online(by(null), 51 * second),
    follows: {
      kind: 'AWAITING_SCAN',
      events: [],
      has: { renewal: { kind: 'PROMPT' } },
      secrets: { qrCode: null },
    },
  },
  {
    name: 'a new handle proves nothing where nobody could say who was signed in before',
    given: reach(unchecked(), afterGap(50 * second, dead)),
    told: online(fresh, 51 * second),
    follows: {
      kind: 'AWAITING_SCAN',
      events: [],
      has: { renewal: { kind: 'PROMPT' } },
      secrets: { qrCode: null },
    },
  },
  {
    name: 'but the handle of this very code does',
    given: reach(unchecked(), afterGap(50 * second, dead)),
    told: online(by(handle), 51 * second),
    follows: {
      kind: 'CONFIRMED',
      events: [endedAs('CONFIRMED', 'SIGNED_IN', 'NONE', undefined, 'QR_CODE')],
      signedIn: by(handle),
    },
  },
  {
    name: 'nobody signed in of an account that would be listed: the dead code is replaced',
    given: inquiring(),
    told: online(null, 51 * second),
    follows: {
      kind: 'AWAITING_SCAN',
      events: [],
      has: { renewal: { kind: 'PROMPT', notBefore: start + 51 * second } },
      secrets: { qrCode: null },
    },
  },
  {
    name: 'nobody to be found of a first login whose attempt is forgotten: it ends, and a person starts again',
    given: inquiring(first),
    told: online(null, 51 * second),
    follows: {
      kind: 'EXPIRED',
      events: [endedAs('EXPIRED', 'QR_CODE_EXPIRED', 'START_AGAIN_WITH_QR_CODE', deadWords)],
    },
  },
  {
    name: 'a code dead after its slider ends the login, whoever was asked for',
    given: reach(slid(), afterGap(50 * second, dead)),
    told: online(null, 51 * second),
    follows: {
      kind: 'EXPIRED',
      events: [endedAs('EXPIRED', 'QR_CODE_EXPIRED', 'START_AGAIN_WITH_QR_CODE', deadWords)],
    },
  },
  {
    name: 'nobody found after an unclear answer: polling goes on',
    given: doubting(first),
    told: online(null, 51 * second),
    follows: {
      kind: 'AWAITING_SCAN',
      events: [],
      has: { inquiry: { settled: true }, unclear: { count: 1 } },
    },
  },
  {
    name: 'the third unclear answer of a first login whose confirmation may be lost ends it as forgotten',
    given: reach(doubting(first), online(null, 51 * second), polled(52 * second, unclear)),
    told: polled(54 * second, unclear),
    follows: {
      kind: 'EXPIRED',
      events: [endedAs('EXPIRED', 'QR_CODE_EXPIRED', 'START_AGAIN_WITH_QR_CODE', said1001)],
    },
  },
  {
    name: 'that of an account that would be listed is an error of the upstream',
    given: reach(doubting(), online(null, 51 * second), polled(52 * second, unclear)),
    told: polled(54 * second, unclear),
    follows: { kind: 'FAILED', events: [endedAs('FAILED', 'UPSTREAM_ERROR', 'START_AGAIN', said1001)] },
  },
  {
    name: 'so is that of a first login of which no poll was lost',
    given: reach(waiting(first), polled(52 * second, unclear), polled(53 * second, unclear)),
    told: polled(55 * second, unclear),
    follows: { kind: 'FAILED', events: [endedAs('FAILED', 'UPSTREAM_ERROR', 'START_AGAIN', said1001)] },
  },
  {
    name: 'a question that goes unanswered is asked once more',
    given: inquiring(),
    told: offlineUnknown(51 * second),
    follows: {
      kind: 'AWAITING_SCAN',
      events: [],
      has: { inquiry: { failures: 1, since: start + 52 * second, settled: false } },
    },
  },
  {
    name: 'unanswered twice nobody can rule a sign-in out: no further code, the login ends',
    given: reach(inquiring(), offlineUnknown(51 * second)),
    told: offlineUnknown(53 * second),
    follows: {
      kind: 'EXPIRED',
      events: [endedAs('EXPIRED', 'QR_CODE_EXPIRED', 'START_AGAIN_WITH_QR_CODE', deadWords)],
    },
  },
  {
    name: 'unanswered twice after an unclear answer: polling goes on',
    given: reach(doubting(), offlineUnknown(51 * second)),
    told: offlineUnknown(53 * second),
    follows: { kind: 'AWAITING_SCAN', events: [], has: { inquiry: { settled: true } } },
  },
  {
    name: 'a question that nobody asks is not answered',
    given: waiting(),
    told: online(fresh, 51 * second),
    follows: 'nothing',
  },
  {
    name: 'nor when its failure comes late',
    given: reach(doubting(), online(null, 51 * second)),
    told: offlineUnknown(52 * second),
    follows: 'nothing',
  },
  {
    name: 'a settled question is not answered again',
    given: reach(doubting(), online(null, 51 * second)),
    told: online(fresh, 52 * second),
    follows: 'nothing',
  },
  {
    name: 'an answer from before the question was raised does not settle it',
    given: doubting(),
    told: { kind: 'OnlineChecked', at: start + 51 * second, began: start + 49 * second, profile: null },
    follows: 'nothing',
  },

  // ---------------------------------------------------------------- the last look
  {
    name: 'a deadline owes the open poll ten seconds more',
    given: waiting(),
    told: said('DeadlinePassed', 263 * second),
    follows: {
      kind: 'AWAITING_SCAN',
      events: [],
      has: { lastLook: { step: 'POLL', since: start + 263 * second, because: 'QR_CODE_EXPIRED' } },
    },
  },
  ...(
    [
      ['is cut', pollFailed(273 * second, 'TIMEOUT', 4 * second)],
      ['says nothing', polled(270 * second, notScanned, 4 * second)],
      ['is unclear', polled(270 * second, unclear, 4 * second)],
    ] as const
  ).map(
    ([how, told]): Case => ({
      name: `the last look that ${how} is followed by the question who is signed in`,
      given: lapsing(),
      told,
      follows: {
        kind: 'AWAITING_SCAN',
        events: [],
        has: {
          lastLook: { step: 'ONLINE', since: told.at + second, because: 'QR_CODE_EXPIRED' },
          inquiry: null,
        },
      },
    }),
  ),
  ...inAllPrompts
    .filter(([, state]) => state.kind !== 'AWAITING_SCAN')
    .map(
      ([what, state]): Case => ({
        name: `a last look after ${what} that is unclear is followed by the question as well`,
        given: reach(state, said('DeadlinePassed', 600 * second)),
        told: polled(605 * second, unclear, 2.5 * second),
        follows: { kind: state.kind, events: [], has: { lastLook: { step: 'ONLINE' } } },
      }),
    ),
  {
    name: 'cutting it is no failure of the upstream',
    given: reach(waiting(), pollFailed(200 * second, 'TIMEOUT'), said('DeadlinePassed', 263 * second)),
    told: pollFailed(273 * second, 'TIMEOUT', 204 * second),
    follows: {
      kind: 'AWAITING_SCAN',
      events: [],
      has: { health: { failures: 1, degraded: false }, lastLook: { step: 'ONLINE' } },
    },
  },
  {
    name: 'a last look that says dead by word: the next generation, since nobody can scan that one any more',
    given: lapsing(),
    told: polled(270 * second, dead, 4 * second),
    follows: {
      kind: 'AWAITING_SCAN',
      events: [],
      has: { lastLook: null, renewal: { kind: 'PROMPT' } },
      secrets: { qrCode: null },
    },
  },
  {
    name: 'but not after a poll that was lost: who is signed in is asked first',
    given: lapsing(),
    told: afterGap(270 * second, dead),
    follows: { kind: 'AWAITING_SCAN', events: [], has: { renewal: null, lastLook: { step: 'ONLINE' } } },
  },
  {
    name: 'nor while that question is still open at the deadline',
    given: reach(waiting(), afterGap(262 * second, dead), said('DeadlinePassed', 263 * second)),
    told: polled(264 * second, dead),
    follows: { kind: 'AWAITING_SCAN', events: [], has: { renewal: null, lastLook: { step: 'ONLINE' } } },
  },
  {
    name: 'nor after it went unanswered',
    given: reach(
      doubting(),
      offlineUnknown(51 * second),
      offlineUnknown(53 * second),
      said('DeadlinePassed', 263 * second),
    ),
    told: polled(264 * second, dead),
    follows: { kind: 'AWAITING_SCAN', events: [], has: { renewal: null, lastLook: { step: 'ONLINE' } } },
  },
  {
    name: 'but not once the whole login is over',
    given: reach(
      waiting({ ...known, deadlines: { ...(hanging.deadlines as Terms['deadlines']), whole: 100 * second } }),
      said('DeadlinePassed', 100 * second),
    ),
    told: polled(105 * second, dead, 4 * second),
    follows: {
      kind: 'AWAITING_SCAN',
      events: [],
      has: { lastLook: { step: 'ONLINE', because: 'TIMED_OUT' } },
    },
  },
  {
    name: 'a last look that tells of a code goes on with it',
    given: lapsing(),
    told: polled(270 * second, codeAsked, 4 * second),
    follows: {
      kind: 'AWAITING_CODE',
      events: [{ kind: 'VerifyCodeRequired', state: 'AWAITING_CODE', announcedBy: 'UPSTREAM' }],
    },
  },
  {
    name: 'the last question finds nobody: a scan cannot be ruled out, so that no further code is issued',
    given: lastAsked(),
    told: online(null, 274 * second),
    follows: { kind: 'EXPIRED', events: [endedAs('EXPIRED', 'QR_CODE_EXPIRED', 'START_AGAIN')] },
  },
  {
    name: 'the last question finds the login confirmed',
    given: lastAsked(),
    told: online(fresh, 274 * second),
    follows: {
      kind: 'CONFIRMED',
      events: [endedAs('CONFIRMED', 'SIGNED_IN', 'NONE', undefined, 'QR_CODE')],
      signedIn: fresh,
    },
  },
  {
    name: 'the last question meets somebody known: that is no news',
    given: lastAsked(),
    told: online(by('handle-of-yore'), 274 * second),
    follows: { kind: 'EXPIRED', events: [endedAs('EXPIRED', 'QR_CODE_EXPIRED', 'START_AGAIN')] },
  },
  {
    name: 'the last question is asked three times',
    given: lastAsked(),
    told: offlineUnknown(274 * second),
    follows: {
      kind: 'AWAITING_SCAN',
      events: [],
      has: { lastLook: { step: 'ONLINE', failures: 1, since: start + 275 * second } },
    },
  },
  {
    name: 'the third time it goes unanswered is the end',
    given: reach(lastAsked(), offlineUnknown(274 * second), offlineUnknown(276 * second)),
    told: offlineUnknown(278 * second),
    follows: { kind: 'EXPIRED', events: [endedAs('EXPIRED', 'QR_CODE_EXPIRED', 'START_AGAIN')] },
  },
  {
    name: 'an answer to the last question from before it was asked is none',
    given: lastAsked(),
    told: { kind: 'OnlineChecked', at: start + 274 * second, began: start + 270 * second, profile: null },
    follows: 'nothing',
  },
  {
    name: 'a failure from before the last question is none either',
    given: lastAsked(),
    told: { kind: 'OnlineCheckFailed', at: start + 274 * second, began: start + 270 * second, failure },
    follows: 'nothing',
  },
  {
    name: 'a poll that says dead while the last question is out: the next generation',
    given: lastAsked(),
    told: polled(274 * second, dead, 264 * second),
    follows: {
      kind: 'AWAITING_SCAN',
      events: [],
      has: { renewal: { kind: 'PROMPT' } },
      secrets: { qrCode: null },
    },
  },
  ...inAllPrompts.map(
    ([what, state, method]): Case => ({
      name: `the last question after ${what} finds the login confirmed`,
      given: lookOf(state),
      told: online(fresh, 606 * second),
      follows: {
        kind: 'CONFIRMED',
        events: [endedAs('CONFIRMED', 'SIGNED_IN', 'NONE', undefined, method)],
        signedIn: fresh,
      },
    }),
  ),
  ...inAllPrompts.map(
    ([what, state]): Case => ({
      name: `the last question after ${what} finds nobody: it has lapsed`,
      given: lookOf(state),
      told: online(null, 606 * second),
      follows: {
        kind: 'EXPIRED',
        events: [
          state.kind === 'AWAITING_SCAN'
            ? endedAs('EXPIRED', 'QR_CODE_EXPIRED', 'START_AGAIN')
            : state.kind === 'AWAITING_CONFIRMATION'
              ? endedAs('EXPIRED', 'QR_CODE_EXPIRED', 'START_AGAIN_WITH_QR_CODE')
              : state.kind === 'AWAITING_SLIDER'
                ? endedAs('EXPIRED', 'SLIDER_EXPIRED', 'START_AGAIN')
                : endedAs('EXPIRED', 'CODE_EXPIRED', 'START_AGAIN'),
        ],
      },
    }),
  ),
  ...inAllPrompts.map(
    ([what, state]): Case => ({
      name: `the last question after ${what} is asked again where it goes unanswered`,
      given: lookOf(state),
      told: offlineUnknown(606 * second),
      follows: { kind: state.kind, events: [], has: { lastLook: { failures: 1 } } },
    }),
  ),

  // ---------------------------------------------------------------- codes and sliders
  {
    name: 'a look after an unanswered code is believed by a new handle',
    given: afterCode(),
    told: online(fresh, 42 * second),
    follows: {
      kind: 'CONFIRMED',
      events: [endedAs('CONFIRMED', 'SIGNED_IN', 'NONE', undefined, 'QR_CODE')],
      signedIn: fresh,
    },
  },
  {
    name: 'and not by one of an earlier sign-in: the code is spent',
    given: afterCode(),
    told: online(by('handle-of-yore'), 42 * second),
    follows: {
      kind: 'AWAITING_CODE',
      events: [{ kind: 'VerifyCodeUnanswered', state: 'AWAITING_CODE', attemptsLeft: 2 }],
      has: { codesSpent: 1 },
    },
  },
  {
    name: 'a code is given as long as a poll hangs',
    given: reach(coding(), submitted(30 * second)),
    told: intended('code-1', 31 * second),
    follows: { kind: 'VERIFYING_CODE', events: [], has: { deadline: start + 286 * second } },
  },
  {
    name: 'the answer to a code says that its QR code is dead: the poll that was given up for it may have confirmed',
    given: sent(),
    told: coded({ kind: 'DEAD', ...deadWords }, 40 * second),
    follows: {
      kind: 'VERIFYING_CODE',
      events: [],
      has: {
        lastLook: { step: 'ONLINE', since: start + 41 * second, because: 'QR_CODE_EXPIRED', ...deadWords },
      },
      secrets: { code: null },
    },
  },
  {
    name: 'nobody new then: the login ends with what the upstream said',
    given: reach(sent(), coded({ kind: 'DEAD', ...deadWords }, 40 * second)),
    told: online(null, 41 * second),
    follows: {
      kind: 'EXPIRED',
      events: [endedAs('EXPIRED', 'QR_CODE_EXPIRED', 'START_AGAIN_WITH_QR_CODE', deadWords)],
    },
  },
  {
    name: 'somebody new: the login is confirmed',
    given: reach(sent(), coded({ kind: 'DEAD', ...deadWords }, 40 * second)),
    told: online(fresh, 41 * second),
    follows: {
      kind: 'CONFIRMED',
      events: [endedAs('CONFIRMED', 'SIGNED_IN', 'NONE', undefined, 'QR_CODE')],
      signedIn: fresh,
    },
  },
  {
    name: 'where polls return, the answer to a code that calls its QR code dead ends the login',
    given: codeSent(),
    told: coded({ kind: 'DEAD', ...deadWords }, 40 * second),
    follows: {
      kind: 'EXPIRED',
      events: [endedAs('EXPIRED', 'QR_CODE_EXPIRED', 'START_AGAIN_WITH_QR_CODE', deadWords)],
    },
  },
  {
    name: 'where polls return, one to another code is none',
    given: codeSent(),
    told: coded({ kind: 'DEAD', ...deadWords }, 40 * second, 'code-0'),
    follows: 'nothing',
  },
  {
    name: 'a third wrong code where a poll was given up for it: who is signed in is asked before the end',
    given: thirdCode(),
    told: rejected('code-3', 52 * second),
    follows: {
      kind: 'VERIFYING_CODE',
      events: [],
      has: { lastLook: { step: 'ONLINE', since: start + 53 * second, because: 'CODE_REJECTED' } },
      secrets: { code: null },
    },
  },
  {
    name: 'one that answers another code is none',
    given: thirdCode(),
    told: rejected('code-2', 52 * second),
    follows: 'nothing',
  },
  {
    name: 'nobody new after the third wrong code: the login fails',
    given: reach(thirdCode(), rejected('code-3', 52 * second)),
    told: online(null, 53 * second),
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
    name: 'a dead answer to another code is none',
    given: sent(),
    told: coded({ kind: 'DEAD', ...deadWords }, 40 * second, 'code-0'),
    follows: 'nothing',
  },
  {
    name: 'a slider in answer to a code is put before the person',
    given: sent(),
    told: coded({ kind: 'SLIDER', url: 'http://upstream.test/slider' }, 40 * second),
    follows: {
      kind: 'AWAITING_SLIDER',
      events: [{ kind: 'SliderRequired', state: 'AWAITING_SLIDER' }],
      has: { sliders: 1, deadline: start + 220 * second },
      secrets: { qrCode: null, code: null, sliderUrl: 'http://upstream.test/slider' },
    },
  },
  {
    name: 'one in answer to another code is not',
    given: sent(),
    told: coded({ kind: 'SLIDER', url: 'http://upstream.test/slider' }, 40 * second, 'code-0'),
    follows: 'nothing',
  },
  {
    name: 'nor one that comes while nothing was sent',
    given: reach(coding(), submitted(30 * second)),
    told: coded({ kind: 'SLIDER', url: 'http://upstream.test/slider' }, 40 * second),
    follows: 'nothing',
  },
  {
    name: 'the fourth slider ends the login in answer to a code too',
    given: thirdSlider(),
    told: coded({ kind: 'SLIDER', url: 'http://upstream.test/slider' }, 112 * second, 'code-2'),
    follows: { kind: 'EXPIRED', events: [endedAs('EXPIRED', 'SLIDER_EXPIRED', 'START_AGAIN')] },
  },
  {
    name: 'a code that is refused within seconds is a wrong one',
    given: sent(),
    told: rejected('code-1', 40 * second),
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
      secrets: { code: null },
    },
  },

  // ---------------------------------------------------------------- a push that is answered to its sender
  {
    name: 'whoever sent the push hears that it signed the account in',
    given: pushed(),
    told: answered({ kind: 'SIGNED_IN', profile: fresh }, 60 * second),
    follows: {
      kind: 'CONFIRMED',
      events: [endedAs('CONFIRMED', 'SIGNED_IN', 'NONE', undefined, 'PUSH')],
      signedIn: fresh,
    },
  },
  {
    name: 'also when it comes after the deadline of the push',
    given: pushLapsing(),
    told: answered({ kind: 'SIGNED_IN', profile: fresh }, 185 * second),
    follows: {
      kind: 'CONFIRMED',
      events: [endedAs('CONFIRMED', 'SIGNED_IN', 'NONE', undefined, 'PUSH')],
      signedIn: fresh,
    },
  },
  ...(
    [
      ['while the next prompt is looked for', (state: LiveState) => state],
      [
        'while a QR code is out',
        (state: LiveState) =>
          reach(state, intended('qr-1', 194 * second), received('qr-1', 195 * second, handle)),
      ],
      [
        'while a code is asked for',
        (state: LiveState) =>
          reach(
            state,
            intended('qr-1', 194 * second),
            received('qr-1', 195 * second, handle),
            polled(196 * second, codeAsked),
          ),
      ],
      [
        'while a code is under way',
        (state: LiveState) =>
          reach(
            state,
            intended('qr-1', 194 * second),
            received('qr-1', 195 * second, handle),
            polled(196 * second, codeAsked),
            submitted(197 * second),
          ),
      ],
      [
        'while a slider is out',
        (state: LiveState) =>
          reach(
            state,
            intended('qr-1', 194 * second),
            received('qr-1', 195 * second, handle),
            polled(196 * second, slider),
          ),
      ],
    ] as const
  ).map(
    ([when, go]): Case => ({
      name: `a push that signs the account in late does so ${when}`,
      given: go(reach(pushLapsing(), online(null, 193 * second))),
      told: answered({ kind: 'SIGNED_IN', profile: fresh }, 198 * second),
      follows: {
        kind: 'CONFIRMED',
        events: [endedAs('CONFIRMED', 'SIGNED_IN', 'NONE', undefined, 'PUSH')],
        signedIn: fresh,
      },
    }),
  ),
  {
    name: 'where the poll tells, the same answer confirms nothing',
    given: reach(prompting(byPush), intended('push-1', 2 * second)),
    told: answered({ kind: 'SIGNED_IN', profile: fresh }, 60 * second),
    follows: { kind: 'AWAITING_CONFIRMATION', events: [], has: { prompt: { answer: 'ACCEPTED' } } },
  },
  {
    name: 'an answer to a push that this login never sent confirms nothing',
    given: waiting(),
    told: answered({ kind: 'SIGNED_IN', profile: fresh }, 60 * second),
    follows: 'nothing',
  },
  {
    name: 'a push answered without saying who: that is asked',
    given: pushed(),
    told: answered({ kind: 'ACCEPTED' }, 60 * second),
    follows: {
      kind: 'AWAITING_CONFIRMATION',
      events: [],
      has: {
        prompt: { answer: 'UNKNOWN' },
        inquiry: { because: 'PUSH', since: start + 61 * second, upstreamCode: null, settled: false },
      },
    },
  },
  {
    name: 'an answer to another push is not asked about',
    given: pushed(),
    told: answered({ kind: 'ACCEPTED' }, 60 * second, 'push-0'),
    follows: 'nothing',
  },
  {
    name: 'an unanswered push is never sent again: who is signed in is asked',
    given: pushed(),
    told: call('CallUnanswered', 'push-1', 60 * second),
    follows: {
      kind: 'AWAITING_CONFIRMATION',
      events: [],
      has: { prompt: { answer: 'UNKNOWN' }, inquiry: { because: 'PUSH', since: start + 61 * second } },
    },
  },
  {
    name: 'another push that went unanswered is not asked about',
    given: pushed(),
    told: call('CallUnanswered', 'push-0', 60 * second),
    follows: 'nothing',
  },
  {
    name: 'the expected account under a new handle: the push was confirmed',
    given: reach(pushed(), call('CallUnanswered', 'push-1', 60 * second)),
    told: online(fresh, 61 * second),
    follows: {
      kind: 'CONFIRMED',
      events: [endedAs('CONFIRMED', 'SIGNED_IN', 'NONE', undefined, 'PUSH')],
      signedIn: fresh,
    },
  },
  {
    name: 'under the handle that was known when the push was sent: it was not',
    given: reach(pushed(), call('CallUnanswered', 'push-1', 60 * second)),
    told: online(by('handle-of-yore'), 61 * second),
    follows: { kind: 'AWAITING_CONFIRMATION', events: [], has: { inquiry: { settled: true } } },
  },
  {
    name: 'nobody: the push is waited for to its deadline',
    given: reach(pushed(), call('CallUnanswered', 'push-1', 60 * second)),
    told: online(null, 61 * second),
    follows: {
      kind: 'AWAITING_CONFIRMATION',
      events: [],
      has: { deadline: start + 182 * second, inquiry: { settled: true } },
    },
  },
  {
    name: 'at the deadline a call that still hangs is given ten seconds more',
    given: pushed(),
    told: said('DeadlinePassed', 182 * second),
    follows: {
      kind: 'AWAITING_CONFIRMATION',
      events: [],
      has: { lastLook: { step: 'ONLINE', since: start + 192 * second, because: 'PUSH_EXPIRED' } },
    },
  },
  {
    name: 'and one that was lost is asked about at once',
    given: reach(pushed(), call('CallUnanswered', 'push-1', 60 * second), online(null, 61 * second)),
    told: said('DeadlinePassed', 182 * second),
    follows: {
      kind: 'AWAITING_CONFIRMATION',
      events: [],
      has: { lastLook: { step: 'ONLINE', since: start + 182 * second } },
    },
  },
  {
    name: 'lost in those ten seconds, it is asked about a second later',
    given: pushLapsing(),
    told: call('CallUnanswered', 'push-1', 185 * second),
    follows: {
      kind: 'AWAITING_CONFIRMATION',
      events: [],
      has: {
        prompt: { answer: 'UNKNOWN' },
        inquiry: null,
        lastLook: { since: start + 186 * second, because: 'PUSH_EXPIRED' },
      },
    },
  },
  {
    name: 'refused in those ten seconds as well, and the deadline stays the reason',
    given: pushLapsing(),
    told: answered(refused, 185 * second),
    follows: {
      kind: 'AWAITING_CONFIRMATION',
      events: [],
      has: { lastLook: { since: start + 186 * second, because: 'PUSH_EXPIRED', upstreamMessage: null } },
    },
  },
  {
    name: 'a push that is refused owes the question who is signed in, and no poll',
    given: pushed(),
    told: answered(refused, 10 * second),
    follows: {
      kind: 'AWAITING_CONFIRMATION',
      events: [],
      has: { lastLook: { step: 'ONLINE', since: start + 11 * second, because: 'PUSH_REFUSED' } },
    },
  },
  {
    name: 'nobody: AUTO goes on with a QR code, in the words of the upstream',
    given: reach(pushed(), answered(refused, 10 * second)),
    told: online(null, 11 * second),
    follows: {
      kind: 'STARTING',
      events: [changedTo('PUSH_REFUSED', '二次登录失败，请重新扫码登录')],
      has: { method: 'QR_CODE', step: { kind: 'PROMPT' }, inquiry: null, unclear: null, checked: true },
      secrets: { qrCode: null, code: null, sliderUrl: null },
    },
  },
  {
    name: 'somebody new: the refusal was wrong',
    given: reach(pushed(), answered(refused, 10 * second)),
    told: online(fresh, 11 * second),
    follows: {
      kind: 'CONFIRMED',
      events: [endedAs('CONFIRMED', 'SIGNED_IN', 'NONE', undefined, 'PUSH')],
      signedIn: fresh,
    },
  },
  {
    name: 'a push alone ends where it lapsed',
    given: pushLapsing({ strategy: 'PUSH' }),
    told: online(null, 193 * second),
    follows: {
      kind: 'EXPIRED',
      events: [endedAs('EXPIRED', 'PUSH_EXPIRED', 'START_AGAIN_WITH_QR_CODE')],
    },
  },
  {
    name: 'a push names no attempt that a code could be sent to: none can be reported',
    given: pushed(),
    told: said('CodePromptReported', 20 * second),
    follows: 'nothing',
  },
  {
    name: 'a push refused with an error owes the question too',
    given: pushed(),
    told: call('CallRefused', 'push-1', 10 * second, refusal),
    follows: {
      kind: 'AWAITING_CONFIRMATION',
      events: [],
      has: { lastLook: { step: 'ONLINE', because: 'PUSH_REFUSED' } },
    },
  },
  {
    name: 'a scan that an upstream tells against its nature is a scan',
    given: waiting(),
    told: polled(10 * second, scan),
    follows: {
      kind: 'AWAITING_CONFIRMATION',
      events: [{ kind: 'QrCodeScanned', state: 'AWAITING_CONFIRMATION' }],
      secrets: { qrCode: null },
      scanner: { nickName: null, avatarUrl: 'http://upstream.test/ann.png' },
    },
  },
  {
    name: 'a hanging poll that fails three times is told of',
    given: reach(waiting(), pollFailed(5 * second), pollFailed(8 * second)),
    told: pollFailed(11 * second),
    follows: {
      kind: 'AWAITING_SCAN',
      events: [degradedIn('AWAITING_SCAN')],
      has: { health: { failures: 3 } },
    },
  },
]
