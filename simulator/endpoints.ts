/**
 * The names of the calls, used by faults, the log, moments and scenarios.
 * Refuses to know their paths and answers: those are each dialect's own.
 */

/** Calls of the `open` dialect (P 3.2), then the pictures that its answers point at. */
export const ENDPOINTS = [
  'authLogin',
  'resetAuthorization',
  'createWorkstation',
  'listWorkstations',
  'getWorkstation',
  'resetDevice',
  'queryLoginDevice',
  'getLoginQrCode',
  'checkLogin',
  'checkLoginShort',
  'loginVerifyCode',
  'loginAgain',
  'isOnline',
  'offlineReason',
  'setDeviceProxy',
  'logout',
  'qrPicture',
  'avatar',
] as const

export type Endpoint = (typeof ENDPOINTS)[number]
