// The plans in use, by document, operation, variables and viewer class. Documents are the engine's own parsed ones, which
// it keeps by their text; a plan goes when its document does.

import type { DocumentNode, GraphQLSchema } from 'graphql'
import { type Viewer, viewerClass } from '../../resolvers/viewer.ts'
import type { LiveCounters } from './counters.ts'
import { type LiveOperation, variablesBelowRoot } from './operation.ts'
import { Plan } from './plan.ts'

/** Of one document: the oldest goes first. */
const plansAtMost = 64

interface Known {
  readonly names: readonly string[]
  readonly plans: Map<string, Plan>
}

export class Plans {
  readonly #schema: GraphQLSchema
  readonly #counters: LiveCounters
  readonly #known = new WeakMap<DocumentNode, Known>()

  constructor(schema: GraphQLSchema, counters: LiveCounters) {
    this.#schema = schema
    this.#counters = counters
  }

  planFor(operation: LiveOperation, viewer: Viewer): Plan {
    const { names, plans } = this.#of(operation.document)
    const shared = viewerClass(viewer)
    const key = JSON.stringify([
      operation.operation.name?.value ?? null,
      shared.language,
      shared.scopes,
      // One that was not given is not the same as null.
      names.map(name => (Object.hasOwn(operation.variables, name) ? [operation.variables[name]] : [])),
    ])
    const known = plans.get(key)
    if (known !== undefined) return known
    const plan = new Plan(this.#schema, operation, shared, this.#counters)
    const [oldest] = plans.keys()
    if (plans.size >= plansAtMost && oldest !== undefined) plans.delete(oldest)
    plans.set(key, plan)
    return plan
  }

  #of(document: DocumentNode): Known {
    const known = this.#known.get(document) ?? { names: variablesBelowRoot(document), plans: new Map() }
    this.#known.set(document, known)
    return known
  }
}
