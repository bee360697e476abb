// Writes made-up history into an empty database, or beside what is there: the tables in an order that their foreign keys allow, all of
// it in one transaction. Whoever reads meanwhile sees nothing of it.

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
 * Rejects with DatabaseError, as where a row of it is there already. `alone`: there is nothing yet that anybody would read, so
 * that indexes may be made at the end.
 */
export const writeHistory = async <Result>(
  connection: Connection,
  { months, alone }: { readonly months: readonly string[]; readonly alone: boolean },
  work: (writer: HistoryWriter) => Promise<Result>,
): Promise<Result> => {
  for (const month of months) await makeEventPartition(connection, month)
  return await connection.bulk(session => {
    const write = () => work(writerOn(session))
    return alone
      ? withoutIndexes(session, ['login', 'scanner', 'sign_in', 'presence_change'], write)
      : write()
  })
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
export const holdsLogins = async (connection: Connection): Promise<boolean> => {
  const [row] = await connection.rows<{ any: boolean }>(sql`select exists (select from login) as any`)
  return row?.any === true
}
