/**
 * The calls about who is signed in: `isOnline`, `offlineReason`, `queryLoginDevice`, `setDeviceProxy`, `logout` (P 3.2).
 * None of them completes a login.
 */
import { envelope, failure } from '../envelope.ts'
import { SAID } from '../words.ts'
import { proxyOf } from './asking.ts'
import type { DeviceHandler, Handler } from './call.ts'

export const isOnline: DeviceHandler = (_call, device) => {
  if (device.switches.isOnline === 'unknown') return failure(device.switches, SAID.unclear)
  if (!device.online) return failure(device.switches, SAID.offline)
  return envelope(device.switches, '1000', SAID.online, null)
}

/** The popup of the last drop; null without one, and after the next sign-in (P 3.2, P 3.4). */
export const offlineReason: DeviceHandler = (_call, device) =>
  envelope(device.switches, '1000', SAID.reasonRead, { reason: device.online ? null : device.popup })

export const queryLoginDevice: Handler = ({ world }) => {
  const deviceIds = [...world.devices.values()]
    .filter(({ dialect, online }) => dialect === 'open' && online)
    .map(({ id }) => id)
  return envelope(world.switches, '1000', SAID.handled, { deviceIds, total: deviceIds.length })
}

/** For a device that is signed in (P 3.2). */
export const setDeviceProxy: DeviceHandler = ({ world, params }, device) => {
  if (!device.online || (params.proxyIp ?? '') === '') return failure(device.switches, SAID.failed)
  if (device.switches.proxy === 'fails') return failure(device.switches, device.switches.proxyFailedText)
  world.setProxy(device, proxyOf(params))
  world.changed(device)
  return envelope(device.switches, '1000', SAID.handled, {})
}

/** Shows only after a while; the real one takes 1–2 min (P 3.2). Its example answers with empty strings. */
export const logout: DeviceHandler = ({ world }, device) => {
  if (!device.online) return failure(device.switches, SAID.failed)
  const signedOut = (): void => {
    if (device.online) world.logOut(device, 'noPopup')
  }
  const wait = device.timings.logoutSettlesMs
  if (wait > 0) world.timers.set(wait, signedOut)
  else signedOut()
  return envelope(device.switches, '1000', SAID.success, '')
}
