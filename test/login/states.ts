// Logins in every state, reached the way real ones are: by telling the machine what happened.

import { begin } from '../../src/login/begin.ts'
import type { LoginEvent } from '../../src/login/event.ts'
import type { Observation, PollAnswer } from '../../src/login/observation.ts'
import type { LiveState, LoginState } from '../../src/login/state.ts'
import { ended } from '../../src/login/state.ts'
import { type Capabilities, deadlinesFor, defaultDeadlines, type Terms } from '../../src/login/terms.ts'
import { transition } from '../../src/login/transition.ts'
import type { EndName, LoginMethod, NextStep, OutcomeReason, Profile } from '../../src/login/vocabulary.ts'
import { ipadCapabilities } from '../../src/provider/ipad/ipad.ts'
import { openCapabilities } from '../../src/provider/open/open.ts'

export const start = 1_800_000_000_000
export const second = 1_000

/** Polls return, and tell of a scan; the person says that a code is asked for. */
export const shortPolls: Capabilities = openCapabilities

/** An upstream whose polls hang, whose pushes are answered by their call, and which says by word that a code is dead. */
export const longPolls: Capabilities = ipadCapabilities
export const hanging: Partial<Terms> = {
  capabilities: longPolls,
  deadlines: deadlinesFor(longPolls),
  knownHandles: ['handle-of-yore'],
}

export const terms = (change: Partial<Terms> = {}): Terms => ({
  strategy: 'QR_CODE',
  firstMethod: 'QR_CODE',
  deviceType: 'IPAD',
  expectedWcId: null,
  started: start,
  capabilities: shortPolls,
  deadlines: defaultDeadlines,
  firstOnDevice: false,
  qrCodesPerHour: 0,
  recentQrCodes: [],
  seenOnline: false,
  pauseAtScan: false,
  scannedUnconfirmed: 0,
  knownHandles: [],
  ...change,
})

export const byPush = { strategy: 'AUTO', firstMethod: 'PUSH', expectedWcId: 'wxid_ann' } as const

export const ann: Profile = {
  wcId: 'wxid_ann',
  wAccount: 'ann88',
  nickName: 'Ann',
  avatarUrl: null,
  country: 'CN',
  city: null,
  signature: null,
  sex: 2,
  mobilePhone: null,
  instanceId: null,
}
export const bob: Profile = { ...ann, wcId: 'wxid_bob', nickName: 'Bob' }

export const secret = { url: 'http://upstream.test/qr', image: null, content: 'http://weixin.qq.com/x/1' }
export const failure = { kind: 'UNREADABLE', upstreamCode: null, upstreamMessage: null } as const
export const unreachable = { kind: 'UNREACHABLE', upstreamCode: null, upstreamMessage: null } as const
export const refusal = { kind: 'ERROR', upstreamCode: '1001', upstreamMessage: '系统失败,请重试' } as const

export const polled = (at: number, answer: PollAnswer, began = at): Observation => ({
  kind: 'Polled',
  at: start + at,
  began: start + began,
  answer,
})
export const notScanned: PollAnswer = { kind: 'NOT_SCANNED' }
export const scan: PollAnswer = { kind: 'SCANNED', nickName: null, avatarUrl: 'http://upstream.test/ann.png' }
export const dead: PollAnswer = {
  kind: 'DEAD',
  upstreamCode: '1001',
  upstreamMessage: '登录信息失效，请使用扫码登录',
}
export const declined: PollAnswer = {
  kind: 'DECLINED',
  upstreamCode: '1001',
  upstreamMessage: '用户取消登录',
}
export const codeAsked: PollAnswer = { kind: 'CODE_ASKED', upstreamMessage: '请在iPad上输入验证码' }
export const unclear: PollAnswer = { kind: 'UNCLEAR', upstreamCode: '1001', upstreamMessage: '失败' }
export const slider: PollAnswer = { kind: 'SLIDER', url: 'http://upstream.test/slider' }
export const signedIn = (profile: Profile): PollAnswer => ({ kind: 'SIGNED_IN', profile })

type Spoken = Extract<
  Observation,
  {
    kind:
      | 'CodePromptReported'
      | 'CodePromptWithdrawn'
      | 'SliderReported'
      | 'NewDevicePromptReported'
      | 'QrCodeRefreshAsked'
      | 'DeadlinePassed'
  }
>
export const said = (kind: Spoken['kind'], at: number): Observation => ({ kind, at: start + at })
export const intended = (intent: string, at: number): Observation => ({
  kind: 'Intended',
  at: start + at,
  intent,
})
export const received = (intent: string, at: number, handle: string | null = null): Observation => ({
  kind: 'QrCodeReceived',
  at: start + at,
  intent,
  handle,
  secret,
})
export const call = (
  kind: 'CallRefused' | 'CallUnanswered' | 'CallNotSent',
  intent: string,
  at: number,
  why: Extract<Observation, { kind: 'CallRefused' }>['failure'] = failure,
): Observation => ({ kind, at: start + at, intent, failure: why })
export const online = (profile: Profile | null, at: number): Observation => ({
  kind: 'OnlineChecked',
  at: start + at,
  began: start + at,
  profile,
})
export const offlineUnknown = (
  at: number,
  why: Extract<Observation, { kind: 'OnlineCheckFailed' }>['failure'] = failure,
): Extract<Observation, { kind: 'OnlineCheckFailed' }> => ({
  kind: 'OnlineCheckFailed',
  at: start + at,
  began: start + at,
  failure: why,
})
export const neverAsked = (
  at: number,
  why: Extract<Observation, { kind: 'OnlineCheckFailed' }>['failure'] = unreachable,
): Observation => ({ ...offlineUnknown(at, why), unsent: true })
export const pollFailed = (
  at: number,
  kind: 'UNREADABLE' | 'TIMEOUT' | 'UNAUTHORIZED' = 'UNREADABLE',
  began = at,
): Observation => ({
  kind: 'PollFailed',
  at: start + at,
  began: start + began,
  failure: { ...failure, kind },
})
export const submitted = (at: number, code = '123456', mark = 'mark of 123456'): Observation => ({
  kind: 'CodeSubmitted',
  at: start + at,
  code,
  mark,
})
export const rejected = (intent: string, at: number): Observation => ({
  kind: 'CodeAnswered',
  at: start + at,
  intent,
  answer: { kind: 'REJECTED', upstreamCode: '1001', upstreamMessage: '验证码错误' },
})
export const cancelled = (at: number): Observation => ({
  kind: 'CancelAsked',
  at: start + at,
  by: 'CANCELLED_BY_CALLER',
})

export const tell = (state: LoginState, ...observations: readonly Observation[]): LoginState =>
  observations.reduce((state, told) => transition(state, told).state, state)

/** Like `tell`, for states that must still be under way afterwards. */
export const reach = (state: LoginState, ...observations: readonly Observation[]): LiveState => {
  const reached = tell(state, ...observations)
  if (ended(reached))
    throw new Error(`The login has ended as ${reached.outcome.reason} before the test began`)
  return reached
}

export const starting = (change: Partial<Terms> = {}): LoginState => begin(terms(change)).state
export const prompting = (change: Partial<Terms> = {}) => reach(starting(change), online(null, second))
export const issuing = (change: Partial<Terms> = {}) => reach(prompting(change), intended('qr-1', 2 * second))
export const awaitingScan = (change: Partial<Terms> = {}) =>
  reach(issuing(change), received('qr-1', 3 * second))
export const scanned = (change: Partial<Terms> = {}) => reach(awaitingScan(change), polled(10 * second, scan))
export const pushed = (change: Partial<Terms> = {}) =>
  reach(prompting({ ...byPush, ...change }), intended('push-1', 2 * second))
export const codeRequired = (change: Partial<Terms> = {}) =>
  reach(scanned(change), said('CodePromptReported', 20 * second))
export const wished = (change: Partial<Terms> = {}) => reach(codeRequired(change), submitted(30 * second))
export const codeSent = (change: Partial<Terms> = {}) =>
  reach(wished(change), intended('code-1', 31 * second))
export const lookingAfterCode = (change: Partial<Terms> = {}) =>
  reach(codeSent(change), call('CallUnanswered', 'code-1', 40 * second))
export const sliding = (change: Partial<Terms> = {}) =>
  reach(awaitingScan(change), polled(10 * second, slider))
export const renewing = (change: Partial<Terms> = {}) =>
  reach(awaitingScan(change), polled(100 * second, dead))
export const reissuing = (change: Partial<Terms> = {}) =>
  reach(renewing(change), intended('qr-2', 101 * second))

export const silent = { upstreamCode: null, upstreamMessage: null }
export const endedAs = (
  kind: EndName,
  reason: OutcomeReason,
  nextStep: NextStep,
  told: { readonly upstreamCode: string | null; readonly upstreamMessage: string | null } = silent,
  confirmedBy: LoginMethod | null = null,
): LoginEvent => ({ kind: 'LoginEnded', state: kind, confirmedBy, outcome: { reason, ...told, nextStep } })
export const changedTo = (reason: OutcomeReason, upstreamMessage: string | null = null): LoginEvent => ({
  kind: 'MethodChanged',
  state: 'STARTING',
  method: 'QR_CODE',
  deviceType: 'IPAD',
  reason,
  upstreamMessage,
})
/** Two looks that went unanswered; the third decides. */
export const unseen = (state: LiveState, at: number): LiveState =>
  reach(state, pollFailed(at), pollFailed(at + second))
export const degradedIn = (state: LoginEvent['state']): LoginEvent => ({
  kind: 'PollingDegraded',
  state,
  cause: 'UNREADABLE',
})
