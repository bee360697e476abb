// One event for one watcher through graphql-js, as the documented way would answer it: for what a plan does not cover.

import { type ExecutionResult, execute, type GraphQLError } from 'graphql'
import type { Context } from '../../resolvers/context.ts'
import type { Viewer } from '../../resolvers/viewer.ts'
import type { Asked } from './operation.ts'

/** `asked`: with the watcher's own variables. Gives the payload as JSON, at once where nothing had to be waited for. */
export type Interpret = (asked: Asked, viewer: Viewer, update: object) => string | Promise<string>

export interface Interpreting {
  /** Anew for each event: what it reads is true then. */
  readonly contextOf: (viewer: Viewer) => Context
  readonly mask: (thrown: unknown) => GraphQLError
}

export const interpretWith = ({ contextOf, mask }: Interpreting): Interpret => {
  const payload = ({ data, errors }: ExecutionResult): string =>
    JSON.stringify({
      data,
      ...(errors === undefined ? {} : { errors: errors.map(error => mask(error).toJSON()) }),
    })
  return (asked, viewer, update) => {
    const result = execute({ ...asked, rootValue: update, contextValue: contextOf(viewer) })
    return result instanceof Promise ? result.then(payload) : payload(result)
  }
}
