// A watch that is taken one update at a time, as graphql-js does: whoever asks is answered once, in the order of asking,
// and nobody is left waiting.

import { describe, expect, it } from 'vitest'
import { Pulled } from '../../src/resolvers/pulled.ts'
import type { LoginUpdate } from '../../src/resolvers/update.ts'
import { type Chunk, type Source, Watch } from '../../src/resolvers/watch.ts'

const over = { value: undefined, done: true }

/** An event of which only its number matters here. */
const update = (sequence: number) => ({ sequence, event: {} }) as LoginUpdate

const bounds = { queue: 8, patience: 60_000 }

/** A watch that is live, and who is told that it has gone. */
const untaken = (source: Partial<Source> = {}) => {
  const left: string[] = []
  const own: Source = {
    sequence: 0,
    readChunk: () => Promise.reject(new Error('Nothing to be read')),
    changedSince: () => null,
    left: () => void left.push('feed'),
    ...source,
  }
  return { left, watch: new Watch(own, 0, null, bounds, () => void left.push('caller')) }
}

const watched = (source: Partial<Source> = {}) => {
  const { watch, left } = untaken(source)
  return { watch, left, pulled: watch[Symbol.asyncIterator]() }
}

const numbers = (results: readonly IteratorResult<LoginUpdate, undefined>[]) =>
  results.map(({ value, done }) => (done ? 'over' : value.sequence))

describe('several asked for at once', () => {
  it('are answered in the order of asking, with one each', async () => {
    const { watch, pulled } = watched()
    const asked = [pulled.next(), pulled.next(), pulled.next()]
    for (const sequence of [1, 2, 3, 4]) watch.deliver(update(sequence))
    expect(numbers(await Promise.all(asked))).toEqual([1, 2, 3])
    expect(numbers([await pulled.next()])).toEqual([4])
  })

  it('are answered with what waits first', async () => {
    const { watch, pulled } = watched()
    for (const sequence of [1, 2]) watch.deliver(update(sequence))
    const asked = [pulled.next(), pulled.next(), pulled.next()]
    watch.deliver(update(3))
    expect(numbers(await Promise.all(asked))).toEqual([1, 2, 3])
  })

  it('are answered from the log where the watch is behind, and read once for all', async () => {
    const reads: number[] = []
    const readChunk = async (after: number): Promise<Chunk> => {
      reads.push(after)
      return { updates: [update(1), update(2), update(3)], over: false, version: 1 }
    }
    const { watch, pulled } = watched({ sequence: 3, readChunk })
    const asked = [pulled.next(), pulled.next(), pulled.next(), pulled.next()]
    expect(numbers(await Promise.all(asked.slice(0, 3)))).toEqual([1, 2, 3])
    watch.deliver(update(4))
    expect(numbers(await Promise.all(asked.slice(3)))).toEqual([4])
    expect(reads).toEqual([0])
  })

  it('are all over where the login is', async () => {
    const { watch, pulled, left } = watched()
    const asked = [pulled.next(), pulled.next(), pulled.next()]
    watch.deliver(update(1))
    watch.complete()
    expect(numbers(await Promise.all(asked))).toEqual([1, 'over', 'over'])
    expect(await pulled.next()).toEqual(over)
    expect(left.toSorted()).toEqual(['caller', 'feed'])
  })
})

it('what waits is handed over before the end', async () => {
  const { watch, pulled, left } = watched()
  for (const sequence of [1, 2]) watch.deliver(update(sequence))
  watch.complete()
  expect(left).toHaveLength(2)
  expect(numbers([await pulled.next(), await pulled.next(), await pulled.next()])).toEqual([1, 2, 'over'])
})

describe('whoever goes', () => {
  it('while it waits is over at once, with all that it asked for', async () => {
    const { watch, pulled, left } = watched()
    const asked = [pulled.next(), pulled.next()]
    expect(await pulled.return()).toEqual(over)
    expect(await Promise.all(asked)).toEqual([over, over])
    expect(left.toSorted()).toEqual(['caller', 'feed'])
    watch.deliver(update(1))
    expect(await pulled.next()).toEqual(over)
  })

  it('leaves what waited, and goes once however often it says so', async () => {
    const { watch, pulled, left } = watched()
    watch.deliver(update(1))
    await Promise.all([pulled.return(), pulled.return()])
    expect(await pulled.next()).toEqual(over)
    expect(left).toHaveLength(2)
  })

  it('while the log is read is not told what is found there', async () => {
    const read = Promise.withResolvers<Chunk>()
    const { pulled, left } = watched({ sequence: 1, readChunk: () => read.promise })
    const asked = pulled.next()
    await pulled.return()
    read.resolve({ updates: [update(1)], over: false, version: 1 })
    expect(await asked).toEqual(over)
    expect(await pulled.next()).toEqual(over)
    expect(left).toHaveLength(2)
  })

  it('by leaving a loop, a block or with an error of its own goes all the same', async () => {
    const looped = watched()
    looped.watch.deliver(update(1))
    for await (const { sequence } of looped.pulled) {
      expect(sequence).toBe(1)
      break
    }
    const block = watched()
    {
      await using pulled = block.pulled
      expect(pulled).toBeInstanceOf(Pulled)
    }
    const thrown = watched()
    await expect(thrown.pulled.throw(new Error('Enough'))).rejects.toThrow('Enough')
    for (const { left, pulled } of [looped, block, thrown]) {
      expect(left).toHaveLength(2)
      expect(await pulled.next()).toEqual(over)
    }
  })
})

describe('an error', () => {
  it('is raised once, to whoever asked first; the others are over', async () => {
    const { watch, pulled, left } = watched()
    const asked = [pulled.next(), pulled.next()]
    watch.fail(new Error('Too slow'))
    watch.fail(new Error('Too late'))
    await expect(asked[0]).rejects.toThrow('Too slow')
    expect(await asked[1]).toEqual(over)
    expect(await pulled.next()).toEqual(over)
    expect(left).toHaveLength(2)
  })

  it('that nobody waited for is raised to the next who asks, in the place of what waited', async () => {
    const { watch, pulled } = watched()
    watch.deliver(update(1))
    watch.fail(new Error('Too slow'))
    const asked = [pulled.next(), pulled.next()]
    await expect(asked[0]).rejects.toThrow('Too slow')
    expect(await asked[1]).toEqual(over)
  })

  it('from before anybody took is not lost', async () => {
    const { watch } = untaken()
    watch.fail(new Error('Shutting down'))
    const pulled = watch[Symbol.asyncIterator]()
    await expect(pulled.next()).rejects.toThrow('Shutting down')
    expect(await pulled.next()).toEqual(over)
  })

  it('of the log is raised in the place where it was read', async () => {
    const readChunk = async (after: number): Promise<Chunk> => {
      if (after > 0) throw new Error('Lost')
      return { updates: [update(1), update(2)], over: false, version: 1 }
    }
    const { pulled, left } = watched({ sequence: 3, readChunk })
    expect(numbers([await pulled.next(), await pulled.next()])).toEqual([1, 2])
    await expect(pulled.next()).rejects.toThrow('Lost')
    expect(await pulled.next()).toEqual(over)
    expect(left).toHaveLength(2)
  })

  it('is nobody’s business once they have gone', async () => {
    const { watch, pulled } = watched()
    const asked = pulled.next()
    await pulled.return()
    watch.fail(new Error('Too slow'))
    expect(await asked).toEqual(over)
    expect(await pulled.next()).toEqual(over)
  })
})
