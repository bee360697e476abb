// What the upstream, the person and the caller do in a login, one act each. An act takes the play as far as it goes by itself and
// says nothing of why; which acts make a login is in the stories.

import { isPushByCall } from '../src/login/course.ts'
import type { Failure, PollAnswer } from '../src/login/observation.ts'
import { ended, type LiveState } from '../src/login/state.ts'
import type { FailureKind, Profile } from '../src/login/vocabulary.ts'
import { type Dialect, refusals, said } from './dialect.ts'
import { type Play, tell } from './play.ts'
import type { Random } from './random.ts'

export interface Scene {
  readonly play: Play
  readonly random: Random
  readonly dialect: Dialect
  /** Whose phone it is. */
  readonly person: Profile
  /** Somebody else's phone. */
  readonly stranger: () => Profile
  /** How much slower than usual people are now. */
  readonly tiredness: number
}

const intent = 'seed'

/** Null: it has ended. */
export const live = ({ play }: Scene): LiveState | null => (ended(play.state) ? null : play.state)

/** Milliseconds from now; whole ones. */
export const after = ({ play }: Scene, wait: number): number => play.now + Math.max(1, Math.round(wait))

/** How long a call takes. */
const called = (scene: Scene): number => after(scene, scene.random.logNormal(420, 0.6, 90, 6_000))

const failureOf = (kind: FailureKind): Failure => ({
  kind,
  upstreamCode: refusals[kind][0],
  upstreamMessage: refusals[kind][1],
})

/** Who is signed in; null: nobody. */
export const checkOnline = (scene: Scene, profile: Profile | null = null): void => {
  const began = scene.play.now
  tell(scene.play, { kind: 'OnlineChecked', at: called(scene), began, profile })
}

export const checkFails = (scene: Scene, kind: FailureKind): void => {
  const began = scene.play.now
  const at = kind === 'TIMEOUT' ? after(scene, 10_000) : called(scene)
  tell(scene.play, { kind: 'OnlineCheckFailed', at, began, failure: failureOf(kind) })
}

/** When the next QR code may be asked for; null: none is owed. */
const promptOwed = (state: LiveState): number | null => {
  const step = state.kind === 'STARTING' ? state.step : state.kind === 'AWAITING_SCAN' ? state.renewal : null
  return step?.kind === 'PROMPT' ? step.notBefore : null
}

const intend = (scene: Scene): boolean => {
  const state = live(scene)
  const owed = state === null ? null : promptOwed(state)
  if (owed === null) return false
  tell(scene.play, { kind: 'Intended', at: Math.max(after(scene, 4), owed), intent })
  return true
}

/** False: none is owed. */
export const askQrCode = (scene: Scene): boolean => {
  if (!intend(scene)) return false
  const secret = { url: null, image: null, content: null }
  const at = after(scene, scene.random.logNormal(1_100, 0.5, 250, 9_000))
  tell(scene.play, { kind: 'QrCodeReceived', at, intent, handle: null, secret })
  return true
}

/** False: none is owed. */
export const qrCodeRefused = (scene: Scene, kind: FailureKind): boolean => {
  if (!intend(scene)) return false
  tell(scene.play, { kind: 'CallRefused', at: called(scene), intent, failure: failureOf(kind) })
  return true
}

/** Asks for QR codes that are not answered, until the login gives up. */
export const qrCodesUnanswered = (scene: Scene, kind: FailureKind): void => {
  const failure = failureOf(kind)
  const slowly = kind === 'TIMEOUT'
  while (intend(scene)) {
    const at = slowly ? after(scene, 10_000) : called(scene)
    tell(scene.play, { kind: 'CallUnanswered', at, intent, failure })
    const state = live(scene)
    if (state?.kind !== 'STARTING' || state.step.kind !== 'LOOK') continue
    tell(scene.play, { kind: 'PollFailed', at: called(scene), began: scene.play.now, failure })
  }
}

export const sendPush = (scene: Scene): void =>
  tell(scene.play, { kind: 'Intended', at: after(scene, 4), intent })

export const polled = (scene: Scene, wait: number, answer: PollAnswer): void =>
  tell(scene.play, { kind: 'Polled', at: after(scene, wait), began: scene.play.now, answer })

export const pushSignsIn = (scene: Scene, wait: number, profile: Profile): void => {
  const answer = { kind: 'SIGNED_IN', profile } as const
  if (scene.dialect.capabilities.pushAnsweredBy === 'POLL') polled(scene, wait, answer)
  else tell(scene.play, { kind: 'PushAnswered', at: after(scene, wait), intent, answer })
}

const pushWords = { REFUSED: said.pushRefused, LAPSED: said.pushLapsed, DECLINED: said.declined } as const

/** A refused or lapsed push goes on as a QR code where the strategy says so. */
export const pushComesToNothing = (
  scene: Scene,
  wait: number,
  kind: 'REFUSED' | 'LAPSED' | 'DECLINED',
): void => {
  const answer = { kind, upstreamCode: '1001', upstreamMessage: pushWords[kind] }
  tell(scene.play, { kind: 'PushAnswered', at: after(scene, wait), intent, answer })
  lookOnce(scene)
}

/** The last look that is owed shows nothing new. False: none is. */
const lookOnce = (scene: Scene): boolean => {
  const state = live(scene)
  const look = state?.lastLook
  if (state === null || look === null || look === undefined) return false
  const began = Math.max(scene.play.now, look.since)
  const at = began + Math.round(scene.random.between(120, 900))
  if (look.step === 'ONLINE') tell(scene.play, { kind: 'OnlineChecked', at, began, profile: null })
  else if (state.terms.capabilities.poll === 'HANGS')
    tell(scene.play, { kind: 'PollFailed', at: began + 10_000, began, failure: failureOf('TIMEOUT') })
  else tell(scene.play, { kind: 'Polled', at, began, answer: { kind: 'NOT_SCANNED' } })
  return true
}

/** The upstream is away: nothing left, and what became of it is asked in vain. */
export const pushNotSent = (scene: Scene): void => {
  sendPush(scene)
  const failure = failureOf('UNREACHABLE')
  tell(scene.play, { kind: 'CallNotSent', at: called(scene), intent, failure })
  for (let state = live(scene); state?.lastLook; state = live(scene)) {
    const began = Math.max(scene.play.now, state.lastLook.since)
    const kind = state.lastLook.step === 'ONLINE' ? 'OnlineCheckFailed' : 'PollFailed'
    tell(scene.play, { kind, at: began + 3_000, began, failure })
  }
}

/** Time passes and nobody acts, until it has ended or `enough` of the state. */
export const wait = (scene: Scene, enough: (state: LiveState) => boolean = () => false): void => {
  const { play, random } = scene
  let rounds = 0
  for (let state = live(scene); state !== null && !enough(state); state = live(scene)) {
    rounds += 1
    if (rounds > 100) throw new Error(`A login stays ${state.kind} though time passes`)
    if (lookOnce(scene) || askQrCode(scene)) continue
    const dies =
      state.kind === 'AWAITING_SCAN' && state.terms.capabilities.qrCodeDies === 'BY_WORD'
        ? state.prompt.issued + Math.round(random.between(225_000, 250_000))
        : 0
    if (dies > play.now && dies < state.deadline)
      polled(scene, dies - play.now, {
        kind: 'DEAD',
        upstreamCode: '1001',
        upstreamMessage: said.expired,
      })
    else tell(play, { kind: 'DeadlinePassed', at: Math.max(state.deadline, play.now) })
  }
}

export const generation =
  (number: number) =>
  (state: LiveState): boolean =>
    state.kind === 'AWAITING_SCAN' && state.renewal === null && state.prompt.generation >= number

/** The upstream is away for some polls, and comes back. */
export const polledInVain = (scene: Scene): void => {
  for (let poll = 0; poll < 3; poll += 1) {
    const state = live(scene)
    if (state === null || state.deadline - scene.play.now < 30_000) return
    const began = scene.play.now
    tell(scene.play, {
      kind: 'PollFailed',
      at: after(scene, 3_000),
      began,
      failure: failureOf('UNREACHABLE'),
    })
  }
  polled(scene, scene.random.between(3_000, 12_000), { kind: 'NOT_SCANNED' })
}

/** Seconds that a person takes to look for the phone and scan, and then to tap. */
const scanTime = ({ random, tiredness }: Scene): number =>
  random.logNormal(14_000 * tiredness, 0.65, 3_000, 90_000)
const tapTime = ({ random, tiredness }: Scene): number =>
  random.logNormal(8_000 * tiredness, 0.6, 2_000, 60_000)

/** The person scans; seen only where the upstream tells. */
export const scan = (scene: Scene): void => {
  const { capabilities } = scene.dialect
  const { nickName } = scene.person
  if (capabilities.announcesScan)
    polled(scene, scanTime(scene), { kind: 'SCANNED', nickName, avatarUrl: null })
}

/** Where the scan was not seen, it is part of this. */
export const tapWait = (scene: Scene): number => {
  const { play, dialect } = scene
  const unseen = !dialect.capabilities.announcesScan && play.state.kind === 'AWAITING_SCAN'
  return tapTime(scene) + (unseen ? scanTime(scene) : 0)
}

/** A login that pauses at the scan goes on once the person has said that no code is asked for. */
export const noCodeAsked = (scene: Scene): void => {
  const state = live(scene)
  if (state?.kind === 'AWAITING_CONFIRMATION' && state.paused)
    tell(scene.play, { kind: 'CodePromptWithdrawn', at: after(scene, scene.random.between(3_000, 15_000)) })
}

export const askForCode = (scene: Scene): void => {
  const time = scene.random.between(2_000, 20_000)
  if (scene.dialect.capabilities.announcesCode)
    polled(scene, time + (live(scene)?.kind === 'AWAITING_SCAN' ? scanTime(scene) : 0), {
      kind: 'CODE_ASKED',
      upstreamMessage: said.codeAsked,
    })
  else tell(scene.play, { kind: 'CodePromptReported', at: after(scene, time) })
}

/** A code is typed and sent. Null for `profile`: it was wrong. */
export const submitCode = (
  scene: Scene,
  profile: Profile | null,
  wait = Math.min(55_000, tapTime(scene) * 1.3),
): void => {
  tell(scene.play, { kind: 'CodeSubmitted', at: after(scene, wait), mark: 'seed', code: '000000' })
  tell(scene.play, { kind: 'Intended', at: after(scene, 700), intent })
  tell(scene.play, {
    kind: 'CodeAnswered',
    at: after(scene, scene.random.logNormal(1_500, 0.5, 400, 9_000)),
    intent,
    answer:
      profile === null
        ? { kind: 'REJECTED', upstreamCode: '1001', upstreamMessage: said.wrongCode }
        : { kind: 'SIGNED_IN', profile },
  })
}

export const showSlider = (scene: Scene): void =>
  polled(scene, tapWait(scene), { kind: 'SLIDER', url: 'https://slider.invalid/' })

export const solveSlider = (
  scene: Scene,
  wait = scene.random.logNormal(18_000 * scene.tiredness, 0.5, 6_000, 90_000),
): void => tell(scene.play, { kind: 'SliderReported', at: after(scene, wait) })

export const newDevicePrompt = (scene: Scene): void =>
  tell(scene.play, {
    kind: 'NewDevicePromptReported',
    at: after(scene, scene.random.between(4_000, 25_000)),
  })

export const cancel = (scene: Scene, wait: number, by: 'CANCELLED_BY_CALLER' | 'SUPERSEDED'): void =>
  tell(scene.play, { kind: 'CancelAsked', at: after(scene, wait), by })

export const isByPush = (scene: Scene): boolean => {
  const state = live(scene)
  return state !== null && (state.method === 'PUSH' || isPushByCall(state))
}
