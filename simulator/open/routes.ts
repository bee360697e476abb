/**
 * The HTTP surface of the `open` dialect: which path is which call, and what is checked before a call is handled.
 */
import type { Endpoint } from '../endpoints.ts'
import { failure } from '../envelope.ts'
import { GUESSED } from '../words.ts'
import { unknownDevice } from './answers.ts'
import { getLoginQrCode, loginAgain } from './asking.ts'
import type { DeviceHandler, Handler } from './call.ts'
import { cancelHttpCallbackUrl, setHttpCallbackUrl } from './callback-url.ts'
import { checkLogin, checkLoginShort, loginVerifyCode } from './confirming.ts'
import { isOnline, logout, offlineReason, queryLoginDevice, setDeviceProxy } from './presence.ts'
import {
  authLogin,
  createWorkstation,
  getWorkstation,
  listWorkstations,
  resetAuthorization,
  resetDevice,
} from './workstation.ts'

export type OpenRoute = { readonly endpoint: Endpoint; readonly handle: Handler; readonly free: boolean }

/** A call about one device: answers in the upstream's words where the id is missing or unknown. */
const ofDevice =
  (handle: DeviceHandler): Handler =>
  call => {
    const id = call.params.deviceId ?? ''
    const device = call.world.devices.get(id)
    if (device !== undefined) return handle(call, device)
    const { switches } = call.world
    return id === '' ? failure(switches, GUESSED.badParameters) : unknownDevice(switches)
  }

const route = (endpoint: Endpoint, handle: Handler, free = false): OpenRoute => ({ endpoint, handle, free })

const ROUTES: ReadonlyMap<string, OpenRoute> = new Map([
  ['POST /auth/login', route('authLogin', authLogin, true)],
  ['POST /open/user/resetAuthorization', route('resetAuthorization', resetAuthorization)],
  ['POST /open/user/setHttpCallbackUrl', route('setHttpCallbackUrl', setHttpCallbackUrl)],
  ['POST /open/user/cancelHttpCallbackUrl', route('cancelHttpCallbackUrl', cancelHttpCallbackUrl)],
  ['POST /open/workstation', route('createWorkstation', createWorkstation)],
  ['GET /open/workstation', route('listWorkstations', listWorkstations)],
  ['POST /open/workstation/resetDevice', route('resetDevice', ofDevice(resetDevice))],
  ['GET /open/queryLoginDevice', route('queryLoginDevice', queryLoginDevice)],
  ['POST /open/getLoginQrCode', route('getLoginQrCode', ofDevice(getLoginQrCode))],
  ['POST /open/checkLogin', route('checkLogin', ofDevice(checkLogin))],
  ['POST /open/checkLoginShort', route('checkLoginShort', ofDevice(checkLoginShort))],
  ['POST /open/loginVerifyCode', route('loginVerifyCode', ofDevice(loginVerifyCode))],
  ['POST /open/loginAgain', route('loginAgain', ofDevice(loginAgain))],
  ['POST /open/isOnline', route('isOnline', ofDevice(isOnline))],
  ['POST /open/offlineReason', route('offlineReason', ofDevice(offlineReason))],
  ['POST /open/setDeviceProxy', route('setDeviceProxy', ofDevice(setDeviceProxy))],
  ['POST /open/logout', route('logout', ofDevice(logout))],
])

const ONE = '/open/workstation/'
const GET_ONE = route('getWorkstation', ofDevice(getWorkstation))

/** The call that a method and path mean, with the device id that the path itself holds. */
export const findRoute = (
  method: string,
  path: string,
): { readonly route: OpenRoute; readonly pathDevice: string | null } | null => {
  const found = ROUTES.get(`${method} ${path}`)
  if (found !== undefined) return { route: found, pathDevice: null }
  if (method !== 'GET' || !path.startsWith(ONE) || path.length === ONE.length) return null
  return { route: GET_ONE, pathDevice: safeDecode(path.slice(ONE.length)) }
}

const safeDecode = (text: string): string => {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
