// Plan and graphql-js side by side: for every operation, viewer and update the plan says the same bytes, or nothing. One
// object keeps all plans, as in a server, and several watchers of each operation are told of each update in turn.

import { inspect } from 'node:util'
import {
  type DocumentNode,
  execute,
  type GraphQLSchema,
  NoUnusedFragmentsRule,
  NoUnusedVariablesRule,
  parse,
  print,
  specifiedRules,
  validate,
} from 'graphql'
import { adminScopes, type Language, type Viewer } from '../../../src/resolvers/viewer.ts'
import { type LiveCounters, noneYet } from '../../../src/server/live/counters.ts'
import { type LiveOperation, liveOperation } from '../../../src/server/live/operation.ts'
import { Plans } from '../../../src/server/live/plans.ts'
import type { Generated, Variables } from './operations.ts'
import { shrunk } from './shrunk.ts'

/** Null: not on the plan. */
export type TextOf = (update: object) => string | null
/** What is compared with graphql-js. */
export type Planner = (operation: LiveOperation, viewer: Viewer) => TextOf

export const plannerOf = (schema: GraphQLSchema, counters: LiveCounters = noneYet()): Planner => {
  const plans = new Plans(schema, counters)
  return (operation, viewer) => update => plans.planFor(operation, viewer).payloadOf(update)?.text ?? null
}

/** May act or may only read, in either language. */
export const viewers: readonly Viewer[] = (['en', 'zh'] satisfies Language[]).flatMap(language =>
  [adminScopes, ['LOGIN_READ'] as const].map(scopes => ({
    tenant: 'default',
    name: 'somebody',
    scopes,
    language,
  })),
)

export interface Watching {
  readonly variables: Variables
  readonly viewer: Viewer
}

/** One update for one of those who watch. */
export interface Told {
  readonly update: object
  /** Nothing in it is spoiled. */
  readonly whole: boolean
  /** Which of them. */
  readonly watching: number
}

export interface Compared {
  readonly events: number
  /** Answered by the plan, with the same bytes. */
  readonly same: number
  /** Of those: spoiled ones. */
  readonly sameThoughSpoiled: number
  /** Left to graphql-js. */
  readonly refused: number
  /** Whole updates that graphql-js answers at once and without an error, and the plan does not. */
  readonly refusedWhole: number
  /** The first, for a person; null: none. Nothing is compared after it. */
  readonly difference: string | null
  /** What graphql-js said, where the plan said it too. */
  readonly said: readonly string[]
}

/** Null: no operation that may watch. */
export const compare = (
  schema: GraphQLSchema,
  planner: Planner,
  { text, operationName }: Generated,
  watching: readonly Watching[],
  told: readonly Told[],
): Compared | null => {
  const document = parsed(schema, text)
  if (document === null) return null
  const asked = watching.map(({ variables, viewer }) => {
    const operation = liveOperation({ schema, document, operationName, variableValues: variables })
    if (operation === null) throw new Error(`Not live: ${text}`)
    return { textOf: planner(operation, viewer), variables, viewer }
  })
  const said: string[] = []
  const counts = { events: 0, same: 0, sameThoughSpoiled: 0, refused: 0, refusedWhole: 0 }
  for (const { update, whole, watching: which } of told) {
    const one = asked[which]
    if (one === undefined) throw new Error('Nobody watches there')
    counts.events++
    const planned = one.textOf(update)
    if (planned === null) {
      counts.refused++
      if (whole && answers(executed({ schema, document, operationName, ...one }, update)))
        counts.refusedWhole++
      continue
    }
    const wanted = executed({ schema, document, operationName, ...one }, update)
    if (planned !== wanted) {
      const difference = described(
        { schema, planner, document, operationName, ...one },
        update,
        planned,
        wanted,
      )
      return { ...counts, said, difference }
    }
    counts.same++
    if (whole) said.push(wanted)
    else counts.sameThoughSpoiled++
  }
  return { ...counts, said, difference: null }
}

interface Asked extends Watching {
  readonly schema: GraphQLSchema
  readonly document: DocumentNode
  readonly operationName: string | null
}

/** Refuses to load: no plan has done so. */
const loaders = new Proxy({}, { get: () => () => Promise.resolve(null) })

const promised = 'A promise.'

const executed = ({ schema, document, operationName, variables, viewer }: Asked, update: object): string => {
  const result = execute({
    schema,
    document,
    operationName,
    rootValue: update,
    contextValue: { viewer, loaders, services: {} },
    variableValues: variables,
  })
  if (result instanceof Promise) return promised
  try {
    return JSON.stringify(result)
  } catch (error) {
    return `No JSON: ${error}`
  }
}

const answers = (text: string): boolean => text.startsWith('{"data":')

const rules = specifiedRules.filter(rule => rule !== NoUnusedFragmentsRule && rule !== NoUnusedVariablesRule)

/** Null: against the language. */
const parsed = (schema: GraphQLSchema, text: string): DocumentNode | null => {
  try {
    const document = parse(text)
    return validate(schema, document, rules, { maxErrors: 1 }).length === 0 ? document : null
  } catch {
    return null
  }
}

const described = (
  asked: Asked & { readonly planner: Planner },
  update: object,
  planned: string,
  wanted: string,
): string => {
  const { schema, planner, operationName, variables, viewer } = asked
  const both = (smaller: DocumentNode): readonly [string, string] | null => {
    const document = parsed(schema, print(smaller))
    const operation =
      document && liveOperation({ schema, document, operationName, variableValues: variables })
    const text = operation && planner(operation, viewer)(update)
    if (document === null || text === null) return null
    return [text, executed({ ...asked, document }, update)]
  }
  const smallest = shrunk(asked.document, smaller => {
    const [one, other] = both(smaller) ?? []
    return one !== other
  })
  const [one, other] = both(smallest) ?? [planned, wanted]
  return [
    print(smallest),
    `with ${JSON.stringify({ operationName, variables, viewer })}`,
    `of ${inspect(update, { depth: 8, breakLength: 110 })}`,
    ...(one === other
      ? [`plan:       ${planned}`, `graphql-js: ${wanted}`]
      : [`plan:       ${one}`, `graphql-js: ${other}`]),
  ].join('\n')
}
