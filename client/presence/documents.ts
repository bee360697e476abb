// What this command asks of the gateway, and what it is answered with. Words that may grow (states, reasons, steps) stay
// strings. Refuses to know who sends them.

export const PROVIDER_NAMES = /* GraphQL */ `
  query ProviderNames { providers { name } }
`

export const ACCOUNT_PRESENCE = /* GraphQL */ `
  subscription AccountPresence {
    accountPresence {
      account {
        id wcId nickName
        presence { state since asOf reason upstreamReason nextStep }
        device { deviceKey provider }
      }
      change { from to reason upstreamReason at }
    }
  }
`

export interface Account {
  readonly id: string
  readonly wcId: string
  readonly nickName: string | null
  readonly presence: {
    readonly state: string
    readonly since: string
    readonly asOf: string
    readonly reason: string | null
    readonly upstreamReason: string | null
    readonly nextStep: string
  }
  /** Null: none is known. */
  readonly device: { readonly deviceKey: string; readonly provider: string } | null
}

/** `change` is null on a snapshot. */
export interface PresenceUpdate {
  readonly account: Account
  readonly change: {
    readonly from: string
    readonly to: string
    readonly reason: string | null
    readonly upstreamReason: string | null
    readonly at: string
  } | null
}
