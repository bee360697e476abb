// The operations under way on one socket. graphql-ws knows them by the id that the client chose, and forgets one where
// that id is used again; nothing here is forgotten before it is over. Knows no protocol.

import type { ExecutionArgs } from 'graphql'

/** What the engine answers with: one result, or a generator of them. */
type Run = (args: ExecutionArgs) => unknown

export interface Operation {
  /** The same function; the operation is over when its answer is, and a generator when it ends or is ended. */
  until(run: Run): (args: ExecutionArgs) => Promise<unknown>
  over(): void
}

export class Operations {
  readonly #under = new Set<{ results: AsyncGenerator<unknown> | null }>()

  get count(): number {
    return this.#under.size
  }

  begin(): Operation {
    const own: { results: AsyncGenerator<unknown> | null } = { results: null }
    this.#under.add(own)
    const over = () => void this.#under.delete(own)
    return {
      over,
      until: run => async args => {
        try {
          const answer = await run(args)
          if (isGenerator(answer)) own.results = endingWith(answer, over)
          return own.results ?? answer
        } finally {
          if (own.results === null) over()
        }
      },
    }
  }

  /** Ends every generator; what has not answered yet is ended by graphql-ws, which knows that its client has gone. */
  async end(): Promise<void> {
    await Promise.all([...this.#under].map(({ results }) => results?.return(undefined)))
  }
}

const isGenerator = (answer: unknown): answer is AsyncGenerator<unknown> =>
  typeof answer === 'object' && answer !== null && Symbol.asyncIterator in answer && 'return' in answer

/** By hand: the `return` of an async generator would wait behind a pending `next`. */
const endingWith = (results: AsyncGenerator<unknown>, over: () => void): AsyncGenerator<unknown> => ({
  next: async () => {
    try {
      const result = await results.next()
      if (result.done === true) over()
      return result
    } catch (error) {
      over()
      throw error
    }
  },
  return: value => {
    over()
    return results.return(value)
  },
  throw: error => {
    over()
    return results.throw(error)
  },
  [Symbol.asyncIterator]() {
    return this
  },
  async [Symbol.asyncDispose]() {
    await this.return(undefined)
  },
})
