// One login, told to the gateway's own machine observation by observation. What the machine answers is kept as the one writer
// would (src/db/record.ts and its neighbours), so that no login comes out that the gateway could not have written.

import { isChallenge, promptUntil, pushFailed, qrCodesAsked } from '../src/db/milestone.ts'
import { begin } from '../src/login/begin.ts'
import type { Observation } from '../src/login/observation.ts'
import { ended, type LiveState, type LoginState } from '../src/login/state.ts'
import type { Step } from '../src/login/step.ts'
import type { Terms } from '../src/login/terms.ts'
import { transition } from '../src/login/transition.ts'
import type { Profile } from '../src/login/vocabulary.ts'
import type { EventRow, LoginRow } from './rows.ts'

/** What a login's start fixes beside its terms. */
export type Beginning = Pick<
  LoginRow,
  | 'id'
  | 'tenant'
  | 'deviceId'
  | 'provider'
  | 'province'
  | 'proxied'
  | 'startedBy'
  | 'reference'
  | 'continues'
  | 'advisories'
> & { readonly month: string }

export interface Play {
  readonly terms: Terms
  readonly login: LoginRow
  readonly events: EventRow[]
  readonly month: string
  state: LoginState
  /** The moment that the play has come to. */
  now: number
  /** Null: the upstream told of nobody who scanned. */
  scanner: { readonly nickName: string | null } | null
  /** Who was signed in by its end; null: nobody. */
  signedIn: Profile | null
  /** Hears what the machine is told; null: nobody asks. */
  heard: ((told: Observation) => void) | null
}

export const playOf = (terms: Terms, { month, ...given }: Beginning): Play => {
  const { started } = terms
  const step = begin(terms)
  const play: Play = {
    terms,
    month,
    login: {
      ...given,
      accountId: null,
      expectedWcId: terms.expectedWcId,
      strategy: terms.strategy,
      method: terms.firstMethod,
      firstMethod: null,
      confirmedBy: null,
      deviceType: terms.deviceType,
      firstOnDevice: terms.firstOnDevice,
      state: 'STARTING',
      sequence: 1,
      version: 1,
      reason: null,
      upstreamCode: null,
      upstreamMessage: null,
      nextStep: null,
      qrCodesAsked: [],
      started,
      updated: started,
      ended: null,
      qrCodeIssued: null,
      scanned: null,
      confirmed: null,
      wasChallenged: false,
      pushFailed: null,
      promptUntil: null,
    },
    events: [],
    state: step.state,
    now: started,
    scanner: null,
    signedIn: null,
    heard: null,
  }
  keepEvents(play, step, started)
  return play
}

/** Moments only rise. What changes nothing is not written, as with the gateway. */
export const tell = (play: Play, told: Observation): void => {
  if (told.at < play.now) throw new Error(`${told.kind} of a play that is later already`)
  play.now = told.at
  play.heard?.(told)
  const before = play.state
  const step = transition(before, told)
  if (step.state === before) return
  const { login } = play
  login.version += 1
  keepEvents(play, step, told.at)
  play.state = step.state
  if (step.scanner !== undefined) play.scanner = { nickName: step.scanner.nickName }
  if (isChallenge(step)) login.wasChallenged = true
  if (pushFailed(before, step)) login.pushFailed = told.at
  if (ended(step.state)) keepEnd(play, before, step, told.at)
  else keepMilestone(login, step.state, step, told.at)
}

const keepEvents = ({ events, login, month }: Play, step: Step, at: number): void => {
  for (const { kind, state, ...body } of step.events)
    events.push({
      loginStartedMonth: month,
      loginId: login.id,
      sequence: events.length + 1,
      tenant: login.tenant,
      type: kind,
      state,
      body,
      at,
    })
}

/** What the narrow row shows of a live login; only the newest counts here. */
const keepMilestone = (login: LoginRow, state: LiveState, step: Step, at: number): void => {
  login.deviceType = state.deviceType
  for (const { kind } of step.events) {
    if (kind === 'QrCodeIssued') login.qrCodeIssued ??= at
    else if (kind === 'QrCodeScanned') login.scanned ??= at
  }
}

const keepEnd = (play: Play, before: LoginState, step: Step, at: number): void => {
  const end = step.state
  if (!ended(end)) return
  const { login } = play
  login.state = end.kind
  login.sequence = play.events.length
  login.updated = at
  login.ended = at
  login.method = end.method
  login.firstMethod = end.firstMethod
  login.confirmedBy = end.confirmedBy
  login.reason = end.outcome.reason
  login.upstreamCode = end.outcome.upstreamCode
  login.upstreamMessage = end.outcome.upstreamMessage
  login.nextStep = end.outcome.nextStep
  if (end.advisories.length > 0) login.advisories = [...login.advisories, ...end.advisories]
  login.qrCodesAsked = qrCodesAsked(before, end)
  login.confirmed = end.outcome.reason === 'SIGNED_IN' ? at : null
  login.promptUntil = promptUntil(before, end)
  play.signedIn = step.signedIn ?? null
}
