// A postgres.js client that is replaced by a new one whenever one of its connections closes. postgres.js (3.4.9) keeps
// the unwritten bytes and the write timer of a connection that breaks in mid-write, and never writes on that one
// again: each statement that falls to it waits for CONNECT_TIMEOUT. Knows no statement.

import { drizzle } from 'drizzle-orm/postgres-js'
import type { Options, Sql } from 'postgres'
import postgres from 'postgres'

export interface Pool {
  /** Stands for whichever client is in use now, for Drizzle to hold. */
  readonly client: Sql
  end(): Promise<void>
}

/** Seconds that statements under way get on a client that is given up. */
const grace = 5

export const openPool = (
  url: string,
  // biome-ignore lint/complexity/noBannedTypes: how postgres.js spells that there are no types of our own
  options: Options<{}>,
): Pool => {
  let ending = false
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
    const retired: Promise<void> = old.end({ timeout: grace }).finally(() => retiring.delete(retired))
    retiring.add(retired)
  }

  let current = open()

  const standIn: Pick<Sql, 'options' | 'unsafe' | 'begin'> = {
    get options() {
      return current.options
    },
    unsafe: (...args) => current.unsafe(...args),
    begin: ((...args: Parameters<Sql['begin']>) => current.begin(...args)) as Sql['begin'],
  }
  return {
    client: standIn as Sql,
    end: async () => {
      ending = true
      await Promise.all([current.end({ timeout: grace }), ...retiring])
    },
  }
}
