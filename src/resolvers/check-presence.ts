// Asks the upstream now whether an account is signed in. A question, so it takes nobody's turn.

import { UpstreamError } from '../errors.ts'
import type { Context } from './context.ts'
import { found } from './find.ts'
import { idOf } from './global-id.ts'
import { type AccountPayload, accountNow } from './logout-account.ts'
import { upstreamSentence } from './upstream-sentence.ts'
import { demand } from './viewer.ts'

/** Throws NotFoundError, UpstreamError. */
export const checkPresence = async (context: Context, id: string): Promise<AccountPayload> => {
  const { viewer, services, loaders } = context
  demand(viewer, 'LOGIN_WRITE')
  const accountId = found(idOf('Account', id), 'account')
  const { provider } = found(await loaders.account(accountId), 'account')
  try {
    await services.checkPresence(provider, accountId)
  } catch (error) {
    throw refusalOf(error, provider)
  }
  return { account: await accountNow(context, accountId), operation: null }
}

/** By name: the classes of the poller and of the providers are none of this folder's. */
const refusalOf = (error: unknown, provider: string): unknown => {
  if (!(error instanceof Error)) return error
  const nothing = { upstreamCode: null, upstreamMessage: null }
  if (error.name === 'GivenUpError' || error.name === 'CalledOffError') {
    const said = upstreamSentence(provider, { kind: 'TIMEOUT', httpStatus: null })
    return new UpstreamError(said, { ...nothing, retryable: true })
  }
  if (error.name !== 'ProviderError') return error
  const { kind, httpStatus, upstreamCode, upstreamMessage } = error as Error & Failed
  const said = upstreamSentence(provider, { kind, httpStatus })
  return new UpstreamError(said, { upstreamCode, upstreamMessage, retryable: kind !== 'UNAUTHORIZED' })
}

type Failed = Parameters<typeof upstreamSentence>[1] & {
  readonly upstreamCode: string | null
  readonly upstreamMessage: string | null
}
