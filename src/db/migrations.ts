// Where the migrations are, and the event partitions that time makes necessary. The drivers' own migrators apply them.

import { fileURLToPath } from 'node:url'
import { sql } from 'drizzle-orm'
import type { Connection } from './connection/connection.ts'

export const migrationsFolder = fileURLToPath(new URL('../../drizzle', import.meta.url))

/** Each partition costs on reading, so no years ahead; the default partition catches what was missed. */
const monthsAhead = 2

/** Called at start and daily. */
export const ensureEventPartitions = async (connection: Pick<Connection, 'rows'>): Promise<void> => {
  await connection.rows(sql`select ensure_login_event_partitions(${monthsAhead}::int)`)
}
