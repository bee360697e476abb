// One page of an import, asked for over HTTP. Refuses to know which page comes next, and how often one is asked for.

import { type Ask, accepted, type Result } from '../terminal/gateway.ts'
import { Refusal, Unreachable } from '../terminal/refusal.ts'

export interface Page {
  readonly found: number
  readonly imported: number
  readonly known: number
  /** On all pages; null: the upstream does not tell. */
  readonly total: number | null
  /** Null: this was the last. */
  readonly nextPage: string | null
}

/** The gateway is there, and says that the same may work later. `seconds`: not before; null: it does not say when. */
export class TryLater extends Unreachable {
  override name = 'TryLater'
  readonly seconds: number | null

  constructor(message: string, seconds: number | null) {
    super(message)
    this.seconds = seconds
  }
}

const IMPORT = /* GraphQL */ `
  mutation ImportDevices($input: ImportDevicesInput!) {
    result: importDevices(input: $input) {
      __typename
      ... on ImportDevicesPayload { found imported known total nextPage }
      ... on UpstreamError { upstreamMessage retryable }
      ... on RateLimitedError { retryAfterSeconds }
      ... on Error { code message }
      ... on InvalidInputError { fields { path message } }
    }
  }
`

/** Throws TryLater, Unreachable where the gateway does not answer, and Refusal where it says no. */
export type AskPage = (page: string | null, signal: AbortSignal) => Promise<Page>

export function pagesOf(ask: Ask, { provider, dryRun }: { provider: string; dryRun: boolean }): AskPage {
  return async (page, signal) => {
    const answer = await ask<Result<Page>>(IMPORT, { input: { provider, page, dryRun } }, signal)
    try {
      return accepted(answer)
    } catch (error) {
      const { result } = answer
      const retryable = 'retryable' in result && result.retryable === true
      const seconds = 'retryAfterSeconds' in result ? (result.retryAfterSeconds ?? null) : null
      if (error instanceof Refusal && (retryable || seconds !== null))
        throw new TryLater(error.message, seconds)
      throw error
    }
  }
}
