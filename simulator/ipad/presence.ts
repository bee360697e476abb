/**
 * The calls about who is signed in: `isOnline`, `queryLoginWx`, `offlineReason`, `setproxy`, `logout`, `member/offline` (P 2.1).
 * None of them completes a login.
 */
import type { Device } from '../device.ts'
import { envelope } from '../envelope.ts'
import { nestedReason, SAID } from '../words.ts'
import type { World } from '../world.ts'
import { failed, nothing } from './answers.ts'
import type { Handler } from './call.ts'
import { given, proxyOf } from './issuing.ts'

export const isOnline: Handler = ({ world, params }) => {
  const wId = params.wId ?? ''
  const switches = world.instances.slotOf(wId)?.switches ?? world.switches
  if (switches.isOnline === 'unknown') return failed(switches, SAID.unclear)
  const online = world.instances.signedIn(wId) !== null
  if (switches.onlineTold === 'flag') return envelope(switches, '1000', SAID.success, { isOnline: online })
  return online ? envelope(switches, '1000', SAID.online, nothing(switches)) : failed(switches, SAID.offline)
}

/** The only source that maps an account to its wId of now (P 2.1). */
export const queryLoginWx: Handler = ({ world }) => {
  const { switches } = world
  const online = [...world.devices.values()].flatMap(({ dialect, online, unlisted, account, wId }) =>
    dialect === 'ipad' && online && !unlisted && account !== null ? [{ wcId: account.wcId, wId }] : [],
  )
  const data = online.length > 0 || switches.emptyAnswer === 'nullFields' ? online : nothing(switches)
  return envelope(switches, '1000', SAID.success, data)
}

/** An array; `reason: null` means online (P 2.1). */
export const offlineReason: Handler = ({ world, params }) => {
  const wcId = params.wcId ?? ''
  const device = world.lastSlotOf(wcId)
  const switches = device?.switches ?? world.switches
  if (device === null || device.account?.wcId !== wcId) return failed(switches)
  const text = device.online ? null : device.popup
  const reason = text !== null && switches.offlineReasonAs === 'nested' ? nestedReason(text) : text
  return envelope(switches, '1000', SAID.handled, [{ wcId, reason }])
}

/** For an account that is signed in; all four are required (P 2.1). */
export const setproxy: Handler = ({ world, params }) => {
  const device = onlineSlot(world, params.wcId ?? '')
  const isWhole = ['proxyIp', 'proxyUser', 'proxyPassword'].every(name => given(params, name))
  if (device === null || !isWhole) return failed(device?.switches ?? world.switches)
  if (device.switches.proxy === 'fails') return failed(device.switches, device.switches.proxyFailedText)
  world.setProxy(device, proxyOf(params))
  world.changed(device)
  return envelope(device.switches, '1000', SAID.success, nothing(device.switches))
}

export const logout: Handler = ({ world, params }) => {
  const device = world.instances.signedIn(params.wId ?? '')
  if (device === null) return failed(world.switches)
  signOut(world, device)
  return envelope(device.switches, '1000', SAID.success, nothing(device.switches))
}

/** Several at once; those that are not online are no mistake. A real client writes `wcids` (P 2.1). */
export const memberOffline: Handler = ({ world, params }) => {
  if (!given(params, 'account')) return failed(world.switches)
  const lists = Object.entries(params).filter(([name]) => /^wcids(\[\d*\])?$/i.test(name))
  for (const wcId of lists.flatMap(([, list]) => listOf(list))) {
    const device = onlineSlot(world, wcId)
    if (device !== null) signOut(world, device)
  }
  return envelope(world.switches, '1000', SAID.success, nothing(world.switches))
}

const onlineSlot = (world: World, wcId: string): Device | null => {
  const device = world.lastSlotOf(wcId)
  return device?.online === true && device.account?.wcId === wcId ? device : null
}

const signOut = (world: World, device: Device): void => {
  const { wId } = device
  const signedOut = (): void => {
    if (!device.online || device.wId !== wId) return
    world.logOut(device, 'loggedOutOnPhone')
  }
  const wait = device.timings.logoutSettlesMs
  if (wait > 0) world.timers.set(wait, signedOut)
  else signedOut()
}

/** A JSON array, or a form's way of writing one. */
const listOf = (text: string): readonly string[] => {
  try {
    const json: unknown = JSON.parse(text)
    if (Array.isArray(json)) return json.map(String)
  } catch {
    // No JSON: names with commas between them.
  }
  return text.split(',').map(name => name.trim())
}
