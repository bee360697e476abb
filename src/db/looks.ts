// The looks that are owed to devices after the end of a login. A turn that is taken meanwhile settles it: what is owed then
// is forgotten.

import { and, eq, lte, sql } from 'drizzle-orm'
import type { Database } from './connection/connection.ts'
import { callTarget, knownHandles } from './device-records.ts'
import type { DueLook, PresenceStore } from './presence-store.ts'
import type { Sealing } from './sealing.ts'
import { ask, iso, prepare, value } from './statement.ts'
import { device } from './tables/device.ts'
import { deviceCheck } from './tables/device-check.ts'
import { deviceTurn } from './tables/device-turn.ts'

const atOnce = 100

export const lookStore = (
  db: Database,
  sealing: Sealing,
): Pick<PresenceStore, 'readDueLooks' | 'lookDone'> => {
  const due = db
    .select({ check: deviceCheck, device, knownHandles, turn: deviceTurn.subjectId })
    .from(deviceCheck)
    .innerJoin(device, eq(device.id, deviceCheck.deviceId))
    .leftJoin(deviceTurn, eq(deviceTurn.deviceId, deviceCheck.deviceId))
    .where(
      and(
        eq(deviceCheck.kind, 'AFTER_END'),
        sql`${device.provider} = any (array(
          select jsonb_array_elements_text(${sql.placeholder('providers')}::jsonb)))`,
        lte(deviceCheck.due, sql`${sql.placeholder('at')}::timestamptz(3)`),
      ),
    )
    .orderBy(deviceCheck.due)
    .limit(atOnce)
    .prepare('read_due_looks')
  const done = prepare<{ id: string }>(
    db,
    'look_done',
    {
      gone: sql`delete from device_check where device_id = ${value('device', 'uuid')} and kind = 'AFTER_END'
        and due <= ${value('due', 'timestamptz(3)')} returning device_id`,
    },
    { id: sql<string>`device_id` },
    sql`gone`,
  )
  const lookDone = async ({ deviceId, due }: Pick<DueLook, 'deviceId' | 'due'>): Promise<void> => {
    await done({ device: deviceId, due: iso(due) })
  }
  return {
    readDueLooks: async (at, providers) => {
      const rows = await ask(() => due.execute({ at: iso(at), providers: JSON.stringify(providers) }))
      const owed: DueLook[] = []
      for (const { check, device, knownHandles, turn } of rows)
        if (turn !== null || device.retired !== null) await lookDone(check)
        else
          owed.push({
            deviceId: device.id,
            tenant: device.tenant,
            provider: device.provider,
            due: check.due,
            handle: check.handle,
            target: callTarget(device, knownHandles, sealing),
          })
      return owed
    },
    lookDone,
  }
}
