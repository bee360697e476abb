// Writes made-up history into an empty database, or beside what is there: the tables in an order that their foreign keys allow, all of
// it in one transaction. Whoever reads meanwhile sees nothing of it.

import { setTimeout as sleep } from 'node:timers/promises'
import { sql } from 'drizzle-orm'
import type { BulkSession, Connection } from './connection/connection.ts'
import { copyInto, type Parts } from './copy.ts'
import type { CopiedRow } from './copy-text.ts'
import { foldLogins } from './fold.ts'
import { makeEventPartition } from './partitions.ts'
import { account } from './tables/account.ts'
import { accountProfile } from './tables/account-profile.ts'
import { device } from './tables/device.ts'
import { deviceOperation } from './tables/device-operation.ts'
import { deviceVersion } from './tables/device-version.ts'
import { login } from './tables/login.ts'
import { loginEvent } from './tables/login-event.ts'
import { presenceChange } from './tables/presence-change.ts'
import { scanner } from './tables/scanner.ts'
import { signIn } from './tables/sign-in.ts'
import { withoutIndexes } from './without-indexes.ts'

const tables = {
  account,
  device,
  deviceVersion,
  deviceOperation,
  accountProfile,
  presenceChange,
  login,
  loginEvent,
  scanner,
  signIn,
} as const

export type HistoryTable = keyof typeof tables
/** Of each table, in an order that may be written table by table. */
export type HistoryRows = {
  readonly [Table in HistoryTable]: readonly CopiedRow<(typeof tables)[Table]>[]
}

const copies = {
  account: copyInto(account),
  device: copyInto(device),
  deviceVersion: copyInto(deviceVersion),
  deviceOperation: copyInto(deviceOperation),
  accountProfile: copyInto(accountProfile),
  presenceChange: copyInto(presenceChange),
  login: copyInto(login),
  loginEvent: copyInto(loginEvent),
  scanner: copyInto(scanner),
  signIn: copyInto(signIn),
} as const

export interface HistoryWriter {
  /** Takes rows in at once; resolves when there is room for more. Rejects with what an earlier batch failed with. */
  write(rows: HistoryRows): Promise<void>
  /** All that was taken in is copied, then devices and accounts as they are in the end. */
  settle(rows: Pick<HistoryRows, 'account' | 'device'>): Promise<void>
}

/**
 * Any number, the same in every process: whoever writes history holds it, alone or together with others who write beside what
 * is there.
 */
export const historyLock = 4_711_204_013

/** Milliseconds between two tries for that lock. It is not queued for: that could neither be told of nor left. */
const again = 250

export interface HistoryOptions {
  readonly months: readonly string[]
  /** At the same time as others who say so too; otherwise one at a time. */
  readonly together: boolean
  /**
   * Asked under the lock, when it is certain whether there are logins. Throws to refuse. True: there is nothing yet that anybody
   * would read, so that indexes may be made at the end; never `together`, as two who take them away wait for each other.
   */
  readonly alone: (holdsLogins: boolean) => boolean
  /** Another one writes, and is waited for. */
  readonly waits?: (() => void) | undefined
  /** Ends the waiting. */
  readonly signal?: AbortSignal | undefined
}

/** Rejects with DatabaseError, as where a row of it is there already, and with what `alone` throws or `signal` was aborted with. */
export const writeHistory = async <Result>(
  connection: Connection,
  options: HistoryOptions,
  work: (writer: HistoryWriter) => Promise<Result>,
): Promise<Result> => {
  for (const month of options.months) await makeEventPartition(connection, month)
  return await connection.bulk(async session => {
    await takeTurn(session, options)
    const alone = options.alone(await holdsLogins(session))
    const write = () => work(writerOn(session))
    return await (alone
      ? withoutIndexes(session, ['login', 'scanner', 'sign_in', 'presence_change'], write)
      : write())
  })
}

const takeTurn = async (session: BulkSession, { together, waits, signal }: HistoryOptions): Promise<void> => {
  const shared = sql.raw(together ? '_shared' : '')
  for (let isFirst = true; ; isFirst = false) {
    signal?.throwIfAborted()
    const [lock] = await session.rows<{ mine: boolean }>(
      sql`select pg_try_advisory_xact_lock${shared}(${sql.raw(String(historyLock))}) as mine`,
    )
    if (lock?.mine === true) return
    if (isFirst) waits?.()
    await sleep(again, undefined, { signal }).catch(() => {})
  }
}

const names = Object.keys(tables) as HistoryTable[]

/** Bytes of one round of COPY: each of its ten statements costs a round trip. */
const roundOf = 6_000_000

const writerOn = (session: BulkSession): HistoryWriter => {
  const collected = names.map(name => ({ name, rows: copies[name].collect() }))
  let copying: Promise<void> = Promise.resolve()

  const copyRound = async (round: readonly { readonly name: HistoryTable; readonly parts: Parts }[]) => {
    for (const { name, parts } of round) await copies[name].copy(session, parts)
  }
  /** One round is copied while the next is taken in. */
  const turn = async () => {
    await copying
    copying = copyRound(collected.map(({ name, rows }) => ({ name, parts: rows.take() })))
    copying.catch(() => {})
  }
  return {
    write: async rows => {
      for (const each of collected) each.rows.add(rows[each.name] as never)
      if (collected.reduce((sum, each) => sum + each.rows.size, 0) >= roundOf) await turn()
      // Whatever is under way gets its chance to go on.
      else await new Promise(resolve => setImmediate(resolve))
    },
    settle: async rows => {
      await turn()
      await copying
      await copies.account.overwrite(session, rows.account)
      await copies.device.overwrite(session, rows.device)
    },
  }
}

/** Counts it into the statistics. Killed on the way, whichever gateway runs next goes on. */
export const foldHistory = async (
  connection: Connection,
  options: { readonly folded?: (logins: number) => void; readonly signal?: AbortSignal },
): Promise<void> => {
  await foldLogins(connection, options)
  await connection.rows(sql`analyze login_rollup`)
}

/** Of whichever tenant. */
export const holdsLogins = async (asked: Pick<BulkSession, 'rows'>): Promise<boolean> => {
  const [row] = await asked.rows<{ any: boolean }>(sql`select exists (select from login) as any`)
  return row?.any === true
}
