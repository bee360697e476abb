// The refusals of the public contract, by its names, and the errors that end a whole request. Knows nothing of
// GraphQL and of nothing else here: the schema turns a Refusal into a member of a result, the server a RequestError
// into an error with `extensions.code`. Everything else that is thrown is masked.

import type { Advisory, LoginAction, LoginStateName } from './login/vocabulary.ts'

/** An expected no to a mutation. `message` is for a person and holds no secret. */
export abstract class Refusal extends Error {
  abstract readonly code: string
}

export interface FieldProblem {
  /** From the mutation's arguments on, such as `input`, `proxy`, `port`. */
  readonly path: readonly string[]
  readonly message: string
}

/** The input cannot be right, whatever the moment. */
export class InvalidInputError extends Refusal {
  override readonly name = 'InvalidInputError'
  override readonly code = 'INVALID_INPUT'
  readonly fields: readonly FieldProblem[]

  constructor(fields: readonly FieldProblem[]) {
    super(fields.map(field => `${field.path.join('.')}: ${field.message}`).join(' '))
    this.fields = fields
  }
}

/** No such thing, or not the caller's: the two are not told apart. */
export class NotFoundError extends Refusal {
  override readonly name = 'NotFoundError'
  override readonly code = 'NOT_FOUND'
}

/** The device does something else; null in both: what it did is over by now. */
export class DeviceBusyError extends Refusal {
  override readonly name = 'DeviceBusyError'
  override readonly code = 'DEVICE_BUSY'
  readonly loginId: string | null
  readonly operationId: string | null

  constructor(message: string, by: { loginId?: string; operationId?: string }) {
    super(message)
    this.loginId = by.loginId ?? null
    this.operationId = by.operationId ?? null
  }
}

/** The state of the login forbids it. */
export class NotAllowedNowError extends Refusal {
  override readonly name = 'NotAllowedNowError'
  override readonly code = 'NOT_ALLOWED_NOW'
  readonly state: LoginStateName
  readonly allowedActions: readonly LoginAction[]

  constructor(state: LoginStateName, allowedActions: readonly LoginAction[]) {
    super(`The login is ${state}, which does not allow this.`)
    this.state = state
    this.allowedActions = allowedActions
  }
}

/** A rule of the upstream forbids it; its sentence is made where the reader's language is known. */
export class RefusedByRuleError extends Refusal {
  override readonly name = 'RefusedByRuleError'
  override readonly code = 'REFUSED_BY_RULE'
  readonly advisory: Advisory

  constructor(advisory: Advisory) {
    super(advisory.code)
    this.advisory = advisory
  }
}

/** The upstream was asked and said no, or could not be asked. */
export class UpstreamError extends Refusal {
  override readonly name = 'UpstreamError'
  override readonly code = 'UPSTREAM_ERROR'
  readonly upstreamCode: string | null
  readonly upstreamMessage: string | null
  readonly retryable: boolean

  constructor(
    message: string,
    answer: { upstreamCode: string | null; upstreamMessage: string | null; retryable: boolean },
  ) {
    super(message)
    this.upstreamCode = answer.upstreamCode
    this.upstreamMessage = answer.upstreamMessage
    this.retryable = answer.retryable
  }
}

/** The caller asks too often. */
export class RateLimitedError extends Refusal {
  override readonly name = 'RateLimitedError'
  override readonly code = 'RATE_LIMITED'
  readonly retryAfterSeconds: number

  constructor(retryAfterSeconds: number) {
    super(`Too many requests: try again in ${retryAfterSeconds} s.`)
    this.retryAfterSeconds = retryAfterSeconds
  }
}

export type RequestErrorCode =
  | 'UNAUTHENTICATED'
  | 'FORBIDDEN'
  | 'BAD_USER_INPUT'
  | 'UNAVAILABLE'
  | 'TOO_EXPENSIVE'
  // Of subscriptions: refused before the first item, or ended by the server.
  | 'NOT_FOUND'
  | 'TOO_MANY_SUBSCRIPTIONS'
  | 'SLOW_CONSUMER'
  | 'SHUTTING_DOWN'

/** Ends the request or the subscription that it is thrown in; shown to the caller as it is. */
export class RequestError extends Error {
  override readonly name = 'RequestError'
  readonly code: RequestErrorCode
  readonly retryAfterSeconds: number | null

  constructor(code: RequestErrorCode, message: string, retryAfterSeconds: number | null = null) {
    super(message)
    this.code = code
    this.retryAfterSeconds = retryAfterSeconds
  }
}

/** Every problem of a configuration at once, one sentence each. */
export class ConfigurationError extends Error {
  override readonly name = 'ConfigurationError'
  readonly problems: readonly string[]

  constructor(problems: readonly string[]) {
    super(['Gatehouse cannot start:', ...problems.map(problem => `  - ${problem}`)].join('\n'))
    this.problems = problems
  }
}
