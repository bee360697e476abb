// The one way in which a caller acts on a login under way: what stands already is answered and not recorded again,
// what the state forbids is refused, and the rest is told to the machine.

import { NotAllowedNowError, NotFoundError, RefusedByRuleError, RequestError } from '../errors.ts'
import type { CallerObservation } from '../login/observation.ts'
import { ended, type LiveState } from '../login/state.ts'
import type { Advisory, LoginAction, Millis } from '../login/vocabulary.ts'
import type { Context } from './context.ts'
import { idOf } from './global-id.ts'
import { type LoginView, viewLogin } from './login-view.ts'
import { recordCaller } from './record.ts'
import { demand } from './viewer.ts'

export interface Act {
  readonly action: LoginAction
  observe(loginId: string, at: Millis): CallerObservation
  /** Whether what this would bring about is so already. */
  stands(login: LoginView, live: LiveState | null): boolean
  /** A rule of the upstream that forbids it, where it is not the state alone; null: none. */
  rule?(live: LiveState): Advisory | null
}

export interface LoginPayload {
  readonly login: LoginView
}

/** Throws NotFoundError, NotAllowedNowError, RefusedByRuleError, RequestError UNAVAILABLE. */
export const act = async (context: Context, id: string, spec: Act): Promise<LoginPayload> => {
  const { viewer, services } = context
  demand(viewer, 'LOGIN_WRITE')
  const loginId = idOf('Login', id)
  if (loginId === null) throw noSuchLogin()

  const before = judge(await read(context, loginId), spec)
  if (before.stands) return { login: before.login }
  const recorded = await recordCaller(services, loginId, spec.observe(loginId, services.store.clock.now()))
  const after = await read(context, loginId)
  switch (recorded.kind) {
    case 'RECORDED':
      return { login: after }
    case 'UNCHANGED':
    case 'ENDED': {
      // It moved on in between: the same question again, to the state that it has now.
      const now = judge(after, spec)
      if (now.stands) return { login: now.login }
      throw refusal(after, spec)
    }
    case 'CONTENDED':
    case 'NOT_MINE':
      throw new RequestError('UNAVAILABLE', 'The login is changing too fast: try again.', 1)
  }
}

const read = async ({ viewer, services }: Context, loginId: string): Promise<LoginView> => {
  const record = await services.store.readLogin(viewer.tenant, loginId)
  if (record === null) throw noSuchLogin()
  return viewLogin(services, record, null)
}

const judge = (login: LoginView, spec: Act): { readonly stands: boolean; readonly login: LoginView } => {
  if (spec.stands(login, liveOf(login))) return { stands: true, login }
  if (!login.allowedActions.includes(spec.action)) throw refusal(login, spec)
  return { stands: false, login }
}

const liveOf = ({ record }: LoginView): LiveState | null =>
  record.state === null || ended(record.state) ? null : record.state

const refusal = (login: LoginView, spec: Act): Error => {
  const live = liveOf(login)
  const advisory = live === null ? null : (spec.rule?.(live) ?? null)
  return advisory === null
    ? new NotAllowedNowError(login.record.stateName, login.allowedActions)
    : new RefusedByRuleError(advisory)
}

const noSuchLogin = () => new NotFoundError('There is no such login.')
