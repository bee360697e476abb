// The lives that a login can have, from its first call to its end: acts in an order. Which one is told is chosen elsewhere.

import {
  askForCode,
  askQrCode,
  cancel,
  checkFails,
  checkOnline,
  generation,
  isByPush,
  live,
  newDevicePrompt,
  noCodeAsked,
  polled,
  polledInVain,
  pushComesToNothing,
  pushNotSent,
  pushSignsIn,
  qrCodeRefused,
  qrCodesUnanswered,
  type Scene,
  scan,
  sendPush,
  showSlider,
  solveSlider,
  submitCode,
  tapWait,
  wait,
} from './act.ts'
import { said } from './dialect.ts'

export type StoryName =
  | 'SIGNS_IN'
  | 'ALREADY_SIGNED_IN'
  | 'NOBODY_SCANS'
  | 'SCANS_AND_LEAVES'
  | 'TAKES_TOO_LONG'
  | 'DECLINES'
  | 'CANCELLED'
  | 'SUPERSEDED'
  | 'CODE_WORKS'
  | 'CODES_REJECTED'
  | 'CODE_LAPSES'
  | 'SLIDER_SOLVED'
  | 'SLIDER_LAPSES'
  | 'WRONG_ACCOUNT'
  | 'NEW_DEVICE'
  | 'PUSH_REFUSED'
  | 'PUSH_LAPSES'
  | 'DEVICE_UNKNOWN'
  | 'RESET_REQUIRED'
  | 'PROXY_FAILED'
  | 'UNAUTHORIZED'
  | 'UNREACHABLE'
  | 'UPSTREAM_ERROR'
  | 'UNREADABLE'

/** Up to a prompt that is before the person. False: it ended on the way. */
const toPrompt = (scene: Scene): boolean => {
  checkOnline(scene)
  if (isByPush(scene)) sendPush(scene)
  else askQrCode(scene)
  return live(scene) !== null
}

/** Some come late: the first code is dead by then. False: it ended meanwhile. */
const someComeLate = (scene: Scene): boolean => {
  if (isByPush(scene)) return true
  const { random } = scene
  if (random.chance(0.24)) wait(scene, generation(random.chance(0.15) ? 3 : 2))
  return live(scene) !== null
}

const toScan = (scene: Scene): boolean => {
  if (!toPrompt(scene) || !someComeLate(scene)) return false
  if (scene.random.chance(0.15)) polledInVain(scene)
  if (live(scene)?.kind === 'AWAITING_SCAN') scan(scene)
  return live(scene) !== null
}

const taps = (scene: Scene): void => {
  noCodeAsked(scene)
  if (isByPush(scene)) pushSignsIn(scene, tapWait(scene), scene.person)
  else polled(scene, tapWait(scene), { kind: 'SIGNED_IN', profile: scene.person })
}

/** After a push that came to nothing, where the login goes on. */
const fallsBack = (scene: Scene): void => {
  if (live(scene) === null || !askQrCode(scene) || scene.random.chance(0.2)) return
  scan(scene)
  taps(scene)
}

const stories: Readonly<Record<StoryName, (scene: Scene) => void>> = {
  SIGNS_IN: scene => {
    if (toScan(scene)) taps(scene)
  },
  ALREADY_SIGNED_IN: scene => checkOnline(scene, scene.person),
  NOBODY_SCANS: scene => {
    toPrompt(scene)
    wait(scene)
  },
  SCANS_AND_LEAVES: scene => {
    toScan(scene)
    wait(scene)
  },
  TAKES_TOO_LONG: scene => {
    toPrompt(scene)
    if (scene.dialect.capabilities.sliders) {
      wait(scene, generation(3))
      if (live(scene) === null) return
      polled(scene, scene.random.between(80_000, 120_000), { kind: 'SLIDER', url: 'https://slider.invalid/' })
      const left = scene.play.terms.started + 900_000 - scene.play.now
      solveSlider(scene, Math.min(170_000, left - 100_000))
    } else {
      wait(scene, generation(3))
      const state = live(scene)
      if (state === null) return
      polled(scene, state.deadline - scene.play.now - 12_000, {
        kind: 'SCANNED',
        nickName: scene.person.nickName,
        avatarUrl: null,
      })
      askForCode(scene)
      const left = scene.play.terms.started + 900_000 - scene.play.now
      submitCode(scene, null, Math.min(172_000, left - 45_000))
    }
    wait(scene)
  },
  DECLINES: scene => {
    if (isByPush(scene)) {
      checkOnline(scene)
      sendPush(scene)
      return void pushComesToNothing(scene, tapWait(scene), 'DECLINED')
    }
    if (!toScan(scene)) return
    noCodeAsked(scene)
    polled(scene, tapWait(scene), { kind: 'DECLINED', upstreamCode: '1001', upstreamMessage: said.declined })
  },
  CANCELLED: scene => {
    const isEarly = scene.random.chance(0.65)
    if (isEarly ? toPrompt(scene) : toScan(scene))
      cancel(scene, scene.random.logNormal(25_000, 0.7, 2_000, 50_000), 'CANCELLED_BY_CALLER')
  },
  SUPERSEDED: scene => {
    // What is before a person is not replaced (S2:1): where no scan is told, only what has not begun.
    if (scene.dialect.capabilities.announcesScan && !isByPush(scene)) toPrompt(scene)
    else checkOnline(scene)
    if (live(scene) !== null) cancel(scene, scene.random.between(1_500, 40_000), 'SUPERSEDED')
  },
  CODE_WORKS: scene => {
    if (!toScan(scene)) return
    askForCode(scene)
    if (live(scene) === null) return
    if (scene.random.chance(0.25)) submitCode(scene, null)
    submitCode(scene, scene.person)
  },
  CODES_REJECTED: scene => {
    if (!toScan(scene)) return
    askForCode(scene)
    for (let code = 0; code < 3 && live(scene)?.kind === 'AWAITING_CODE'; code += 1) submitCode(scene, null)
    wait(scene)
  },
  CODE_LAPSES: scene => {
    if (!toScan(scene)) return
    askForCode(scene)
    if (live(scene)?.kind === 'AWAITING_CODE' && scene.random.chance(0.4)) submitCode(scene, null)
    wait(scene)
  },
  SLIDER_SOLVED: scene => {
    if (!toScan(scene)) return
    showSlider(scene)
    if (live(scene) === null) return
    solveSlider(scene)
    taps(scene)
  },
  SLIDER_LAPSES: scene => {
    if (!toScan(scene)) return
    showSlider(scene)
    wait(scene)
  },
  WRONG_ACCOUNT: scene => {
    if (!toScan(scene)) return
    noCodeAsked(scene)
    polled(scene, tapWait(scene), { kind: 'SIGNED_IN', profile: scene.stranger() })
  },
  NEW_DEVICE: scene => {
    if (!toScan(scene)) return
    newDevicePrompt(scene)
    if (live(scene) === null || !askQrCode(scene)) return
    scan(scene)
    if (scene.random.chance(0.65)) taps(scene)
    else newDevicePrompt(scene)
  },
  PUSH_REFUSED: scene => {
    toPrompt(scene)
    pushComesToNothing(scene, scene.random.between(1_500, 9_000), 'REFUSED')
    fallsBack(scene)
  },
  PUSH_LAPSES: scene => {
    toPrompt(scene)
    pushComesToNothing(scene, scene.random.between(90_000, 175_000), 'LAPSED')
    fallsBack(scene)
  },
  DEVICE_UNKNOWN: scene => checkFails(scene, 'DEVICE_UNKNOWN'),
  RESET_REQUIRED: scene => checkFails(scene, 'RESET_REQUIRED'),
  PROXY_FAILED: scene => {
    if (isByPush(scene) || scene.random.chance(0.4)) return checkFails(scene, 'PROXY_FAILED')
    checkOnline(scene)
    qrCodeRefused(scene, 'PROXY_FAILED')
  },
  UNAUTHORIZED: scene => checkFails(scene, 'UNAUTHORIZED'),
  UNREACHABLE: scene => awayThroughout(scene, 'TIMEOUT'),
  UPSTREAM_ERROR: scene => {
    checkOnline(scene)
    if (isByPush(scene)) {
      sendPush(scene)
      pushComesToNothing(scene, scene.random.between(800, 3_000), 'REFUSED')
    }
    while (qrCodeRefused(scene, 'ERROR'));
    wait(scene)
  },
  UNREADABLE: scene => awayThroughout(scene, 'UNREADABLE'),
}

/** Two checks in vain, then three codes; a push is sent to nobody and falls back. */
const awayThroughout = (scene: Scene, kind: 'TIMEOUT' | 'UNREADABLE'): void => {
  checkFails(scene, kind)
  if (live(scene) !== null) checkFails(scene, kind)
  if (live(scene) === null) return
  if (isByPush(scene)) pushNotSent(scene)
  qrCodesUnanswered(scene, kind)
}

/** The login has ended when this returns. */
export const perform = (name: StoryName, scene: Scene): void => {
  stories[name](scene)
  // Whatever was left open lapses.
  wait(scene)
}
