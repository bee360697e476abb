// Pictures by a keyed hash of their bytes, once per tenant, and whose they are.

import { and, eq, sql } from 'drizzle-orm'
import type { Database } from './connection/connection.ts'
import type { Recorder } from './record.ts'
import type { Sealing } from './sealing.ts'
import { ask, iso, prepare, value } from './statement.ts'
import type { Clock, LoginStore, PictureStore } from './store.ts'
import { picture } from './tables/picture.ts'

export const pictureStore = (db: Database, sealing: Sealing, clock: Clock): PictureStore => {
  const keep = prepare<{ id: string }>(
    db,
    'keep_picture',
    {
      kept: sql`insert into picture (tenant, id, type, bytes, created)
        values (${value('tenant', 'text')}, ${value('id', 'text')}, ${value('type', 'text')}, ${value('bytes', 'bytea')},
          ${value('at', 'timestamptz(3)')})
        -- Renewed, so that nobody takes it for unused before it is pointed at; once in twelve hours is enough.
        on conflict (tenant, id) do update set created = excluded.created
          where picture.created < excluded.created - interval '12 hours' returning id`,
    },
    { id: sql<string>`id` },
    sql`kept`,
  )
  const read = db
    .select({ bytes: picture.bytes, type: picture.type })
    .from(picture)
    .where(and(eq(picture.tenant, sql.placeholder('tenant')), eq(picture.id, sql.placeholder('id'))))
    .prepare('read_picture')
  return {
    keepPicture: async (tenant, { bytes, type }) => {
      const id = sealing.mark('picture', tenant, bytes)
      await keep({ tenant, id, type, bytes, at: iso(clock.now()) })
      return id
    },
    readPicture: async (tenant, pictureId) => {
      const [row] = await ask(() => read.execute({ tenant, id: pictureId }))
      return row ?? null
    },
  }
}

/** Raises the turn's version, so that readers see a change that is no event; a login that has ended stays as it is. */
export const scannerPictureWriter = (
  db: Database,
  recorder: Recorder,
): LoginStore['attachScannerPicture'] => {
  const statement = prepare<{ id: string }>(
    db,
    'attach_scanner_picture',
    {
      who: sql`update scanner set picture_id = ${value('picture', 'text')}
        where login_id = ${value('login', 'uuid')} returning login_id`,
      seen: sql`update device_turn set version = version + 1 from who where subject_id = who.login_id`,
    },
    { id: sql<string>`login_id` },
    sql`who`,
  )
  return (loginId, pictureId) =>
    recorder.inLine(loginId, async () => {
      await statement({ login: loginId, picture: pictureId })
    })
}
