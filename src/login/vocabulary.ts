// The words of a login, as the public contract spells them. Every other file of this folder speaks these.

export type LoginStateName =
  | 'STARTING'
  | 'AWAITING_SCAN'
  | 'AWAITING_CONFIRMATION'
  | 'AWAITING_CODE'
  | 'VERIFYING_CODE'
  | 'AWAITING_SLIDER'
  | EndName

export type EndName = 'CONFIRMED' | 'EXPIRED' | 'REJECTED' | 'CANCELLED' | 'FAILED'

export type LoginStrategy = 'AUTO' | 'QR_CODE' | 'PUSH'
export type LoginMethod = 'QR_CODE' | 'PUSH'
export type DeviceType = 'IPAD' | 'MAC'
export type Announcer = 'UPSTREAM' | 'PERSON'
export type PollState = 'OK' | 'DEGRADED' | 'PAUSED' | 'IDLE'

export type OutcomeReason =
  | 'SIGNED_IN'
  | 'ALREADY_SIGNED_IN'
  | 'QR_CODE_EXPIRED'
  | 'PUSH_EXPIRED'
  | 'CODE_EXPIRED'
  | 'SLIDER_EXPIRED'
  | 'TIMED_OUT'
  | 'DECLINED_ON_PHONE'
  | 'PUSH_REFUSED'
  | 'CANCELLED_BY_CALLER'
  | 'SUPERSEDED'
  | 'WRONG_ACCOUNT'
  | 'CODE_REJECTED'
  | 'DEVICE_UNKNOWN'
  | 'DEVICE_RESET_REQUIRED'
  | 'NEW_DEVICE_VERIFICATION'
  | 'PROXY_FAILED'
  | 'UPSTREAM_UNAUTHORIZED'
  | 'UPSTREAM_UNREACHABLE'
  | 'UPSTREAM_ERROR'
  | 'UPSTREAM_UNREADABLE'

export type NextStep =
  | 'NONE'
  | 'WAIT'
  | 'SCAN_QR_CODE'
  | 'CONFIRM_ON_PHONE'
  | 'ENTER_CODE'
  | 'SOLVE_SLIDER'
  | 'START_AGAIN'
  | 'START_AGAIN_WITH_QR_CODE'
  | 'START_AGAIN_AS_MAC'
  | 'RESET_DEVICE'
  | 'CHECK_PROXY'
  | 'LOG_OUT_FIRST'
  | 'CONTACT_OPERATOR'

export type LoginAction =
  | 'CANCEL'
  | 'REFRESH_QR_CODE'
  | 'REPORT_CODE_PROMPT'
  | 'WITHDRAW_CODE_PROMPT'
  | 'SUBMIT_CODE'
  | 'REPORT_SLIDER_SOLVED'
  | 'REPORT_NEW_DEVICE_PROMPT'

/** A rule of the upstream that bears on a device, a login or a refusal; its sentence is made where the reader's language is known. */
export interface Advisory {
  readonly code: AdvisoryCode
  readonly until: Millis | null
}

export type AdvisoryCode =
  | 'RECYCLES_SOON'
  | 'FIRST_DAY_DROP_EXPECTED'
  | 'MOMENTS_RESTRICTED'
  | 'OTHER_CLIENTS_KICK'
  | 'USE_PUSH_FIRST'
  | 'WRONG_ACCOUNT_SIGNED_IN'
  | 'ALREADY_SIGNED_IN'
  | 'PUSH_COOL_DOWN'
  | 'PUSH_NEEDS_A_KNOWN_ACCOUNT'
  | 'PUSH_UNLIKELY'
  | 'TOO_MANY_ATTEMPTS'
  | 'RESET_REQUIRED'
  | 'EXIT_REJECTED'
  | 'SIGNED_IN_DEVICE'
  | 'SIGNED_IN_AFTER_END'
  | 'PROVINCE_REQUIRED'
  | 'DO_NOT_REISSUE_QR_CODE'
  | 'SCAN_CANNOT_BE_RULED_OUT'
  | 'PERSON_IS_ACTING'

/** Milliseconds since 1970 on the database's clock. */
export type Millis = number

/** What an upstream tells of an account that signed in. Personal data: never in an event. */
export interface Profile {
  readonly wcId: string
  readonly wAccount: string | null
  readonly nickName: string | null
  readonly avatarUrl: string | null
  readonly country: string | null
  readonly city: string | null
  readonly signature: string | null
  readonly sex: number | null
  readonly mobilePhone: string | null
  /** The upstream's handle of this sign-in (`wId`), where it told one. */
  readonly instanceId: string | null
}

/** Why an upstream could not be asked or understood, or what it refused. */
export type FailureKind =
  | 'UNREACHABLE'
  | 'TIMEOUT'
  | 'UNREADABLE'
  | 'UNAUTHORIZED'
  | 'DEVICE_UNKNOWN'
  | 'RESET_REQUIRED'
  | 'PROXY_FAILED'
  | 'ERROR'
