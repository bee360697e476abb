// Whether a login went as it must: its events without a gap, its end as the phone has it, no risky call twice. What a
// fault explains is counted apart from what nothing explains.

import type { LoggedCall } from '../../simulator/call-log.ts'
import type { Update, Written } from './api.ts'

export interface Sat {
  readonly dialect: 'open' | 'ipad'
  readonly plan: string
  readonly strategy: string
  /** What the watcher saw, over all its comings and goings. */
  readonly events: readonly NonNullable<Update['event']>[]
  readonly written: Written
  readonly calls: readonly LoggedCall[]
  /** Sign-ins on this phone during the login. */
  readonly signIns: number
  readonly onlineAtStart: boolean
  /** Milliseconds from when somebody went off this phone to the login's start; null: nobody did. */
  readonly offlineFor: number | null
  /** The phone still showed what an earlier login had put there. */
  readonly actingAtStart: boolean
  readonly cancelled: boolean
  /** Codes that the gateway took. */
  readonly submitted: number
  readonly account: string | null
  readonly watch: Readonly<Record<'pollsOverlapping' | 'qrCodesWhileActing', number>>
}

export interface Verdict {
  /** Each a name and what is behind it. */
  readonly wrong: readonly string[]
  /** Signed in upstream, and yet not confirmed: why that may be. Null: it is not so. */
  readonly unconfirmed: string | null
}

const issuesAtMost = 3
/** The gateway shares one answer about who is online for a second, and this process's clock is another. */
const sharedFor = 1_300

export const judge = (sat: Sat): Verdict => {
  const { written, events } = sat
  const wrong: string[] = []
  const logged = written.events.edges.map(({ node }) => node)
  const numbers = events.map(({ sequence }) => sequence)
  if (logged.some(({ sequence }, index) => sequence !== index + 1) || logged.length !== written.sequence)
    wrong.push(`gap in the log: ${logged.map(({ sequence }) => sequence).join(' ')} of ${written.sequence}`)
  if (numbers.join(' ') !== logged.map(({ sequence }) => sequence).join(' '))
    wrong.push(`watcher saw ${numbers.join(' ')} of 1 to ${logged.length}`)
  if (logged.some(({ __typename }, index) => (__typename === 'LoginEnded') !== (index === logged.length - 1)))
    wrong.push('its end is not its last event')

  const reason = written.outcome?.reason ?? 'NONE'
  if (reason === 'SIGNED_IN' && sat.signIns === 0) wrong.push('confirmed, and nobody signed in')
  if (reason === 'ALREADY_SIGNED_IN' && !sat.onlineAtStart && sat.signIns === 0)
    wrong.push(
      sat.offlineFor !== null && sat.offlineFor < sharedFor
        ? 'already signed in, by an answer from before its start'
        : 'already signed in, and nobody was',
    )
  if (reason === 'SIGNED_IN' && written.account?.wcId !== sat.account)
    wrong.push(`confirmed as ${written.account?.wcId}, and ${sat.account} signed in`)
  wrong.push(...callsTwice(sat))
  const faults = sat.calls.flatMap(({ fault, endpoint }) => (fault === null ? [] : [`${endpoint} ${fault}`]))
  if (faults.length === 0) {
    const { pollsOverlapping, qrCodesWhileActing } = sat.watch
    if (pollsOverlapping > 0) wrong.push(`${pollsOverlapping} polls beside another`)
    // The person said that the phone wants a new device: the next code is the way out. And with no limits set, what a
    // phone was asked by the login before may still be on it.
    const isWayOut = events.some(({ __typename }) => __typename === 'MethodChanged')
    if (qrCodesWhileActing > 0 && sat.dialect === 'open' && !isWayOut && !sat.actingAtStart)
      wrong.push('a QR code while somebody acts')
  }
  return { wrong, unconfirmed: unconfirmedBecause(sat, reason, faults) }
}

const callsTwice = ({ calls, dialect, submitted, events }: Sat): readonly string[] => {
  const count = (endpoint: string) => calls.filter(call => call.endpoint === endpoint).length
  const wrong: string[] = []
  const issues = count(dialect === 'open' ? 'getLoginQrCode' : 'iPadLogin')
  // One more after a change of the device type or of the method.
  const changes = events.filter(({ __typename }) => __typename === 'MethodChanged').length
  if (issues > issuesAtMost + changes) wrong.push(`${issues} QR codes asked for`)
  const pushes = count(dialect === 'open' ? 'loginAgain' : 'secondLogin')
  if (pushes > 1) wrong.push(`${pushes} pushes`)
  const codes =
    dialect === 'open'
      ? count('loginVerifyCode')
      : calls.filter(({ endpoint, params }) => endpoint === 'getIPadLoginInfo' && params.verifyCode).length
  if (codes > submitted) wrong.push(`${codes} codes sent, ${submitted} submitted`)
  return wrong
}

const unconfirmedBecause = (sat: Sat, reason: string, faults: readonly string[]): string | null => {
  if (sat.signIns === 0 || reason === 'SIGNED_IN' || reason === 'ALREADY_SIGNED_IN') return null
  if (reason === 'WRONG_ACCOUNT') return null
  if (sat.cancelled) return `${reason}: cancelled just then`
  const unheard = sat.calls.flatMap(({ end, fault, endpoint }) =>
    end === 'gone' && fault === null ? [`${endpoint} given up`] : [],
  )
  if (faults.length === 0 && unheard.length > 0)
    return `${reason}: after ${[...new Set(unheard)].sort().join(', ')}`
  if (faults.length > 0) return `${reason}: after ${[...new Set(faults)].sort().join(', ')}`
  return `${reason}: NOTHING EXPLAINS IT`
}
