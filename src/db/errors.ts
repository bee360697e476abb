// How a failed statement leaves this folder: its SQLSTATE and no parameters, since those may be personal or secret.

export class DatabaseError extends Error {
  override readonly name = 'DatabaseError'
  /** SQLSTATE, or the driver's own code where the server said nothing; null: neither. */
  readonly code: string | null
  readonly constraint: string | null
  /** The connection broke: whether the statement took effect is unknown. */
  readonly lost: boolean
  /** The server ended a reader's statement at its limit: a narrower question may be answered. */
  readonly tooExpensive: boolean
  /** It was not sent, since too many waited before it: the same may be answered soon. */
  readonly busy: boolean

  constructor(
    message: string,
    options: {
      code: string | null
      constraint: string | null
      lost: boolean
      tooExpensive?: boolean
      busy?: boolean
    },
  ) {
    super(message)
    this.code = options.code
    this.constraint = options.constraint
    this.lost = options.lost
    this.tooExpensive = options.tooExpensive ?? false
    this.busy = options.busy ?? false
  }
}

/** The database cannot be used as configured; the message is one sentence that says what to do. */
export class DatabaseUnusableError extends Error {
  override readonly name: string = 'DatabaseUnusableError'
}

export class DataFolderInUseError extends DatabaseUnusableError {
  override readonly name = 'DataFolderInUseError'
}

export class DataFolderUnusableError extends DatabaseUnusableError {
  override readonly name = 'DataFolderUnusableError'
}

/** The upstream id belongs to a device already, of this tenant or another. */
export class UpstreamIdTakenError extends Error {
  override readonly name = 'UpstreamIdTakenError'
}

/** No connection could be made: nothing was sent. */
export const unreachable: ReadonlySet<string> = new Set([
  'ECONNREFUSED',
  'CONNECT_TIMEOUT',
  'ETIMEDOUT',
  '57P03',
])

const connectionCodes: ReadonlySet<string> = new Set([
  ...unreachable,
  'CONNECTION_CLOSED',
  'CONNECTION_ENDED',
  'CONNECTION_DESTROYED',
  'ECONNRESET',
  'EPIPE',
  '57P01',
  '57P02',
])

const expensive = new WeakSet<Error>()

/** Told of what statements of readers failed with: elsewhere the same SQLSTATE is a failure of ours. */
export const markTooExpensive = (thrown: unknown): void => {
  if (thrown instanceof Error && (thrown as { code?: unknown }).code === '57014') expensive.add(thrown)
}

const text = (value: unknown): string | null => (typeof value === 'string' && value !== '' ? value : null)

/** What a driver threw, without the statement and the parameters that Drizzle wraps around it. */
export const databaseError = (thrown: unknown): unknown => {
  const isWrapped =
    thrown instanceof Error && thrown.cause instanceof Error && thrown.message.startsWith('Failed query')
  const cause = isWrapped ? thrown.cause : thrown
  if (cause instanceof DatabaseError) return cause
  if (!(cause instanceof Error)) return thrown
  const told = cause as { code?: unknown; constraint?: unknown; constraint_name?: unknown }
  const code = text(told.code)
  if (!isWrapped && code === null) return thrown
  return new DatabaseError(`The database refused a statement: ${cause.message}`, {
    code,
    constraint: text(told.constraint_name) ?? text(told.constraint),
    lost: code !== null && (connectionCodes.has(code) || code.startsWith('08')),
    tooExpensive: expensive.has(cause),
  })
}

export const isUniqueViolation = (thrown: unknown): thrown is DatabaseError =>
  thrown instanceof DatabaseError && thrown.code === '23505'

/** Waited for longer than `lock_timeout`. */
export const isLockUnavailable = (thrown: unknown): thrown is DatabaseError =>
  thrown instanceof DatabaseError && thrown.code === '55P03'

export const isLost = (thrown: unknown): thrown is DatabaseError =>
  thrown instanceof DatabaseError && thrown.lost
