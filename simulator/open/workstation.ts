/**
 * The calls that make, list and reset devices, and the two about the developer's own account (P 3.2).
 */
import type { Device } from '../device.ts'
import { envelope, failure } from '../envelope.ts'
import { GUESSED, SAID, shanghaiTime } from '../words.ts'
import type { DeviceHandler, Handler } from './call.ts'

/** Any name and password will do, save the password `wrong`. */
export const authLogin: Handler = ({ world, params }) => {
  const { username = '', password = '' } = params
  if (username === '' || password === '' || password === 'wrong')
    return failure(world.switches, SAID.wrongPassword)
  const callbackUrl = world.callbacks.address('open')?.url ?? null
  const data = { authorization: world.token, username, balance: 9999, callbackUrl }
  return envelope(world.switches, '1000', SAID.success, data)
}

/** The old token is dead at once (P 3.2). */
export const resetAuthorization: Handler = ({ world }) =>
  envelope(world.switches, '1000', SAID.tokenReset, world.replaceToken())

export const createWorkstation: Handler = ({ world, params }) => {
  const deviceId = params.deviceId ?? ''
  if (deviceId === '') return failure(world.switches, GUESSED.badParameters)
  if (world.devices.has(deviceId) && world.switches.duplicateDevice === 'fails')
    return failure(world.switches, GUESSED.duplicateDevice)
  world.createDevice(deviceId)
  return envelope(world.switches, '1000', SAID.created, ' ')
}

export const listWorkstations: Handler = ({ world, params }) => {
  const page = Math.max(1, Number.parseInt(params.page ?? '1', 10) || 1)
  const pageSize = Math.max(1, Number.parseInt(params.pageSize ?? '20', 10) || 20)
  const { deviceId, wechatStatus } = params
  const fitting = [...world.devices.values()].filter(
    device =>
      // Slots of the other dialect are no devices that could be listed.
      device.dialect === 'open' &&
      (deviceId === undefined || deviceId === '' || device.id === deviceId) &&
      (wechatStatus === undefined || wechatStatus === '' || (wechatStatus === '1') === device.online),
  )
  const lists = fitting
    .slice((page - 1) * pageSize, page * pageSize)
    .map(device => ({ ...described(device), wxid: device.account?.wcId ?? null }))
  const totalPages = Math.ceil(fitting.length / pageSize)
  return envelope(world.switches, '1000', SAID.handled, { lists, total: fitting.length, totalPages })
}

/** The same fields, without `wxid` (P 3.2). */
export const getWorkstation: DeviceHandler = (_call, device) =>
  envelope(device.switches, '1000', SAID.handled, described(device))

export const resetDevice: DeviceHandler = ({ world }, device) => {
  world.resetDevice(device)
  return envelope(device.switches, '1000', SAID.reset, ' ')
}

const described = (device: Device) => ({
  deviceId: device.id,
  wechatStatus: device.online ? 1 : 0,
  deviceStatus: device.activated ? 1 : 0,
  expireTime: device.activeUntil === 0 ? null : time(device, device.activeUntil),
  lastLoginTime: device.lastLogin === null ? null : time(device, device.lastLogin),
})

const time = (device: Device, at: number): string | number =>
  device.switches.timeFormat === 'text' ? shanghaiTime(at) : Math.floor(at)
