// What the gateway answers, as far as this client asks for it. Words that may grow (states, steps, reasons) stay strings:
// whoever reads them looks them up and falls back. Refuses to know how they are fetched.

/** A configured upstream. `phonesUrl`: where the phones of the built-in simulator are played with; null on a real one. */
export interface Provider {
  readonly name: string
  readonly phonesUrl: string | null
  /** `announcesScan` false: the confirmation is the first sign of a scan. */
  readonly capabilities: { readonly provinceRequired: boolean; readonly announcesScan: boolean }
}

export interface Device {
  readonly id: string
  readonly deviceKey: string
  readonly upstreamId: string | null
  readonly deviceType: string
  readonly province: string | null
  /** What the upstream was last asked to do with it; null: nothing. */
  readonly operation: { readonly state: string } | null
}

/** One attempt to sign in, whole and as it is now. */
export interface Login {
  readonly id: string
  readonly state: string
  readonly sequence: number
  readonly method: string
  /** The account that it must end with; null: anybody. */
  readonly expectedWcId: string | null
  readonly nextStep: string
  readonly allowedActions: readonly string[]
  readonly deadlineAt: string | null
  readonly polling: { readonly state: string }
  readonly qrCode: QrCode | null
  readonly challenge: Challenge | null
  readonly account: { readonly wcId: string; readonly nickName: string | null } | null
  readonly advisories: readonly Advisory[]
  readonly outcome: Outcome | null
}

/** `content`: what the code says; null where its picture could not be read, then there is only `url`. */
export interface QrCode {
  readonly content: string | null
  readonly url: string | null
  readonly generation: number
}

export type Challenge =
  | { readonly __typename: 'VerifyCodeChallenge'; readonly attemptsLeft: number }
  | { readonly __typename: 'SliderChallenge'; readonly url: string | null }

export interface Advisory {
  readonly code: string
  readonly message: string
}

/** How a login ended; null on a login means that it goes on. */
export interface Outcome {
  readonly state: string
  readonly reason: string
  readonly message: string
  readonly upstreamMessage: string | null
  readonly nextStep: string
}

/** A fact. Beyond the first four fields each kind has its own, and one that this client does not know has none of them. */
export interface LoginEvent {
  readonly __typename: string
  readonly sequence: number
  readonly at: string
  readonly state: string
  readonly method?: string
  readonly generation?: number
  readonly nickName?: string | null
  readonly announcedBy?: string
  readonly attemptsLeft?: number
  readonly reason?: string
  readonly message?: string
  readonly upstreamMessage?: string | null
  readonly outcome?: Outcome
}

/** One item of the subscription. `event` is null on a snapshot; `resync` means: take `login` as the new start. */
export interface LoginUpdate {
  readonly sequence: number
  readonly event: LoginEvent | null
  readonly login: Login
  readonly resync: boolean
  readonly serverTime: string
}

export interface GraphQLProblem {
  readonly message: string
  readonly extensions?: { readonly code?: string; readonly id?: string; readonly retryAfterSeconds?: number }
}
