// What a failed connection means in the words of the port: whether anything can have reached the upstream.

import { ProviderError } from '../port.ts'

/** Names that led nowhere, and hosts that did not pick up: the connection never stood. */
const neverSent = new Set(['ENOTFOUND', 'EAI_AGAIN', 'ECONNREFUSED', 'UND_ERR_CONNECT_TIMEOUT'])
const tooLate = new Set(['UND_ERR_HEADERS_TIMEOUT', 'UND_ERR_BODY_TIMEOUT', 'ETIMEDOUT'])

/** The first of the causes that has a code; both families of an address that refused are one error with two in it. */
const withCode = (error: unknown): (Error & { readonly code: string }) | null => {
  if (!(error instanceof Error)) return null
  if ('code' in error && typeof error.code === 'string') return error as Error & { readonly code: string }
  return withCode(error instanceof AggregateError ? error.errors[0] : error.cause)
}

const isUnsent = (error: Error & { readonly code: string }): boolean =>
  neverSent.has(error.code) || ('syscall' in error && error.syscall === 'connect')

export const errorOf = (error: unknown): ProviderError => {
  if (error instanceof ProviderError) return error
  const known = withCode(error)
  const isLate =
    known === null
      ? error instanceof Error && (error.name === 'TimeoutError' || error.name === 'AbortError')
      : tooLate.has(known.code)
  return new ProviderError({
    kind: isLate ? 'TIMEOUT' : 'UNREACHABLE',
    sent: known === null || !isUnsent(known),
    answered: false,
    cause: traceOf(known ?? error),
  })
}

/** Name and code: the rest can hold bytes of an answer, and so a link that signs somebody in. */
export const traceOf = (error: unknown): Error => {
  const code = error instanceof Error && 'code' in error ? String(error.code) : null
  const trace = new Error(code ?? 'It has no code')
  if (error instanceof Error) trace.name = error.name
  return code === null ? trace : Object.assign(trace, { code })
}
