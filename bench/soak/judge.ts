// Whether a login went as it must: its events without a gap, its end as the phone has it, no risky call twice. What the
// gateway sent is judged at its own sockets; what only the network explains is named apart, by the rule that allows it.

import type { Update, Written } from './api.ts'
import { type Call, isPoll, isRisky } from './calls.ts'

export interface Sat {
  readonly dialect: 'open' | 'ipad'
  readonly plan: string
  readonly strategy: string
  /** What the watcher saw, over all its comings and goings. */
  readonly events: readonly NonNullable<Update['event']>[]
  readonly written: Written
  /** Sent while it was under way. */
  readonly calls: readonly Call[]
  /** Arrived while it was under way, and sent before, or given up before they arrived. */
  readonly late: readonly Call[]
  /** Sent when it was over, and before the next one began. */
  readonly after: readonly Call[]
  /** Sign-ins on this phone during the login. */
  readonly signIns: number
  readonly onlineAtStart: boolean
  /** Milliseconds from when somebody went off this phone to the login's start; null: nobody did. */
  readonly offlineFor: number | null
  /** The phone still showed what an earlier login had put there. */
  readonly actingAtStart: boolean
  readonly cancelled: boolean
  /** Codes that the gateway took. */
  readonly submitted: readonly string[]
  readonly account: string | null
  /** As the upstream counts it. */
  readonly watch: Readonly<
    Record<'pollsOverlapping' | 'qrCodesWhileActing' | 'pollsAfterSuccess' | 'pushesOverlapping', number>
  >
}

export interface Verdict {
  /** Each a name and what is behind it. */
  readonly wrong: readonly string[]
  /** Looks wrong from where the upstream stands, and is what the design accepts. */
  readonly accepted: readonly string[]
  /** Signed in upstream, and yet not confirmed: why that may be. Null: it is not so. */
  readonly unconfirmed: string | null
}

const issuesAtMost = 3
/** The gateway shares one answer about who is online for a second, and this process's clock is another. */
const sharedFor = 1_300

export const judge = (sat: Sat): Verdict => {
  const reason = sat.written.outcome?.reason ?? 'NONE'
  const { wrong, accepted } = upstream(sat)
  return {
    wrong: [...inTheLog(sat), ...atTheEnd(sat, reason), ...onTheWire(sat, reason), ...wrong],
    accepted,
    unconfirmed: unconfirmedBecause(sat, reason),
  }
}

const inTheLog = ({ written, events }: Sat): readonly string[] => {
  const wrong: string[] = []
  const logged = written.events.edges.map(({ node }) => node)
  const numbers = events.map(({ sequence }) => sequence)
  if (logged.some(({ sequence }, index) => sequence !== index + 1) || logged.length !== written.sequence)
    wrong.push(`gap in the log: ${logged.map(({ sequence }) => sequence).join(' ')} of ${written.sequence}`)
  if (numbers.join(' ') !== logged.map(({ sequence }) => sequence).join(' '))
    wrong.push(`watcher saw ${numbers.join(' ')} of 1 to ${logged.length}`)
  if (logged.some(({ __typename }, index) => (__typename === 'LoginEnded') !== (index === logged.length - 1)))
    wrong.push('its end is not its last event')
  return wrong
}

const atTheEnd = (sat: Sat, reason: string): readonly string[] => {
  const wrong: string[] = []
  if (reason === 'SIGNED_IN' && sat.signIns === 0) wrong.push('confirmed, and nobody signed in')
  if (reason === 'ALREADY_SIGNED_IN' && !sat.onlineAtStart && sat.signIns === 0)
    wrong.push(
      sat.offlineFor !== null && sat.offlineFor < sharedFor
        ? 'already signed in, by an answer from before its start'
        : 'already signed in, and nobody was',
    )
  if (reason === 'SIGNED_IN' && sat.written.account?.wcId !== sat.account)
    wrong.push(`confirmed as ${sat.written.account?.wcId}, and ${sat.account} signed in`)
  return wrong
}

/** What the gateway sent, whatever became of it. */
const onTheWire = (sat: Sat, reason: string): readonly string[] => {
  const { calls, after, dialect, submitted, events } = sat
  const count = (endpoint: string) => calls.filter(call => call.endpoint === endpoint).length
  const wrong: string[] = []
  const issues = count(dialect === 'open' ? 'getLoginQrCode' : 'iPadLogin')
  // One more after a change of the device type or of the method.
  const changes = events.filter(({ __typename }) => __typename === 'MethodChanged').length
  if (issues > issuesAtMost + changes) wrong.push(`${issues} QR codes asked for`)
  const pushes = count(dialect === 'open' ? 'loginAgain' : 'secondLogin')
  if (pushes > 1) wrong.push(`${pushes} pushes`)
  const codes = calls.flatMap(({ endpoint, params: { code, verifyCode } }) =>
    endpoint === 'loginVerifyCode' ? [code ?? ''] : verifyCode === undefined ? [] : [verifyCode],
  )
  // The person may enter the same code once more, where the first time was not answered.
  const left = [...submitted]
  const isSubmitted = (code: string) => left.includes(code) && left.splice(left.indexOf(code), 1).length > 0
  if (!codes.every(isSubmitted)) wrong.push(`${codes.length} codes sent, ${submitted.length} submitted`)
  if (calls.some(({ isBeside }) => isBeside)) wrong.push('a poll beside another')
  // The answer of `loginAgain` confirms nothing; neither does one that names who was there before.
  const heardAs = calls.find(call => call.names && call.endpoint !== 'loginAgain')?.overAs
  const isOurs = !['ALREADY_SIGNED_IN', 'WRONG_ACCOUNT'].includes(reason)
  if (heardAs !== undefined && isOurs) {
    if (calls.some(call => isPoll(call) && call.sentAs > heardAs))
      wrong.push('a poll after a success that was heard')
    if (reason !== 'SIGNED_IN' && !sat.cancelled) wrong.push(`${reason}, though a sign-in was heard`)
  }
  for (const call of after)
    if (isPoll(call) || isRisky(call)) wrong.push(`${call.endpoint} sent after the login was over`)
  return wrong
}

/** What a well-behaved client keeps at zero, counted where its calls arrive. Judged only as far as the wire does not explain it. */
const upstream = (sat: Sat): Pick<Verdict, 'wrong' | 'accepted'> => {
  const { watch, late, dialect, events, written } = sat
  const wrong: string[] = []
  const accepted: string[] = []
  const isLate = (...endpoints: readonly string[]) =>
    late.some(({ endpoint }) => endpoints.includes(endpoint))
  // A poll is over for us when its connection is closed (P 2.2); what is under way then may still arrive.
  if (watch.pollsOverlapping > 0 && !sat.calls.some(({ isBeside }) => isBeside))
    accepted.push(
      isLate('getIPadLoginInfo', 'checkLoginShort')
        ? 'polls beside one another upstream: one arrived when it was given up'
        : 'polls beside one another upstream: the end of one was noticed late',
    )
  if (watch.pushesOverlapping > 0)
    if (isLate('loginAgain', 'secondLogin'))
      accepted.push('pushes beside one another upstream: one arrived late')
    else if (!sat.actingAtStart) wrong.push('a push while another is shown')
  // The person said that the phone wants a new device: the next code is the way out. And with no limits set, what a
  // phone was asked by the login before may still be on it.
  const isWayOut = events.some(({ __typename }) => __typename === 'MethodChanged')
  if (watch.qrCodesWhileActing > 0 && dialect === 'open' && !isWayOut && !sat.actingAtStart)
    if (isLate('getLoginQrCode')) accepted.push('a QR code while somebody acts: one that arrived late')
    else if (lost(sat).length > 0)
      accepted.push(`a QR code while somebody acts: after ${lost(sat).join(', ')}`)
    else wrong.push('a QR code while somebody acts')
  // On `open` the call of a push signs in, and only a poll confirms it.
  const last = events.findLast(({ __typename }) => ['PushSent', 'QrCodeIssued'].includes(__typename))
  const allowed = dialect === 'open' && last?.__typename === 'PushSent' ? 1 : 0
  if (written.outcome?.reason === 'SIGNED_IN' && watch.pollsAfterSuccess > allowed)
    if (lost(sat).length > 0)
      accepted.push(`polls after a success that was not heard: ${lost(sat).join(', ')}`)
    else wrong.push(`${watch.pollsAfterSuccess} polls after success`)
  return { wrong, accepted }
}

/** Calls that can sign somebody in, and whose answer was not heard: why. */
const lost = ({ calls, late }: Sat): readonly string[] => {
  const unheard = [...new Set([...calls, ...late])].filter(
    call =>
      (isPoll(call) || isRisky(call)) && hadEffect(call) && (call.how !== 'ANSWERED' || isGarbled(call)),
  )
  const why = unheard.map(call => {
    const { endpoint, arrived } = call
    if (late.includes(call)) return `${endpoint} arrived late`
    return arrived?.fault ? `${endpoint} ${arrived.fault}` : `${endpoint} given up`
  })
  return [...new Set(why)].sort()
}

/** A fault on the way there keeps a call from doing anything; so does not having arrived. */
const hadEffect = ({ arrived }: Call): boolean =>
  arrived !== null && !['reset', 'hang', 'html502'].includes(arrived.fault ?? '')

const isGarbled = ({ arrived }: Call): boolean => arrived?.fault === 'cutJson'

const unconfirmedBecause = (sat: Sat, reason: string): string | null => {
  if (sat.signIns === 0 || ['SIGNED_IN', 'ALREADY_SIGNED_IN', 'WRONG_ACCOUNT'].includes(reason)) return null
  if (sat.cancelled) return `${reason}: cancelled just then`
  const why = lost(sat)
  return why.length === 0 ? `${reason}: NOTHING EXPLAINS IT` : `${reason}: after ${why.join(', ')}`
}
