/**
 * The calls that put something before a person: `getLoginQrCode` and `loginAgain`. Both change the world each time they arrive.
 * Refuses to complete a login: that is for the confirming calls (S2:18), and for a `loginAgain` that is still hanging.
 */
import { type Device, isActing, newQrAttempt, type PushAttempt } from '../device.ts'
import { envelope, failure } from '../envelope.ts'
import type { Parameters } from '../http/body.ts'
import { SAID } from '../words.ts'
import { pushedProfile, resetRequired } from './answers.ts'
import { type DeviceHandler, hang, type OpenCall } from './call.ts'

/** A new QR code; the one before it is dead (S2). */
export const getLoginQrCode: DeviceHandler = (call, device) => {
  const { world, pictures, params } = call
  const { switches } = device
  if (world.isRecycled(device)) return resetRequired(device)
  if (switches.exitRequired && !hasExit(params)) return failure(switches, switches.exitMissingText)
  if (switches.proxy === 'fails' && given(params, 'proxyIp'))
    return failure(switches, switches.proxyFailedText)
  if (device.online || isActing(device.attempt)) device.watch.qrCodesWhileActing++
  const issued = pictures.issue(device.id, device.timings.pictureLifetimeMs)
  const now = world.now()
  if (given(params, 'proxyIp')) world.setProxy(device, proxyOf(params))
  device.generation++
  const attempt = newQrAttempt({
    generation: device.generation,
    content: issued.content,
    url: issued.url,
    deviceType: params.deviceType === 'mac' ? 'mac' : 'ipad',
    issued: now,
    expires: now + device.timings.qrLifetimeMs,
  })
  world.begin(device, attempt)
  return envelope(switches, '1000', SAID.handled, { qrCodeUrl: issued.url }, 'codeFirst')
}

/** Puts a box on the phone of whoever was signed in; blocks until it is decided, or does not (P 6.2). */
export const loginAgain: DeviceHandler = (call, device) => {
  const { world, pictures } = call
  const { switches, account } = device
  world.settle(device)
  if (world.isRecycled(device)) return resetRequired(device)
  if (device.online && account !== null) return pushedProfile(device, account, pictures)
  if (account === null || switches.push === 'refused') {
    world.moments.emit('pushRefused', device.id)
    return failure(switches, switches.pushRefusedText)
  }
  if (device.attempt?.kind === 'push' && isActing(device.attempt)) device.watch.pushesOverlapping++
  const issued = world.now()
  const expires = issued + device.timings.pushLifetimeMs
  const push: PushAttempt = { kind: 'push', issued, expires, account, away: false, phase: 'shown' }
  world.begin(device, push)
  if (!switches.pushBlocks) return envelope(switches, '1000', SAID.success, null)
  return hang(call, device, device.timings.pushLifetimeMs, timeIsUp => decided(call, device, push, timeIsUp))
}

const decided = (call: OpenCall, device: Device, push: PushAttempt, timeIsUp: boolean): string | null => {
  const { world, pictures } = call
  const { switches } = device
  if (timeIsUp && push.phase === 'shown') {
    push.phase = 'lapsed'
    world.moments.emit('pushLapsed', device.id)
    if (device.attempt === push) device.cached = null
  }
  switch (push.phase) {
    case 'shown':
      return null
    case 'confirmed':
      if (device.attempt === push) world.signIn(device, push.account)
      return pushedProfile(device, push.account, pictures)
    case 'done':
      return pushedProfile(device, push.account, pictures)
    case 'declined':
      return failure(switches, switches.pushDeclinedText)
    case 'lapsed':
      return failure(switches, switches.pushLapsedText)
    case 'refused':
      return failure(switches, switches.pushRefusedText)
  }
}

export const given = (params: Parameters, name: string): boolean => (params[name] ?? '').trim() !== ''

/** One of the three that S2:31 asks for. */
const hasExit = (params: Parameters): boolean =>
  given(params, 'province') || given(params, 'proxyIp') || given(params, 'ttuid')

export const proxyOf = (params: Parameters): NonNullable<Device['proxy']> => ({
  ip: params.proxyIp ?? '',
  user: params.proxyUser ?? '',
  password: params.proxyPassword ?? '',
})
