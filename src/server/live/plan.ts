// What all watchers of one operation and one viewer class are sent for an update: made once, for as long as the turn of
// the event loop in which it is delivered. Same plan and same update: same text. There are no groups to join or leave.

import type { GraphQLSchema } from 'graphql'
import type { Viewer } from '../../resolvers/viewer.ts'
import { type Compiled, compile, type Shared } from './compile.ts'
import type { LiveCounters } from './counters.ts'
import { notShared, sharedOnly } from './off-plan.ts'
import type { LiveOperation } from './operation.ts'
import { Payload } from './payload.ts'

export class Plan {
  readonly #run: Compiled
  readonly #shared: Shared
  readonly #counters: LiveCounters
  #update: object | null = null
  /** Null: graphql-js must make it, for each watcher anew. */
  #payload: Payload | null = null

  constructor(
    schema: GraphQLSchema,
    operation: LiveOperation,
    viewer: Pick<Viewer, 'language' | 'scopes'>,
    counters: LiveCounters,
  ) {
    this.#run = compile(schema, operation)
    // Nobody's own tenant, name or loaders: what is shared cannot see who asks.
    this.#shared = Object.freeze(
      Object.assign(Object.create(notShared), {
        viewer: sharedOnly(viewer),
        services: notShared,
        loaders: notShared,
      }),
    )
    this.#counters = counters
  }

  /** Null: this event is not on the plan. */
  payloadOf(update: object): Payload | null {
    if (this.#update === update) {
      if (this.#payload !== null) this.#counters.shared++
      return this.#payload
    }
    // It may hold a QR code: nothing is kept beyond this turn.
    if (this.#update === null) setImmediate(() => this.#forget())
    this.#update = update
    this.#payload = this.#make(update)
    return this.#payload
  }

  #make(update: object): Payload | null {
    try {
      return new Payload(`{"data":${this.#run(update, this.#shared)}}`)
    } catch {
      // Refused, or an error of a resolver: graphql-js meets it again and says where.
      return null
    }
  }

  #forget(): void {
    this.#update = null
    this.#payload = null
  }
}
