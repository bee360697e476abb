// A postgres.js client that is replaced by a new one whenever one of its connections closes or goes silent. postgres.js
// (3.4.9) has no limit for an answer; and it keeps the unwritten bytes and the write timer of a connection that breaks
// in mid-write, and never writes on that one again: each statement that falls to it waits for CONNECT_TIMEOUT. Knows
// no statement.

import { drizzle } from 'drizzle-orm/postgres-js'
import type { Options, Sql } from 'postgres'
import postgres from 'postgres'
import type { InLine } from '../in-line.ts'
import { dense } from './dense.ts'
import { recurring } from './recurring.ts'
import { begin } from './transaction.ts'

export interface Pool {
  /** Stands for whichever client is in use now, for Drizzle to hold. */
  readonly client: Sql
  end(): Promise<void>
}

/** Milliseconds. */
export interface Patience {
  /** How long an answer may take until the client is given up: longer than the server lets a statement run. */
  readonly silence: number
  /** What statements under way get on a client that is given up, before they end as CONNECTION_DESTROYED. */
  readonly grace: number
}

/** What a pool for readers does beside sending. */
export interface Readers {
  /** Sees what statements failed with before anybody else does. */
  readonly failed: (error: unknown) => void
  /** Whom statements wait for before they are sent; null: they are handed to postgres.js, which sends them as it can. */
  readonly line: InLine | null
  /** How many texts the server keeps prepared though nobody asks for it; see `recurring`. */
  readonly prepared: number
}

const noReaders: Readers = { failed: () => {}, line: null, prepared: 0 }

export const openPool = (
  url: string,
  // biome-ignore lint/complexity/noBannedTypes: how postgres.js spells that there are no types of our own
  options: Options<{}>,
  patience: Patience,
  { failed, line, prepared }: Readers = noReaders,
): Pool => {
  const timeout = patience.grace / 1_000
  let ending = false
  // In the order in which they began.
  const underWay = new Set<{ readonly client: Sql; readonly since: number }>()
  const retiring = new Set<Promise<void>>()

  const open = (): Sql => {
    const client = postgres(url, {
      ...options,
      onclose: () => {
        if (!ending && client === current) replace()
      },
    })
    // Drizzle sets the parsers that it reads with on the client that it is given.
    drizzle(client)
    return client
  }

  const replace = () => {
    const old = current
    current = open()
    isPrepared = recurring(prepared)
    const retired: Promise<void> = old.end({ timeout }).finally(() => retiring.delete(retired))
    retiring.add(retired)
  }

  let current = open()
  /** Of this client: a new one has prepared nothing. */
  let isPrepared = recurring(prepared)

  /** Whoever sees the late answers first, after a pause of this process, gets them within the grace. */
  const sweep = setInterval(
    () => {
      const overdue = performance.now() - patience.silence
      for (const { client, since } of underWay) {
        if (since > overdue) return
        if (client === current) return replace()
      }
    },
    Math.min(1_000, patience.silence / 4),
  ).unref()

  const watched = <Work extends PromiseLike<unknown>>(work: Work): Work => {
    const one = { client: current, since: performance.now() }
    underWay.add(one)
    const done = () => underWay.delete(one)
    work.then(done, error => {
      done()
      failed(error)
    })
    return work
  }

  const send: Sql['unsafe'] = (text, values = [], options = {}) => {
    // What has no values goes as it is.
    const isKept = options.prepare === true || (values.length > 0 && isPrepared(text))
    return watched(dense(current.unsafe(text, values, { ...options, prepare: isKept })))
  }

  /** Drizzle says in the same breath whether it wants arrays, and its turn comes later. */
  const sendInLine = (turn: InLine): Sql['unsafe'] =>
    ((...args: Parameters<Sql['unsafe']>) => {
      let asArrays = false
      // Whose it is nobody knows here: all stand in one line.
      const answer = turn('', turn, async () => {
        const query = send(...args)
        return await (asArrays ? query.values() : query)
      })
      return Object.assign(answer, {
        values: () => {
          asArrays = true
          return answer
        },
      })
    }) as unknown as Sql['unsafe']

  const standIn: Pick<Sql, 'options' | 'unsafe' | 'begin'> = {
    get options() {
      return current.options
    },
    unsafe: line === null ? send : sendInLine(line),
    begin: ((work: Parameters<typeof begin>[1]) => watched(begin(current, work))) as Sql['begin'],
  }
  return {
    client: standIn as Sql,
    end: async () => {
      ending = true
      clearInterval(sweep)
      await Promise.all([current.end({ timeout }), ...retiring])
    },
  }
}
