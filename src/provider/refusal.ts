// What a refusal of either dialect is about, by its words: hardly one of these texts is documented (P 6.5), so they are
// matched by what such texts say elsewhere. It knows no endpoint.

import type { PushAnswer } from '../login/observation.ts'
import type { FailureKind } from '../login/vocabulary.ts'
import { type Envelope, says, told } from './envelope.ts'
import { ProviderError } from './port.ts'

const wrong =
  '(?:无效|失效|过期|错误|不正确|不存在|不合法|为空|缺少|invalid|expired|missing|required|illegal|wrong|denied|fail)'
const token = '(?<![a-z])(?:authorization|(?:access[ _-]?)?token)(?![a-z])'
/** Ours. One that has to do with scanning or a code is the messenger’s own. */
const refusedToken = new RegExp(
  `^(?!.*(?:扫码|二维码|验证码)).*(?:${token}.*${wrong}|${wrong}.*${token}|未授权|unauthori[sz]ed|鉴权|(?<![^份限口户\\P{L}])认证失败)`,
  'isu',
)

const kinds: readonly (readonly [FailureKind, RegExp])[] = [
  // Before the token, whose refusal holds everybody up: a proxy has a password of its own. Not the one that lists a proxy
  // among the things that are missing (S2:31), and nobody’s agent.
  ['PROXY_FAILED', /^(?!.*(?:ttuid|省份)).*(?:代理(?!商)|proxy|socks)|网络[链连]接异常/isu],
  ['UNAUTHORIZED', refusedToken],
  ['DEVICE_UNKNOWN', /设备(标识)?不存在|未找到设备/u],
  // A connection that was reset is no device that has to be.
  ['RESET_REQUIRED', /回收|(?:设备|请|需|须|先)[^，。,.]*(?<![连链]接.{0,3})重置|重置[^，。,.]*设备/u],
]

/** Whatever is none of them is an ERROR. */
export const kindOf = (envelope: Envelope): FailureKind =>
  kinds.find(([, words]) => says(envelope, words))?.[0] ?? 'ERROR'

export const refusalOf = (envelope: Envelope): ProviderError =>
  new ProviderError({
    kind: kindOf(envelope),
    sent: true,
    answered: true,
    ...told(envelope),
  })

/** A guess (P 6): nobody has written down how a decline reads. What S0:7 calls 拒绝 is the upstream's doing, and no person's. */
const declined = /取消|(用户|手机|对方|您|你).*(?<!被)拒绝/u
/** S0:18 失效; the others are guesses. */
const lapsed = /超时|过期|失效/u

/** The person said no, by a text about nothing else. */
export const isDeclined = (envelope: Envelope): boolean =>
  says(envelope, declined) && kindOf(envelope) === 'ERROR'

/** What a refused push came to. Throws it, where it is about something else. */
export const refusedPush = (envelope: Envelope): Extract<PushAnswer, { upstreamCode: unknown }> => {
  if (kindOf(envelope) !== 'ERROR') throw refusalOf(envelope)
  if (isDeclined(envelope)) return { kind: 'DECLINED', ...told(envelope) }
  return { kind: says(envelope, lapsed) ? 'LAPSED' : 'REFUSED', ...told(envelope) }
}

/**
 * P 3.2: 已离线; P 2.1: 离线, in a table. The whole text: one that speaks of it among other things, as 查询离线状态失败 does, is no answer, and
 * 未知异常 is none either.
 */
const offline =
  /^(?:失败)?[（(，,：:\s]*(?:微信|[账帐]号|用户|设备|当前)*已?(?:离线|下线|掉线|不在线)[）)，,。.！!\s]*(?:请?(?:重新|先|再次)?(?:扫码)?登录)?[。.！!\s]*$/u

/** It says in so many words that a sign-in is not on. */
export const isOffline = (envelope: Envelope): boolean => says(envelope, offline)
