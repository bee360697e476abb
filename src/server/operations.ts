// The operations under way on one socket. graphql-ws knows them by the id that the client chose, and forgets one where
// that id is used again; nothing here is forgotten before it is over. Knows no protocol.

import type { ExecutionArgs, ExecutionResult } from 'graphql'

/** What the engine answers with: one result, or a generator of them. */
type Answer = ExecutionResult | AsyncGenerator<ExecutionResult>
export type Run = (args: ExecutionArgs) => Answer | Promise<Answer>

export class Operations {
  readonly #under = new Set<Operation>()

  get count(): number {
    return this.#under.size
  }

  begin(): Operation {
    const operation = new Operation(this.#under)
    this.#under.add(operation)
    return operation
  }

  /** Ends every generator; what has not answered yet is ended by graphql-ws, which knows that its client has gone. */
  async end(): Promise<void> {
    await Promise.all([...this.#under].map(operation => operation.return()))
  }
}

/** Also the generator of its own results. By hand: the `return` of an async one would wait behind a pending `next`. */
export class Operation implements AsyncGenerator<ExecutionResult> {
  readonly #under: Set<Operation>
  #results: AsyncGenerator<ExecutionResult> | null = null

  constructor(under: Set<Operation>) {
    this.#under = under
  }

  /** It is over when its answer is there; a generator, when that ends or is ended. */
  async run(run: Run, args: ExecutionArgs): Promise<Answer> {
    try {
      const answer = await run(args)
      if (!isGenerator(answer)) return answer
      this.#results = answer
      return this
    } finally {
      if (this.#results === null) this.over()
    }
  }

  over(): void {
    this.#under.delete(this)
  }

  async next(): Promise<IteratorResult<ExecutionResult>> {
    try {
      const result = await (this.#results?.next() ?? nothing)
      if (result.done === true) this.over()
      return result
    } catch (error) {
      this.over()
      throw error
    }
  }

  async return(): Promise<IteratorResult<ExecutionResult>> {
    if (this.#results === null) return nothing
    this.over()
    return this.#results.return(undefined)
  }

  async throw(error: unknown): Promise<IteratorResult<ExecutionResult>> {
    this.over()
    return this.#results?.throw(error) ?? Promise.reject(error)
  }

  [Symbol.asyncIterator](): this {
    return this
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.return()
  }
}

const nothing = { value: undefined, done: true } as const

const isGenerator = (answer: Answer): answer is AsyncGenerator<ExecutionResult> =>
  Symbol.asyncIterator in answer
