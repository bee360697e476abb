// Fills a database with history in one transaction: all of it is there in the end, or nothing of it. Knows no arguments, files or terminals.

import type { Connection } from '../src/db/connection/connection.ts'
import { foldHistory, type HistoryWriter, holdsLogins, writeHistory } from '../src/db/copy-history.ts'
import { day, monthsBetween } from './calendar.ts'
import type { ProviderName } from './dialect.ts'
import { type Batch, History } from './history.ts'

export interface SeedOptions {
  /** Migrated. */
  readonly connection: Connection
  readonly logins: number
  readonly days: number
  readonly seed: string
  readonly tenant?: string
  readonly providers?: readonly ProviderName[]
  /** Everything has ended by then; milliseconds since 1970. Absent: now. With it the same options give the same rows. */
  readonly until?: number
  /** Beside logins that are there. */
  readonly intoExisting?: boolean
  readonly progress?: Progress
  /** Before the history is committed: nothing of it is written. Later: it stands, and is counted by whichever gateway runs next. */
  readonly signal?: AbortSignal
}

export interface Progress {
  /** Rows so far, and logins among them; a few megabytes of them are still on their way. */
  copied(logins: number, rows: number): void
  /** What is done with it now. */
  phase(name: 'WAITING' | 'COPYING' | 'INDEXING' | 'COMMITTING' | 'ANALYZING' | 'COUNTING'): void
  counted(logins: number): void
}

export interface Seeded {
  readonly logins: number
  readonly events: number
  readonly devices: number
  readonly accounts: number
  readonly rows: number
  readonly from: number
  readonly until: number
}

/** The database holds logins, and nobody said that more of them are welcome. */
export class NotEmptyError extends Error {
  override readonly name = 'NotEmptyError'
}

/** No configured upstream is asked after these: their names should be nobody's. */
export const usualProviders: readonly ProviderName[] = [
  { name: 'wechat-open', dialect: 'open' },
  { name: 'wechat-ipad', dialect: 'ipad' },
]

/** From here on making indexes at the end is worth that others wait for it. */
const many = 50_000

/** Rejects with NotEmptyError, with DatabaseError, and with what `signal` was aborted with. */
export const seedHistory = async (options: SeedOptions): Promise<Seeded> => {
  const { connection, logins, days, seed, progress, signal } = options
  const beside = options.intoExisting === true
  const demandEmpty = (holds: boolean) => {
    if (holds && !beside) throw new NotEmptyError('The database holds logins already')
  }
  // Before anything is done to it; and once more when nobody else can be at it.
  const isEmpty = !(await holdsLogins(connection))
  demandEmpty(!isEmpty)
  const until = options.until ?? Date.now()
  const from = until - days * day
  const history = new History({
    logins,
    days,
    seed,
    tenant: options.tenant ?? 'default',
    providers: options.providers ?? usualProviders,
    until,
  })
  const mayBeAlone = isEmpty && logins >= many
  let alone = false
  const seeded = await writeHistory(
    connection,
    {
      months: monthsBetween(from, until),
      together: beside && !mayBeAlone,
      alone: holds => {
        demandEmpty(holds)
        alone = mayBeAlone && !holds
        return alone
      },
      waits: () => progress?.phase('WAITING'),
      signal,
    },
    async writer => {
      progress?.phase('COPYING')
      const copied = await copyAll(history, writer, { progress, signal })
      // A signal that comes from here on finds it written.
      progress?.phase(alone ? 'INDEXING' : 'COMMITTING')
      return copied
    },
  )
  progress?.phase('ANALYZING')
  await connection.vacuum()
  progress?.phase('COUNTING')
  await foldHistory(connection, {
    ...(progress === undefined ? {} : { folded: (count: number) => progress.counted(count) }),
    ...(signal === undefined ? {} : { signal }),
  })
  return { ...seeded, from, until }
}

const copyAll = async (
  history: History,
  writer: HistoryWriter,
  { progress, signal }: { progress: Progress | undefined; signal: AbortSignal | undefined },
): Promise<Omit<Seeded, 'from' | 'until'>> => {
  const count = { logins: 0, events: 0, rows: 0 }
  for (const batch of history.batches()) {
    signal?.throwIfAborted()
    await writer.write(batch.rows)
    count.rows += rowsOf(batch)
    count.logins = batch.logins
    count.events += batch.rows.loginEvent.length
    progress?.copied(count.logins, count.rows)
  }
  signal?.throwIfAborted()
  const final = history.final()
  await writer.settle(final)
  signal?.throwIfAborted()
  return { ...count, devices: final.device.length, accounts: final.account.length }
}

const rowsOf = ({ rows }: Batch): number => Object.values(rows).reduce((sum, { length }) => sum + length, 0)
