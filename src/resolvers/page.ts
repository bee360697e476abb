// Pages after the Relay cursor specification: how many, from where, and whether there is more. Knows no table.

import type { Page } from '../db/filters.ts'
import { RequestError } from '../errors.ts'
import type { Given } from './cursor.ts'

export interface PageArgs {
  readonly first?: number | null | undefined
  readonly after?: string | null | undefined
  readonly last?: number | null | undefined
  readonly before?: string | null | undefined
}

/** Of lists that are read in one direction. */
export type ForwardArgs = Pick<PageArgs, 'first' | 'after'>

export interface Edge<Node> {
  readonly cursor: string
  readonly node: Node
}

export interface Connection<Node> {
  readonly edges: readonly Edge<Node>[]
  readonly pageInfo: {
    readonly hasNextPage: boolean
    readonly hasPreviousPage: boolean
    readonly startCursor: string | null
    readonly endCursor: string | null
  }
  /** Counts only when it is called. */
  readonly count: () => Promise<number>
}

export const pageSize = { usual: 20, most: 100 } as const

/** One more row than is shown, to know whether there are more. Throws RequestError BAD_USER_INPUT. */
export const pageOf = <Cursor>(
  args: PageArgs,
  parse: (text: string, given: Given) => Cursor,
): Page<Cursor> => {
  const first = args.first ?? null
  const last = args.last ?? null
  if (first !== null && last !== null)
    throw new RequestError('BAD_USER_INPUT', 'Ask for `first` or `last`, not for both.')
  const asked = first ?? last ?? pageSize.usual
  const name = last === null ? 'first' : 'last'
  if (asked < 0)
    throw new RequestError('BAD_USER_INPUT', `\`${name}\` is ${asked}: a page cannot have a negative size.`)
  if (asked > pageSize.most)
    throw new RequestError(
      'BAD_USER_INPUT',
      `\`${name}\` is ${asked}, and a page has ${pageSize.most} at most: ask for the next one with \`${last === null ? 'after' : 'before'}\`.`,
    )
  return {
    limit: asked + 1,
    after: args.after == null ? null : parse(args.after, 'after'),
    before: args.before == null ? null : parse(args.before, 'before'),
    backward: last !== null,
  }
}

/** `rows` as the store gave them: in the order of the list, also where the page was read backward. */
export const connectionOf = <Row, Node>(
  page: Page<unknown>,
  rows: readonly Row[],
  see: {
    readonly cursor: (row: Row) => string
    readonly node: (row: Row) => Node
    readonly count: () => Promise<number>
  },
): Connection<Node> => {
  const size = page.limit - 1
  const more = rows.length > size
  const shown = page.backward ? rows.slice(Math.max(0, rows.length - size)) : rows.slice(0, size)
  const edges = shown.map(row => ({ cursor: see.cursor(row), node: see.node(row) }))
  return {
    edges,
    pageInfo: {
      hasNextPage: page.backward ? page.before !== null : more,
      hasPreviousPage: page.backward ? more : page.after !== null,
      startCursor: edges[0]?.cursor ?? null,
      endCursor: edges.at(-1)?.cursor ?? null,
    },
    count: see.count,
  }
}
