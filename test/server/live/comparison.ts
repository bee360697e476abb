// Plan and graphql-js side by side: for every operation, viewer and update the plan says the same bytes, or nothing.

import { type DocumentNode, execute, type GraphQLSchema, parse, validate } from 'graphql'
import type { LoginUpdate } from '../../../src/resolvers/update.ts'
import { adminScopes, type Language, type Viewer, viewerClass } from '../../../src/resolvers/viewer.ts'
import { noneYet } from '../../../src/server/live/counters.ts'
import { type LiveOperation, liveOperation } from '../../../src/server/live/operation.ts'
import { Plan } from '../../../src/server/live/plan.ts'
import { generate } from './operations.ts'
import { Chance } from './random.ts'
import { spoiled, updatesOf } from './updates.ts'

/** Null: not on the plan. */
export type TextOf = (update: LoginUpdate) => string | null
/** What is compared with graphql-js. */
export type Make = (operation: LiveOperation, viewer: Viewer) => TextOf

export const planOf =
  (schema: GraphQLSchema): Make =>
  (operation, viewer) => {
    const plan = new Plan(schema, operation, viewerClass(viewer), noneYet())
    return update => plan.payloadOf(update)?.text ?? null
  }

export interface Compared {
  readonly operations: number
  readonly events: number
  readonly same: number
  /** Of spoiled updates, or of operations that must load something. */
  readonly refused: number
  /** Whole updates whose operation needs nothing else, and yet refused. */
  readonly refusedWhole: number
  readonly differences: readonly string[]
}

export interface Comparing {
  readonly seed: number
  readonly events: number
  readonly schema: GraphQLSchema
  readonly make: Make
  /** Differences after which it stops. */
  readonly differences?: number
}

const eventsOfEach = 24

const viewers: readonly Viewer[] = (['en', 'zh'] satisfies Language[]).flatMap(language =>
  [adminScopes, ['LOGIN_READ'] as const].map(scopes => ({
    tenant: 'default',
    name: 'somebody',
    scopes,
    language,
  })),
)

/** Refuses to load: what a plan says may not have needed it. */
const loaders = new Proxy({}, { get: () => () => Promise.resolve(null) })

export const compare = ({
  seed,
  events: atLeast,
  schema,
  make,
  differences: most = 3,
}: Comparing): Compared => {
  const chance = new Chance(seed)
  const updates = updatesOf(600, seed, chance)
  const differences: string[] = []
  let operations = 0
  let events = 0
  let same = 0
  let refused = 0
  let refusedWhole = 0
  while (events < atLeast && differences.length < most) {
    const generated = generate(schema, chance)
    const document = parsed(schema, generated.text)
    if (document === null) continue
    const { variables } = generated
    const operation = liveOperation({ schema, document, variableValues: variables })
    if (operation === null) throw new Error(`Not live: ${generated.text}`)
    operations++
    const viewer = chance.of(...viewers)
    const textOf = make(operation, viewer)
    for (let count = 0; count < eventsOfEach && differences.length < most; count++) {
      const isWhole = count < eventsOfEach / 2
      const update = isWhole ? chance.of(...updates) : spoiled(chance.of(...updates), chance)
      events++
      const text = textOf(update)
      if (text === null) {
        if (!isWhole || generated.loads || needsSecrets(update)) refused++
        else refusedWhole++
        continue
      }
      const result = execute({
        schema,
        document,
        rootValue: update,
        contextValue: { viewer, loaders, services: {} },
        variableValues: variables,
      })
      const wanted = result instanceof Promise ? 'a promise' : JSON.stringify(result)
      if (text === wanted) same++
      else
        differences.push(
          [
            `seed ${seed}`,
            generated.text,
            JSON.stringify({ variables, viewer }),
            `plan:       ${text}`,
            `graphql-js: ${wanted}`,
          ].join('\n'),
        )
    }
  }
  return { operations, events, same, refused, refusedWhole, differences }
}

/** They were not read with it, so that a field that shows them must load. */
const needsSecrets = ({ login }: LoginUpdate): boolean => login.secrets === null

/** Null: generated against the language. */
const parsed = (schema: GraphQLSchema, text: string): DocumentNode | null => {
  const document = parse(text)
  const errors = validate(schema, document).filter(({ message }) => !message.includes('is never used'))
  return errors.length === 0 ? document : null
}
