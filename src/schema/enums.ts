// The closed lists of words in the API. Their values are the words of `src/login`, spelled alike.

import type { ProviderView } from '../resolvers/list-providers.ts'
import { builder } from './builder.ts'

export const LoginStateEnum = builder.enumType('LoginState', {
  description: 'Where a login stands. The last five are final: nothing changes after them.',
  values: {
    STARTING: { description: 'Accepted; the upstream has not answered yet.' },
    AWAITING_SCAN: { description: 'A QR code is out: somebody must scan it.' },
    AWAITING_CONFIRMATION: { description: 'Scanned, or the prompt is on the phone: the person must tap.' },
    AWAITING_CODE: { description: 'The phone shows or asks for a verify code: type it in here.' },
    VERIFYING_CODE: { description: 'A code was accepted here and is sent once; there is no answer yet.' },
    AWAITING_SLIDER: { description: 'A slider must be solved in a page by the person who owns the account.' },
    CONFIRMED: { description: 'Signed in. Final.' },
    EXPIRED: { description: 'Nobody acted in time. Final.' },
    REJECTED: { description: 'The person said no, or the upstream declined. Final.' },
    CANCELLED: { description: 'The caller said stop, or began another login in its place. Final.' },
    FAILED: { description: 'It could not go on; the outcome says why. Final.' },
  },
})

export const LoginStrategyEnum = builder.enumType('LoginStrategy', {
  description: 'How a login should go about it.',
  values: {
    AUTO: { description: 'A push where the device has signed in before, a QR code where that is refused.' },
    QR_CODE: { description: 'A QR code from the start.' },
    PUSH: { description: 'A push and nothing else.' },
  },
})

export const LoginMethodEnum = builder.enumType('LoginMethod', {
  description: 'What is put before the person.',
  values: {
    QR_CODE: { description: 'A QR code to scan with the phone.' },
    PUSH: { description: 'A prompt on the phone of the account that last signed in on the device.' },
  },
})

export const DeviceTypeEnum = builder.enumType('DeviceType', {
  description: 'What the account sees the device as. MAC sticks once a login succeeded with it.',
  values: {
    IPAD: { description: 'A tablet; what a device begins as.' },
    MAC: { description: 'A desktop; for accounts that must verify a new device.' },
  },
})

export const AnnouncerEnum = builder.enumType('Announcer', {
  description: 'Who said that the phone asks for a code.',
  values: {
    UPSTREAM: { description: 'The upstream announced it.' },
    PERSON: {
      description: 'The person at the phone reported it; the `open` dialect never announces it itself.',
    },
  },
})

export const NextStepEnum = builder.enumType('NextStep', {
  description: 'What somebody should do next, in one word for a button or a hint.',
  values: {
    NONE: { description: 'Nothing.' },
    WAIT: { description: 'Wait: it is going on by itself.' },
    SCAN_QR_CODE: { description: 'Scan the QR code with the phone.' },
    CONFIRM_ON_PHONE: { description: 'Tap the confirmation on the phone.' },
    ENTER_CODE: { description: 'Type the verify code in (`submitVerifyCode`).' },
    SOLVE_SLIDER: { description: 'Solve the slider in its page, then report it.' },
    START_AGAIN: { description: 'Start another login.' },
    START_AGAIN_WITH_QR_CODE: { description: 'Start another login with the strategy QR_CODE.' },
    START_AGAIN_AS_MAC: { description: 'Start another login with the device type MAC.' },
    RESET_DEVICE: { description: 'The device must be reset before it can sign in.' },
    CHECK_PROXY: { description: 'Change or repair the proxy or the province of the device.' },
    LOG_OUT_FIRST: { description: 'Another account is signed in on the device: log it out first.' },
    CONTACT_OPERATOR: { description: 'Ask whoever runs this gateway.' },
  },
})

export const LoginActionEnum = builder.enumType('LoginAction', {
  description: 'What a caller may do to a login now; each is a mutation.',
  values: {
    CANCEL: { description: '`cancelLogin`.' },
    REFRESH_QR_CODE: { description: '`refreshQrCode`; only where the upstream tells of a scan.' },
    REPORT_CODE_PROMPT: { description: '`reportCodePrompt`: the phone asks for a code.' },
    WITHDRAW_CODE_PROMPT: { description: '`withdrawCodePrompt`: it does not after all.' },
    SUBMIT_CODE: { description: '`submitVerifyCode`.' },
    REPORT_SLIDER_SOLVED: { description: '`reportSliderSolved`.' },
    REPORT_NEW_DEVICE_PROMPT: {
      description: '`reportNewDevicePrompt`: the phone says to verify on the new device.',
    },
  },
})

export const PollStateEnum = builder.enumType('PollState', {
  description: 'How well the upstream can be asked about a login.',
  values: {
    OK: { description: 'It answers.' },
    DEGRADED: { description: 'It could not be asked or understood several times in a row.' },
    PAUSED: { description: 'It is not asked on purpose: a person must speak first.' },
    IDLE: { description: 'There is nothing to ask.' },
  },
})

export const OutcomeReasonEnum = builder.enumType('OutcomeReason', {
  description: 'Why a login ended, or changed its method.',
  values: {
    SIGNED_IN: { description: 'The person confirmed.' },
    ALREADY_SIGNED_IN: { description: 'The account was signed in on the device already.' },
    QR_CODE_EXPIRED: { description: 'The QR code lapsed.' },
    PUSH_EXPIRED: { description: 'The push prompt lapsed.' },
    CODE_EXPIRED: { description: 'No verify code came in time.' },
    SLIDER_EXPIRED: { description: 'The slider was not solved in time.' },
    TIMED_OUT: { description: 'The login as a whole took too long.' },
    DECLINED_ON_PHONE: {
      description:
        'The person said no. Only where the upstream tells: a decline mostly reads as PUSH_REFUSED or as an expiry.',
    },
    PUSH_REFUSED: { description: 'The upstream or the person refused the push.' },
    CANCELLED_BY_CALLER: { description: '`cancelLogin` was called.' },
    SUPERSEDED: { description: 'Another login took its place (REPLACE).' },
    WRONG_ACCOUNT: { description: 'Another account than the expected one signed in.' },
    CODE_REJECTED: { description: 'Three verify codes were wrong.' },
    DEVICE_UNKNOWN: { description: 'The upstream does not know the device.' },
    DEVICE_RESET_REQUIRED: { description: 'The upstream wants the device reset first.' },
    NEW_DEVICE_VERIFICATION: {
      description: 'The account must be verified as on a new device, which MAC already is.',
    },
    PROXY_FAILED: { description: 'The proxy of the device could not be used.' },
    UPSTREAM_UNAUTHORIZED: { description: "The upstream refused the gateway's token." },
    UPSTREAM_UNREACHABLE: { description: 'The upstream could not be reached.' },
    UPSTREAM_ERROR: { description: 'The upstream answered with an error of its own.' },
    UPSTREAM_UNREADABLE: { description: 'The upstream answered what nobody can read.' },
  },
})

export const PresenceStateEnum = builder.enumType('PresenceState', {
  description: 'What is believed of a signed-in account.',
  values: {
    UNKNOWN: { description: 'Nobody could tell within the last five minutes.' },
    ONLINE: { description: 'Signed in.' },
    OFFLINE: { description: 'Signed out.' },
  },
})

export const DropTagEnum = builder.enumType('DropTag', {
  description: 'What kind of drop ended a sign-in.',
  values: {
    WITHIN_60_SECONDS: { description: 'At once: the upstream rejects where the account came from.' },
    FIRST_DAY: { description: 'Within the first 24 hours on a new device: one is to be expected.' },
  },
})

export const DeviceChangeCauseEnum = builder.enumType('DeviceChangeCause', {
  description: 'What led to a version of the settings of a device.',
  values: {
    REGISTERED: { description: 'It was registered.' },
    IMPORTED: { description: 'It was taken over from the upstream.' },
    UPDATED: { description: 'A caller changed it.' },
    SIGNED_IN_AS_MAC: { description: 'A login as MAC succeeded, which sticks.' },
    RESET: { description: 'It was made new.' },
    RETIRED: { description: 'It was taken out of use.' },
  },
})

export const PresenceReasonEnum = builder.enumType('PresenceReason', {
  description: 'Why a presence is what it is.',
  values: {
    SIGNED_IN: { description: 'A login signed the account in.' },
    FOUND_ONLINE: { description: 'The account was found signed in.' },
    LOGGED_OUT_BY_CALLER: { description: 'A caller of this gateway logged it out.' },
    LOGGED_OUT_ON_PHONE: { description: 'The person logged it out on the phone.' },
    SIGNED_IN_ELSEWHERE: { description: 'It was signed in somewhere else.' },
    DEVICE_RESET: { description: 'Its device was reset.' },
    SECURITY_CHECK: { description: 'The messenger asked for a security check.' },
    ENVIRONMENT_CHECK: { description: 'The messenger found the environment suspicious.' },
    NETWORK_CHECK: { description: 'The messenger found the network suspicious.' },
    PASSWORD_CHANGED: { description: 'The password was changed.' },
    PAYMENT_PASSWORD_CHANGED: { description: 'The payment password was changed.' },
    FACE_DATA_CHANGED: { description: 'The face data was changed.' },
    NO_POPUP: { description: 'It went offline, and the phone showed nothing.' },
    OTHER: { description: 'Something else; see `upstreamReason`.' },
  },
})

export const DialectEnum = builder.enumType('Dialect', {
  description: 'The protocol that an upstream speaks.',
  values: {
    OPEN: {
      description: 'Devices are what the upstream knows: an account is addressed by that of its sign-in.',
    },
    IPAD: {
      description:
        'Accounts are what the upstream knows: each sign-in brings an instance id, by which the account is addressed until the next.',
    },
  } satisfies Readonly<Record<ProviderView['dialect'], { readonly description: string }>>,
})

export const DeviceOperationKindEnum = builder.enumType('DeviceOperationKind', {
  description: 'What the upstream is asked to do with a device.',
  values: {
    REGISTER: { description: 'Create it.' },
    RESET: { description: 'Make it new for every account.' },
    LOGOUT: { description: 'Sign its account out.' },
    CHANGE_PROXY: { description: 'Move its account to another proxy.' },
  },
})

export const DeviceOperationStateEnum = builder.enumType('DeviceOperationState', {
  description: 'How an operation stands.',
  values: {
    PENDING: { description: 'Under way.' },
    DONE: { description: 'The upstream did it.' },
    FAILED: { description: 'The upstream refused, or could not be asked.' },
    UNCLEAR: { description: 'Sent without an answer; what followed is read from the upstream.' },
  },
})

export const ScopeEnum = builder.enumType('Scope', {
  description: 'What a key may do.',
  values: {
    LOGIN_READ: { description: 'Read and watch logins, devices and accounts.' },
    LOGIN_WRITE: { description: 'Start logins and act on them, see QR codes and slider links.' },
    HISTORY_READ: { description: 'Read history and statistics.' },
    PERSONAL_READ: { description: 'Read personal data unmasked.' },
    INSTANCE_READ: { description: "Read the upstream's handles of devices and accounts." },
    KEYS_MANAGE: { description: 'Make and revoke keys.' },
    ADMIN: { description: 'Everything, over all tenants.' },
    LOGIN_LINK: { description: 'The holder of a login link: one login and nothing else.' },
  },
})

export const LoginOrderEnum = builder.enumType('LoginOrder', {
  description: 'How logins are listed.',
  values: {
    STARTED_AT_DESC: { description: 'Newest first.' },
    STARTED_AT_ASC: { description: 'Oldest first.' },
  },
})

export const LoginConflictEnum = builder.enumType('LoginConflict', {
  description: 'What to answer while the device has a login under way.',
  values: {
    RETURN_ACTIVE: { description: 'That login; DeviceBusyError where it expects another account.' },
    FAIL: { description: 'DeviceBusyError.' },
    REPLACE: {
      description:
        'End it as SUPERSEDED and start anew; RefusedByRuleError while a scan, a push, a code or a slider is before the person, or a QR code is out whose scan the upstream would not tell (`announcesScan` false).',
    },
  },
})

export const LoginDimensionEnum = builder.enumType('LoginDimension', {
  description: 'What logins may be kept apart by.',
  values: {
    PROVIDER: { description: 'The upstream, by its name.' },
    DIALECT: { description: 'The protocol of the upstream; none where it is not configured any more.' },
    METHOD: { description: 'The method in use, or in use last.' },
    FIRST_METHOD: { description: 'The method tried first; none where nothing was sent.' },
    STRATEGY: { description: 'The strategy that they were started with.' },
    DEVICE_TYPE: { description: 'What the account saw the device as.' },
    PROVINCE: { description: 'The province of the device as it was.' },
    REASON: { description: 'Why they ended; none while they are live.' },
    FIRST_ON_DEVICE: { description: 'Whether no account had signed in on the device before.' },
    HOUR_OF_DAY: { description: 'The hour in which they started, in the time zone asked for: 0 to 23.' },
    DAY_OF_WEEK: {
      description: 'The day on which they started, in the time zone asked for: 1 (Monday) to 7 (Sunday).',
    },
  },
})

export const StatsIntervalEnum = builder.enumType('StatsInterval', {
  description: 'How long the intervals are. They begin as clocks and calendars of the time zone do.',
  values: {
    HOUR: { description: 'An hour. One that is set back at night is two.' },
    DAY: { description: 'From midnight to midnight: 23 or 25 hours where the clock changes.' },
    WEEK: { description: 'From Monday on.' },
    MONTH: { description: 'From the first on.' },
  },
})
