// Starts a login on a device, or answers with the one that is under way there. One at a time is the store's promise;
// here the wish is checked, brought before the rules, and put into terms.

import type { LoginStart, StartFacts } from '../db/store.ts'
import {
  DeviceBusyError,
  InvalidInputError,
  NotFoundError,
  RefusedByRuleError,
  RequestError,
} from '../errors.ts'
import { begin } from '../login/begin.ts'
import { termsOf } from '../login/plan.ts'
import { ended, type LoginState } from '../login/state.ts'
import { deadlinesFor } from '../login/terms.ts'
import { viewOf } from '../login/view.ts'
import type { Advisory, AdvisoryCode } from '../login/vocabulary.ts'
import type { Context } from './context.ts'
import { found } from './find.ts'
import { idOf } from './global-id.ts'
import { inputHash } from './input-hash.ts'
import { type LoginView, viewLogin } from './login-view.ts'
import { type Judged, judgeStart } from './start-facts.ts'
import { checkStartInput, type StartLoginInput } from './start-login-input.ts'
import { demand } from './viewer.ts'

export interface StartLoginPayload {
  readonly login: LoginView
  readonly created: boolean
}

/** Between reading and writing somebody else may start, replace or end a login here: judged anew, this often. */
const attempts = 5
/** What a plan says that goes on mattering once the login has begun. */
const lasting: readonly AdvisoryCode[] = ['RECYCLES_SOON', 'USE_PUSH_FIRST']

/** Throws InvalidInputError, NotFoundError, DeviceBusyError, RefusedByRuleError; RequestError UNAVAILABLE. */
export const startLogin = async (context: Context, input: StartLoginInput): Promise<StartLoginPayload> => {
  demand(context.viewer, 'LOGIN_WRITE')
  checkStartInput(input)
  const deviceId = found(idOf('Device', input.deviceId), 'device')
  const continues = await checkContinues(context, input.continues ?? null, deviceId)
  const idempotency = idempotencyOf(input)
  const answered = await answeredBefore(context, idempotency)
  if (answered !== null) return answered
  for (let attempt = 0; attempt < attempts; attempt += 1) {
    const payload = await tryToStart(context, { input, deviceId, continues, idempotency })
    if (payload !== null) return payload
  }
  throw new RequestError('UNAVAILABLE', 'The device is changing too fast: try again.', 1)
}

interface Asked {
  readonly input: StartLoginInput
  readonly deviceId: string
  readonly continues: string | null
  readonly idempotency: LoginStart['idempotency']
}

/** Null: things moved on between reading and writing. */
const tryToStart = async (context: Context, asked: Asked): Promise<StartLoginPayload | null> => {
  const { viewer, services } = context
  const { store, bus } = services
  const now = store.clock.now()
  const facts = found(await store.readStartFacts(viewer.tenant, asked.deviceId, now), 'device')
  const judged = judgeStart(services, facts, asked.input, now)
  checkExpected(asked.input, facts)
  const replaces = settleConflict(asked.input, judged)
  const answersWithActive = facts.active !== null && replaces === null
  // Only a start that the rules allow may go on to the store, where the active login may have ended meanwhile.
  if (answersWithActive && (asked.idempotency === null || judged.plan.refusal !== null))
    return { login: await viewed(context, facts.active.loginId), created: false }
  if (judged.plan.refusal !== null) throw new RefusedByRuleError(judged.plan.refusal)

  const terms = termsOf(judged.deviceFacts, judged.wish, judged.plan, {
    ...judged.rules,
    deadlines: deadlinesFor(judged.rules.capabilities, services.deadlines),
  })
  const started = await store.startLogin({
    loginId: services.newLoginId(now),
    tenant: viewer.tenant,
    deviceId: asked.deviceId,
    startedBy: viewer.name,
    reference: asked.input.reference ?? null,
    continues: asked.continues,
    terms,
    state: begin(terms).state,
    advisories: judged.plan.reasons.filter(reason => lasting.includes(reason.code)),
    idempotency: asked.idempotency,
    settledOn: replaces === null ? (facts.active?.loginId ?? null) : null,
    replaces,
  })
  switch (started.kind) {
    case 'CREATED':
      for (const turn of started.replaced === null ? [started.turn] : [started.replaced, started.turn])
        bus.ring({
          id: turn.loginId,
          sequence: turn.state.sequence,
          carried: { kind: 'RECORDED', turn, events: [], at: store.clock.now() },
        })
      return { login: await viewed(context, started.turn.loginId), created: true }
    case 'ACTIVE':
      // Known before, and the conflict settled: this is the answer. Else somebody was quicker: settle with them.
      return facts.active?.loginId === started.loginId
        ? { login: await viewed(context, started.loginId), created: false }
        : null
    case 'SAME_KEY':
      if (!started.sameInput) throw keyWithOtherInput()
      return { login: await viewed(context, started.loginId), created: false }
    case 'OPERATION':
      throw new DeviceBusyError('The device has an operation under way.', {
        operationId: started.operationId,
      })
    case 'NO_DEVICE':
      throw new NotFoundError('There is no such device.')
    case 'MOVED':
      return null
  }
}

/** The login to be replaced; null: none is, and one under way is the answer. */
const settleConflict = ({ onConflict }: StartLoginInput, { facts, wish }: Judged): LoginStart['replaces'] => {
  const { active } = facts
  if (active === null) return null
  if (onConflict === 'FAIL')
    throw new DeviceBusyError('The device has a login under way.', { loginId: active.loginId })
  if (onConflict === 'REPLACE') {
    const advisory = beforeThePerson(active.state)
    if (advisory !== null) throw new RefusedByRuleError(advisory)
    return { loginId: active.loginId, version: active.version }
  }
  if (wish.expectedWcId !== null && wish.expectedWcId !== active.state.terms.expectedWcId)
    throw new DeviceBusyError('The device has a login under way that expects another account.', {
      loginId: active.loginId,
    })
  return null
}

/**
 * A scan, a push, a code or a slider; what is before a person outlives its login (S0:7, S2:1). Where no scan is told, a code
 * that is out may be scanned already.
 */
const beforeThePerson = (state: LoginState): Advisory | null => {
  // A push stays on the phone when its login goes on by another way.
  if (ended(state) || (state.kind === 'STARTING' && !state.scanned)) return null
  if (state.kind !== 'AWAITING_SCAN') return { code: 'PERSON_IS_ACTING', until: state.deadline }
  if (state.terms.capabilities.announcesScan || viewOf(state).qrCode === null) return null
  return { code: 'SCAN_CANNOT_BE_RULED_OUT', until: state.deadline }
}

const checkExpected = (input: StartLoginInput, facts: StartFacts): void => {
  if (input.expectedWcId === null && facts.knownWcId !== null)
    throw new InvalidInputError([
      {
        path: ['input', 'expectedWcId'],
        message:
          'Anybody may sign in only on a device without an account: leave it out, or name the account.',
      },
    ])
}

const checkContinues = async (
  { viewer, services }: Context,
  id: string | null,
  deviceId: string,
): Promise<string | null> => {
  if (id === null) return null
  const loginId = found(idOf('Login', id), 'login')
  const record = found(await services.store.readLogin(viewer.tenant, loginId), 'login')
  const problem =
    record.deviceId !== deviceId
      ? 'This login was on another device.'
      : record.ended === null
        ? 'This login has not ended.'
        : null
  if (problem !== null) throw new InvalidInputError([{ path: ['input', 'continues'], message: problem }])
  return loginId
}

const idempotencyOf = ({ idempotencyKey, ...input }: StartLoginInput): LoginStart['idempotency'] =>
  idempotencyKey == null ? null : { key: idempotencyKey, inputHash: inputHash(input) }

/** Before the rules are asked: what was granted once is not refused the second time. */
const answeredBefore = async (
  context: Context,
  idempotency: LoginStart['idempotency'],
): Promise<StartLoginPayload | null> => {
  if (idempotency === null) return null
  const known = await context.services.store.readLoginKey(context.viewer.tenant, idempotency.key)
  if (known === null) return null
  if (known.inputHash !== idempotency.inputHash) throw keyWithOtherInput()
  return { login: await viewed(context, known.loginId), created: false }
}

const keyWithOtherInput = () =>
  new InvalidInputError([
    { path: ['input', 'idempotencyKey'], message: 'This key was used with another input within 24 hours.' },
  ])

const viewed = async ({ viewer, services }: Context, loginId: string): Promise<LoginView> =>
  viewLogin(services, found(await services.store.readLogin(viewer.tenant, loginId), 'login'), null)
