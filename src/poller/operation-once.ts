// Operations that are sent once: the intent is recorded first, whoever finds it recorded never sends again (what must always
// hold, 3). What became of a log-out can be seen; of the others only their answer tells.

import type { PendingOperation } from '../db/store.ts'
import { type CallFailure, type Provider, ProviderError, type Target } from '../provider/port.ts'
import { CalledOffError, GivenUpError } from './failure.ts'
import type { OperationEnd, Outcome, Performing } from './performing.ts'

const patience = 20_000
/** P 3.2: a log-out takes one or two minutes to show. */
const showsWithin = 180_000
const firstPause = 2_000
const longestPause = 15_000
const patienceForLook = 5_000

const done: OperationEnd = { state: 'DONE', upstreamCode: null, upstreamMessage: null }

type Sent =
  | { readonly kind: 'TAKEN' }
  | { readonly kind: 'REFUSED'; readonly error: ProviderError }
  | { readonly kind: 'UNANSWERED'; readonly error: ProviderError | null }
  /** Nothing has left. */
  | { readonly kind: 'NOT_SENT'; readonly error: ProviderError }
  | { readonly kind: 'CALLED_OFF' }

export const doOnce = async (
  operation: PendingOperation,
  provider: Provider,
  performing: Performing,
): Promise<Outcome> => {
  // There is nothing to reset where an upstream knows no devices: what is kept here is.
  if (operation.kind === 'RESET' && provider.handle === 'SIGN_IN') return { end: done, failure: null }
  const sent = await sendOnce(operation, provider, performing)
  if (sent.kind === 'CALLED_OFF') return null
  if (sent.kind === 'NOT_SENT') return ended('FAILED', sent.error)
  // Whether it is there is presence's to find out: that nobody is would not be our doing.
  if (sent.kind === 'REFUSED') return ended('FAILED', sent.error)
  if (operation.kind === 'LOGOUT') return await lookFor(operation, provider, performing, sent)
  if (sent.kind === 'TAKEN') return { end: done, failure: null }
  return ended('UNCLEAR', sent.error)
}

const sendOnce = async (
  operation: PendingOperation,
  provider: Provider,
  { store, calls, failed }: Performing,
): Promise<Sent> => {
  if (operation.taken !== null) return { kind: 'TAKEN' }
  if (operation.sent !== null) return { kind: 'UNANSWERED', error: null }
  // Another instance's, or sent by somebody meanwhile.
  if (!(await store.operationSent(operation.id))) return { kind: 'CALLED_OFF' }
  try {
    await calls.ask({ held: null, intent: operation.id, within: patience }, signal =>
      callOf(operation, provider, signal),
    )
  } catch (error) {
    if (error instanceof CalledOffError) {
      await store.operationNotSent(operation.id)
      return { kind: 'CALLED_OFF' }
    }
    if (error instanceof GivenUpError) return { kind: 'UNANSWERED', error: null }
    if (!(error instanceof ProviderError)) throw error
    if (error.answered) return { kind: 'REFUSED', error }
    return error.sent ? { kind: 'UNANSWERED', error } : { kind: 'NOT_SENT', error }
  }
  // Known here, it is ended by this very owner: written it is for the next one alone.
  await store.operationTaken(operation.id).catch(failed)
  return { kind: 'TAKEN' }
}

const callOf = (operation: PendingOperation, provider: Provider, signal: AbortSignal): Promise<void> => {
  const target = targetOf(operation)
  switch (operation.kind) {
    case 'LOGOUT':
      return provider.logOut(target, signal)
    case 'RESET':
      return provider.resetDevice(target, signal)
    case 'CHANGE_PROXY':
      return provider.changeProxy(target, signal)
    case 'REGISTER':
      return provider.registerDevice(target, signal)
  }
}

/** Until it shows, or it has had its time. One answer is enough after our own log-out (what must always hold, 7). */
const lookFor = async (
  operation: PendingOperation,
  provider: Provider,
  { store, calls, pause }: Performing,
  sent: Extract<Sent, { kind: 'TAKEN' | 'UNANSWERED' }>,
): Promise<Outcome> => {
  const error = 'error' in sent ? sent.error : null
  const until = (operation.sent ?? store.clock.now()) + showsWithin
  for (let wait = firstPause; ; wait = Math.min(wait * 2, longestPause)) {
    try {
      const isOn = await calls.ask({ held: null, within: patienceForLook }, signal =>
        provider.isSignedIn(targetOf(operation), signal),
      )
      if (!isOn) return { end: done, failure: null }
    } catch (failure) {
      if (failure instanceof CalledOffError) return null
      if (!(failure instanceof ProviderError || failure instanceof GivenUpError)) throw failure
    }
    if (store.clock.now() + wait > until) return ended('UNCLEAR', error)
    if (!(await pause(wait))) return null
  }
}

const ended = (state: 'FAILED' | 'UNCLEAR', error: ProviderError | null): Outcome => {
  const failure: CallFailure = { kind: error?.kind ?? 'TIMEOUT', httpStatus: error?.httpStatus ?? null }
  const { upstreamCode = null, upstreamMessage = null } = error ?? {}
  return { end: { state, upstreamCode, upstreamMessage }, failure }
}

/** The account that it is about, who may not be the one that signs in here by default. */
const targetOf = ({ target: { code: _, ...target }, account }: PendingOperation): Target => ({
  ...target,
  wcId: account?.wcId ?? target.wcId,
  handle: account?.handle ?? null,
})
