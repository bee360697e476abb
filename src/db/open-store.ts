// Puts the store together: a connection, the migrations, the clock, and one verb per thing that may be asked.

import { randomUUID } from 'node:crypto'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { sql } from 'drizzle-orm'
import { accountPictureWriter, accountReaders } from './accounts.ts'
import { activityStore } from './activity.ts'
import { changeDeviceWith } from './change-device.ts'
import { claimWith, heartbeatWith } from './claim.ts'
import { type FollowedClock, followClock } from './clock.ts'
import type { Connection } from './connection/connection.ts'
import { connectPglite } from './connection/pglite.ts'
import { connectPostgres } from './connection/postgres.ts'
import { countLoginsWith } from './count-logins.ts'
import { deviceReaders } from './devices.ts'
import { databaseError } from './errors.ts'
import { eventReaders } from './events.ts'
import { historyStore } from './history.ts'
import { importDevicesWith } from './import.ts'
import { type FolderLock, lockFolder } from './lock-file.ts'
import { loginReaders, readEndFrom, secretReaders } from './logins.ts'
import { lookStore } from './looks.ts'
import { operationStore } from './operations.ts'
import { ensureEventPartitions } from './partitions.ts'
import { pictureStore, scannerPictureWriter } from './pictures.ts'
import { presenceStore } from './presence.ts'
import { recorder } from './record.ts'
import { writeEndWith } from './record-end.ts'
import { writeLateWith } from './record-late.ts'
import { writeStepWith } from './record-step.ts'
import { registerDeviceWith } from './register.ts'
import { requestOperationWith } from './request-operation.ts'
import { sealWith } from './sealing.ts'
import { loginKeyReader, startLoginWith } from './start.ts'
import { startFactsReader } from './start-facts.ts'
import { countFromCells, statisticsStore } from './statistics.ts'
import type { Store } from './store.ts'
import { loginStreamer } from './stream-logins.ts'
import { targetReader } from './targets.ts'
import { type TidyingLog, tidyWith } from './tidying.ts'
import { readTurnFrom } from './turn.ts'
import { unreadableTurns } from './unreadable.ts'
import { keepUp } from './upkeep.ts'

export type Engine =
  /** `dataDir` null: in memory. */
  | { readonly kind: 'pglite'; readonly dataDir: string | null }
  /** `directUrl` goes past a transaction pooler. */
  | { readonly kind: 'postgres'; readonly url: string; readonly directUrl?: string }

export interface StoreOptions {
  /** 32 bytes: seals what can sign somebody in. */
  readonly secret: Uint8Array
  /** Names this process among those that share the database. */
  readonly instanceId?: string
  /** Told of what must not stop anything: a row that cannot be read, upkeep that failed; and of what upkeep took away. */
  readonly log?: TidyingLog
  /** Logins go after so many days, by whole months, and their events with them; null: never. */
  readonly retentionDays?: number | null
  /** Tests bring their own. */
  readonly clock?: FollowedClock
}

/** Throws DatabaseUnusableError, in one sentence, where the database cannot be used as configured. */
export const openStore = async ({
  engine,
  ...options
}: StoreOptions & { readonly engine: Engine }): Promise<Store> => {
  const { connection, lock } = await connect(engine)
  try {
    await connection.migrate()
    await ensureEventPartitions(connection)
    return await openStoreOn(connection, options, lock)
  } catch (error) {
    await connection.close()
    await lock?.release()
    throw databaseError(error)
  }
}

/** A folder is locked by whoever has it; no migration was applied. */
export const connect = async (
  engine: Engine,
): Promise<{ connection: Connection; lock: FolderLock | null }> => {
  if (engine.kind === 'postgres') return { connection: await connectPostgres(engine), lock: null }
  if (engine.dataDir === null) return { connection: await connectPglite(null), lock: null }
  const lock = await lockFolder(engine.dataDir)
  try {
    const folder = join(engine.dataDir, 'database')
    await mkdir(folder, { recursive: true, mode: 0o700 })
    return { connection: await connectPglite(folder), lock }
  } catch (error) {
    await lock.release()
    throw error
  }
}

/** The store on a connection whose database is migrated. Closing it closes the connection. */
export const openStoreOn = async (
  connection: Connection,
  options: StoreOptions,
  lock: FolderLock | null = null,
): Promise<Store> => {
  const sealing = sealWith(options.secret)
  const { db } = connection
  const me = options.instanceId ?? randomUUID()
  const clock = options.clock ?? followClock()
  const unreadable = unreadableTurns({
    db,
    me,
    clock,
    said: (loginId, error) =>
      options.log?.error(
        { loginId, error: error instanceof Error ? error.message : 'unknown' },
        'The saved state of a login cannot be read; it ends fifteen minutes after it began',
      ),
  })

  const heartbeat = heartbeatWith({ connection, me, clock })
  await heartbeat.begin()
  const upkeep = keepUp(
    connection,
    error =>
      options.log?.error(
        { error: error instanceof Error ? error.message : 'unknown' },
        'Database upkeep failed',
      ),
    tidyWith(connection, options.retentionDays ?? null, options.log),
  )
  const readTurn = readTurnFrom(db, unreadable.met)
  const readEnd = readEndFrom(db)
  const records = recorder({
    readTurn,
    readEnd,
    writeStep: writeStepWith(db, sealing),
    writeEnd: writeEndWith(db),
    writeLate: writeLateWith(db),
  })
  const devices = deviceReaders(connection)
  const logins = loginReaders(connection, unreadable.met)
  const statistics = statisticsStore(connection)
  const operations = operationStore({ connection, me, sealing, clock })
  const claims = claimWith({ connection, me, clock, unreadable })
  let closing: Promise<void> | null = null

  const close = async () => {
    const failures: unknown[] = []
    for (const step of [upkeep.stop, heartbeat.end, connection.close, () => lock?.release()]) {
      try {
        await step()
      } catch (error) {
        failures.push(databaseError(error))
      }
    }
    if (failures.length > 0) throw new AggregateError(failures, 'The database was not closed cleanly')
  }

  return {
    engine: connection.engine,
    clock,
    statistics: connection.statistics,
    ping: async () => {
      // Touches no table: one that somebody locks makes no instance look dead.
      await connection.rows(sql`select 1`)
      return { strayEvents: upkeep.strayEvents() }
    },
    close: () => {
      closing ??= close()
      return closing
    },
    ...claims,
    beat: heartbeat.beat,
    readTurn: async loginId => (await readTurn(loginId))?.turn ?? null,
    record: records.record,
    readTarget: targetReader(db, sealing),
    attachScannerPicture: scannerPictureWriter(db, records),
    attachAccountPicture: accountPictureWriter(db),
    startLogin: startLoginWith({ db, owner: me, recorder: records, readTurn, readEnd }),
    readStartFacts: startFactsReader(db),
    ...logins,
    countLogins: countLoginsWith(logins.countLogins, countFromCells(connection)),
    ...loginStreamer(connection.forPages, unreadable.met),
    ...eventReaders(db, unreadable.met),
    ...secretReaders(db, sealing),
    readLoginKey: loginKeyReader(db),
    ...devices,
    ...operations,
    ...accountReaders(connection, clock),
    ...presenceStore(db),
    ...lookStore(db, sealing),
    ...activityStore(db),
    ...historyStore(connection),
    ...statistics,
    registerDevice: registerDeviceWith({
      db,
      owner: me,
      sealing,
      clock,
      readDevices: devices.readDevices,
      readNewestOperations: operations.readNewestOperations,
    }),
    importDevices: importDevicesWith({ connection, clock }),
    ...changeDeviceWith({ connection, sealing, clock }),
    requestOperation: requestOperationWith({
      db,
      owner: me,
      clock,
      readOperation: operations.readOperation,
    }),
    ...pictureStore(db, sealing, clock),
  }
}
