/**
 * The names of the calls, used by faults, the log, moments and scenarios.
 * Refuses to know their paths and answers: those are each dialect's own.
 */

/** Calls of the `open` dialect (P 3.2). */
const OPEN = [
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
  'setHttpCallbackUrl',
  'cancelHttpCallbackUrl',
] as const

/** Calls of the `ipad` dialect (P 2.1) whose names `open` has not. */
const IPAD = [
  'memberLogin',
  'iPadLogin',
  'localIPadLogin',
  'getIPadLoginInfo',
  'simpleIPadLoginInfo',
  'secondLogin',
  'queryLoginWx',
  'setproxy',
  'memberOffline',
  'getHttpCallbackUrl',
] as const

/** What answers point at: pictures, and the page with a slider. */
const PAGES = ['qrPicture', 'avatar', 'captcha'] as const

export const ENDPOINTS = [...OPEN, ...IPAD, ...PAGES] as const

export type Endpoint = (typeof ENDPOINTS)[number]
