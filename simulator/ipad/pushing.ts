/**
 * `secondLogin`: a box on the phone of an account that signed in before; hangs until it is decided or lapses (P 2.3, S1).
 * What the person decides counts, whether somebody still waits for the answer or not.
 */
import { type Device, isActing, type PushAttempt } from '../device.ts'
import { envelope } from '../envelope.ts'
import { SAID } from '../words.ts'
import { failed, failedInside, pushedProfile } from './answers.ts'
import { type Handler, hang, type IpadCall } from './call.ts'

export const secondLogin: Handler = call => {
  const { world, pictures, params } = call
  const device = world.lastSlotOf(params.wcId ?? '')
  if (device === null) return failedInside(world.switches, world.switches.pushRefusedText)
  const { switches, account, timings } = device
  world.settle(device)
  if (account === null || account.wcId !== params.wcId || switches.push === 'refused') {
    world.moments.emit('pushRefused', device.id)
    return cameToNothing(device, switches.pushRefusedText)
  }
  if (device.online) return pushedProfile(switches, account, device.wId, pictures)
  if (device.attempt?.kind === 'push' && isActing(device.attempt)) device.watch.pushesOverlapping++
  const issued = world.now()
  const push: PushAttempt = {
    kind: 'push',
    issued,
    expires: issued + timings.pushLifetimeMs,
    account,
    away: false,
    phase: 'shown',
  }
  world.begin(device, push)
  const decision = hang(call, device, {
    ms: timings.pushLifetimeMs,
    lapses: () => push.expires,
    look: timeIsUp => decided(call, device, push, timeIsUp),
    goesOn: true,
  })
  return switches.pushBlocks ? decision : envelope(switches, '1000', SAID.success, null)
}

const decided = (call: IpadCall, device: Device, push: PushAttempt, timeIsUp: boolean): string | null => {
  const { world, pictures } = call
  const { switches } = device
  if (timeIsUp && push.phase === 'shown') {
    push.phase = 'lapsed'
    world.moments.emit('pushLapsed', device.id)
  }
  switch (push.phase) {
    case 'shown':
      return null
    case 'confirmed':
      push.phase = 'done'
      if (device.attempt === push) {
        // S1:34: each sign-in has a handle of its own.
        world.instances.handOver(device)
        device.unlisted = false
        world.signIn(device, push.account)
      }
      return pushedProfile(switches, push.account, device.wId, pictures)
    case 'done':
      return pushedProfile(switches, push.account, device.wId, pictures)
    case 'declined':
      return cameToNothing(device, switches.pushDeclinedText)
    case 'lapsed':
      return cameToNothing(device, switches.pushLapsedText)
    case 'refused':
      return cameToNothing(device, switches.pushRefusedText)
  }
}

/** S1:77: outright and without a reason; S1:83: with one, inside a success. */
const cameToNothing = ({ switches }: Device, text: string): string =>
  switches.pushFailure === 'outer' ? failed(switches, SAID.systemFailed) : failedInside(switches, text)
