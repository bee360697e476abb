// What an error looks like from outside. What is meant for the caller is shown; everything else is hidden behind an id
// and logged once. HTTP, SSE and sockets go through here alike.

import { randomUUID } from 'node:crypto'
import { GraphQLError } from 'graphql'
import { RequestError, type RequestErrorCode } from '../errors.ts'

export interface ErrorLog {
  error(fields: object, message: string): void
}

/** What `DatabaseError` tells of itself; by name, since this folder does not know that one. */
const isDatabase = (error: Error, kind: 'tooExpensive' | 'busy' | 'lost'): boolean =>
  error.name === 'DatabaseError' && (error as { readonly [Kind in typeof kind]?: unknown })[kind] === true

export const createMask = (log: ErrorLog) => {
  const masked = new WeakMap<Error, GraphQLError>()

  return (thrown: unknown): GraphQLError => {
    const shell = thrown instanceof GraphQLError ? thrown : null
    const root = rootOf(thrown)
    const known = masked.get(root)
    if (known !== undefined && shell === null) return known
    const seen = known === undefined ? outside(root, shell, log) : at(shell, known.message, known.extensions)
    if (known === undefined) masked.set(root, seen)
    masked.set(seen, seen)
    return seen
  }
}

const outside = (root: Error, shell: GraphQLError | null, log: ErrorLog): GraphQLError => {
  // graphql-js' own words: a field that does not exist, a variable of the wrong type.
  if (root instanceof GraphQLError) return inOurWords(root, shell ?? root)
  if (root instanceof RequestError) return at(shell, root.message, extensionsOf(root))
  if (isDatabase(root, 'tooExpensive'))
    return at(
      shell,
      'This takes too long to find: narrow the range, such as by `startedFrom` and `startedTo`, or ask less at once.',
      {
        code: 'TOO_EXPENSIVE',
      },
    )
  if (isDatabase(root, 'busy'))
    return at(shell, 'Too many questions wait for the database: try again, or ask less at once.', {
      code: 'UNAVAILABLE',
      retryAfterSeconds: 5,
    })
  // That it cannot be reached is no business of the caller's, but that it may come back is.
  if (isDatabase(root, 'lost')) {
    log.error({ error: traceOf(root) }, 'The database could not be reached')
    return at(shell, 'The database cannot be reached: try again.', {
      code: 'UNAVAILABLE',
      retryAfterSeconds: 5,
    })
  }
  const errorId = randomUUID()
  log.error({ errorId, path: shell?.path?.join('.'), error: traceOf(root) }, 'A request failed unexpectedly')
  return at(shell, `Something went wrong here; the log knows it as ${errorId}.`, {
    code: 'INTERNAL_SERVER_ERROR',
    errorId,
  })
}

const ours: Readonly<Record<RequestErrorCode | 'INTERNAL_SERVER_ERROR', true>> = {
  UNAUTHENTICATED: true,
  FORBIDDEN: true,
  BAD_USER_INPUT: true,
  UNAVAILABLE: true,
  TOO_EXPENSIVE: true,
  NOT_FOUND: true,
  TOO_MANY_SUBSCRIPTIONS: true,
  SLOW_CONSUMER: true,
  SHUTTING_DOWN: true,
  INTERNAL_SERVER_ERROR: true,
}

/** The engine has codes of its own for what is no request, cannot be parsed or does not fit the schema. */
const inOurWords = (error: GraphQLError, shell: GraphQLError): GraphQLError => {
  const { code } = error.extensions
  const isOurs = typeof code === 'string' && Object.hasOwn(ours, code)
  if (isOurs && shell === error) return error
  const extensions = isOurs ? error.extensions : { ...error.extensions, code: 'BAD_USER_INPUT' }
  return at(shell, `${variableOf(shell)}${error.message}`, extensions)
}

/** Which variable and where in it, as graphql-js tells; not the whole value with it, which may hold a password. */
const variableOf = ({ message, originalError }: GraphQLError): string => {
  const name = /^Variable "\$(\w+)" got invalid value /.exec(message)?.[1]
  if (name === undefined || originalError === undefined) return ''
  const told = message.slice(0, -`; ${originalError.message}`.length)
  return `Variable "$${name}" got an invalid value${/ at "[\w.[\]]+"$/.exec(told)?.[0] ?? ''}; `
}

const extensionsOf = ({ code, retryAfterSeconds }: RequestError) => ({
  code,
  ...(retryAfterSeconds === null ? {} : { retryAfterSeconds }),
})

/** With the place in the operation, and without the error behind it. */
const at = (
  shell: GraphQLError | null,
  message: string,
  extensions: GraphQLError['extensions'],
): GraphQLError =>
  new GraphQLError(message, {
    nodes: shell?.nodes ?? null,
    // What cannot be parsed has no nodes.
    source: shell?.source ?? null,
    positions: shell?.positions ?? null,
    path: shell?.path ?? null,
    extensions,
  })

const rootOf = (thrown: unknown): Error => {
  let error = thrown instanceof Error ? thrown : new Error(`Thrown: ${typeof thrown}`)
  while (error instanceof GraphQLError && error.originalError != null) error = error.originalError
  return error
}

/** Name, message and stack; no properties, which may hold parameters of statements. */
const traceOf = (error: Error) => ({ name: error.name, message: error.message, stack: error.stack })
