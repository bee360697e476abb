/**
 * The long poll `getIPadLoginInfo`: hangs until something is decided, shows no scan, takes a code, and completes a login (S4).
 * Refuses to know how many of its kind are under way: that is `serve.ts`.
 */
import { randomUUID } from 'node:crypto'
import type { Device } from '../device.ts'
import { SAID } from '../words.ts'
import { codeAsked, expired, failed, profile, slider } from './answers.ts'
import { type Handler, hang, type IpadCall } from './call.ts'
import { sliderUrl } from './captcha.ts'
import type { Instance } from './instances.ts'

export const getIPadLoginInfo: Handler = call => {
  const { world, params } = call
  const wId = params.wId ?? ''
  const instance = world.instances.find(wId)
  if (instance === null) return whoIsThis(call, wId)
  const { device, attempt } = instance
  const code = params.verifyCode ?? ''
  world.settle(device)
  const judged = code === '' ? null : judge(call, instance, code)
  if (judged !== null) return judged
  if (code === '') notePoll(call, instance)
  return hang(call, device, {
    ms: device.timings.ipadPollMs,
    lapses: () => attempt.expires,
    look: timeIsUp => look(call, instance, timeIsUp),
    goesOn: device.switches.abandonedPolls === 'goOn',
  })
}

/** The wId of a sign-in: some clients ask again and again who that is, which is a poll after success. */
const whoIsThis = (call: IpadCall, wId: string): string => {
  const { world } = call
  const device = world.instances.signedIn(wId)
  if (device === null) return failed(world.switches, world.switches.unknownHandleText)
  device.watch.pollsAfterSuccess++
  return finished(call, device)
}

/** What the code brings at once; null: the call hangs like any poll. */
const judge = (call: IpadCall, instance: Instance, code: string): string | null => {
  const { world } = call
  const { device, attempt } = instance
  const { switches } = device
  if (attempt.phase !== 'code' && attempt.phase !== 'newDevice') return null
  if (attempt.codeVoid) {
    world.moments.emit('codeVoid', device.id)
    return failed(switches, switches.codeVoidText)
  }
  if (attempt.phase === 'newDevice' || code !== attempt.code) {
    world.moments.emit('codeWrong', device.id)
    return failed(switches, switches.codeWrongText)
  }
  world.moments.emit('codeAccepted', device.id)
  attempt.phase = switches.codeCompletes === 'login' ? 'confirmed' : 'scanned'
  world.changed(device)
  return null
}

const notePoll = (call: IpadCall, { device, attempt }: Instance): void => {
  const { watch, switches, timings } = device
  const now = call.world.now()
  if (now - watch.lastPoll < timings.pollGapMs) watch.pollsTooSoon++
  watch.lastPoll = now
  if (attempt.phase === 'done') watch.pollsAfterSuccess++
  const isAsked = attempt.phase === 'code' || attempt.phase === 'newDevice'
  if (attempt.phase === 'slider' && attempt.sliderPage !== null) watch.pollsWhileSliderShown++
  if (isAsked && attempt.codeTold) watch.pollsWhileCodeAsked++
  if (isAsked && switches.codeVoidedByPoll !== 'never')
    attempt.codeVoid = attempt.codeTold || attempt.codeVoid
  attempt.polled = true
}

const look = (call: IpadCall, instance: Instance, timeIsUp: boolean): string | null => {
  const { world, outcome } = call
  const { device, attempt } = instance
  const { switches } = device
  world.settle(device)
  switch (attempt.phase) {
    case 'confirmed':
      return complete(call, instance)
    case 'done':
      return finished(call, device)
    case 'dead':
      return expired(switches)
    case 'declined':
      return declined(device, timeIsUp)
    case 'slider':
      if (attempt.sliderPage === null) outcome.tells = 'slider'
      return slider(switches, sliderUrl(call, world.instances.openSlider(device, attempt)))
    case 'code':
    case 'newDevice':
      if (switches.codePrompt === 'silent') return timeIsUp ? windowOver(call, instance) : null
      outcome.tells = 'code'
      return codeAsked(switches)
    default:
      return timeIsUp ? windowOver(call, instance) : null
  }
}

/** Nobody decided within the window: nobody can any more (P 2.2). */
const windowOver = (call: IpadCall, { device, attempt }: Instance): string => {
  attempt.phase = 'dead'
  call.world.moments.emit('qrDied', device.id)
  call.world.changed(device)
  return expired(device.switches)
}

/** S4:20, S1:34: the login is complete, and its handle is another. */
const complete = (call: IpadCall, instance: Instance): string | null => {
  const { world, pictures, outcome } = call
  const { device, attempt, wId } = instance
  const { switches } = device
  const { account } = attempt
  if (account === null) return null
  const first = world.lastSlotOf(account.wcId) === null
  outcome.signedIn = { instance, first }
  world.instances.handOver(device, switches.handleAfterSignIn === 'rotates' ? randomUUID() : wId)
  device.unlisted = false
  attempt.phase = 'done'
  world.signIn(device, account)
  const isForgotten =
    switches.forgetsHandle === 'always' || (switches.forgetsHandle === 'unheard' && outcome.unheard)
  if (isForgotten) forget(call, { instance, first })
  return profile(switches, account, device.wId, pictures)
}

/** As if that login had never been: its wId is unknown, and whoever signed in for the first time is listed nowhere. */
export const forget = (
  { world }: Pick<IpadCall, 'world'>,
  { instance, first }: { readonly instance: Instance; readonly first: boolean },
): void => {
  world.instances.forget(instance.wId)
  if (first) instance.device.unlisted = true
}

const finished = ({ pictures }: IpadCall, device: Device): string => {
  const { switches, account, wId } = device
  if (switches.finishedHandle === 'expired') return failed(switches, SAID.expired)
  return switches.finishedHandle === 'failed' || account === null
    ? failed(switches)
    : profile(switches, account, wId, pictures)
}

/** How a "no" reads nobody knows (P 6.5). */
const declined = (device: Device, timeIsUp: boolean): string | null => {
  const { switches } = device
  if (switches.declineShows === 'text') return failed(switches, switches.declineText)
  return switches.declineShows === 'dead' || timeIsUp ? expired(switches) : null
}
