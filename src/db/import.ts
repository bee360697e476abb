// Takes over what exists upstream, so many devices in one transaction. Each statement of it sees what the one before it
// waited for: a device is inserted, then its account locked, and only then is it decided who is signed in there.

import { type SQL, sql } from 'drizzle-orm'
import type { FollowedClock } from './clock.ts'
import type { Connection, Database } from './connection/connection.ts'
import { isLost } from './errors.ts'
import { newId } from './ids.ts'
import {
  accountsHeld,
  accountsOnline,
  devicesTaken,
  given,
  historyWritten,
  twinsLeft,
} from './import-statements.ts'
import type { DevicesImported, DevicesToImport, DeviceToImport, ImportStore } from './import-store.ts'
import { isSignInMet } from './sign-in.ts'
import { iso, prepare, sent, type Values, value } from './statement.ts'

const atOnce = 200
const attempts = 5

/** MINE: inserted by this call. TAKEN: another tenant has it. */
type Standing = 'MINE' | 'KNOWN' | 'TAKEN' | 'NEW'

interface Item extends DeviceToImport {
  readonly device: string
  readonly account: string
  readonly signIn: string
}

const tenant = value('tenant', 'text')
const provider = value('provider', 'text')

const deviceWhere = (is: SQL): SQL => sql`exists (
  select from device d where d.provider = ${provider} and d.retired is null and ${is})`

const accounts = (where: SQL): SQL => sql`
  select a.wc_id from account a join device d on d.id = a.device_id and d.retired is null
  where a.provider = ${provider} and ${where}`

/** Those of other tenants are looked through once for all: no index finds what is somebody else's. */
const standing = sql<Standing>`case
  when exists (select from device d where d.id = g.device) then 'MINE'
  when ${deviceWhere(sql`d.upstream_id = g.upstream_id and d.tenant = ${tenant}`)} then 'KNOWN'
  when ${value('accounts_are_devices', 'boolean')}
    and exists (${accounts(sql`a.tenant = ${tenant} and a.wc_id = g.wc_id`)}) then 'KNOWN'
  when ${deviceWhere(sql`d.upstream_id = g.upstream_id`)} then 'TAKEN'
  when g.wc_id in (${accounts(sql`a.tenant <> ${tenant}`)}) then 'TAKEN'
  when ${deviceWhere(sql`d.device_key = g.upstream_id and d.tenant = ${tenant}`)} then 'KNOWN'
  else 'NEW' end`

export const importDevicesWith = (parts: {
  connection: Connection
  clock: FollowedClock
}): ImportStore['importDevices'] => {
  const { connection, clock } = parts
  const { db } = connection
  const classify = prepare<{ device: string; standing: Standing }>(
    db,
    'import_classify',
    {},
    { device: sql<string>`g.device`, standing },
    sql`(${given}) g`,
  )

  const standings = async (take: DevicesToImport, items: readonly Item[]) => {
    const rows = await classify(valuesOf(take, items))
    return new Map(rows.map(row => [row.device, row.standing]))
  }

  /** Where it is unknown whether it took effect, the next attempt finds that out: the ids stay the same. */
  const takeOver = async (take: DevicesToImport, items: readonly Item[]): Promise<DevicesImported> => {
    for (let attempt = 1; ; attempt += 1) {
      try {
        const before = await standings(take, items)
        if (take.dryRun) return { ...counted(before, 'NEW'), online: [] }
        const fresh = items.filter(({ device }) => before.get(device) === 'NEW')
        if (fresh.length === 0) return { ...counted(before, 'MINE'), online: [] }
        const values = { ...valuesOf(take, fresh), at: iso(clock.now()) }
        const online = await sent(connection.transaction(tx => write(tx, take, values)))
        return { ...counted(await standings(take, items), 'MINE'), online }
      } catch (error) {
        const isOneMore = isLost(error) || isSignInMet(error)
        if (!isOneMore || attempt === attempts) throw error
      }
    }
  }

  return async take => {
    const at = clock.now()
    const different = [...new Map(take.devices.map(each => [each.upstreamId, each])).values()]
    // In one order, so that two imports of one page wait for each other and not in a ring.
    const items = different
      .toSorted((one, other) => (one.upstreamId < other.upstreamId ? -1 : 1))
      .map(each => ({ ...each, device: newId(at), account: newId(at), signIn: newId(at) }))
    let [imported, known] = [0, take.devices.length - different.length]
    const online: DevicesImported['online'][number][] = []
    for (let from = 0; from < items.length; from += atOnce) {
      const some = await takeOver(take, items.slice(from, from + atOnce))
      imported += some.imported
      known += some.known
      online.push(...some.online)
    }
    return { imported, known, online }
  }
}

const write = async (
  tx: Database,
  take: DevicesToImport,
  values: Values,
): Promise<DevicesImported['online']> => {
  const run = async (parts: Readonly<Record<string, SQL>>) => {
    await prepare<{ done: number }>(tx, 'import', parts, { done: sql<number>`1` }, sql`given limit 1`)(values)
  }
  await run(devicesTaken)
  await run(accountsHeld)
  if (take.accountsAreDevices) await run(twinsLeft)
  await run(accountsOnline)
  return await prepare<DevicesImported['online'][number]>(
    tx,
    'import',
    historyWritten,
    { accountId: sql<string>`id`, number: sql<number>`presence_number` },
    sql`online`,
  )(values)
}

const counted = (standings: ReadonlyMap<string, Standing>, importedAs: Standing) => {
  const all = [...standings.values()]
  return {
    imported: all.filter(each => each === importedAs).length,
    known: all.filter(each => each === 'KNOWN').length,
  }
}

const valuesOf = (take: DevicesToImport, items: readonly Item[]): Values => ({
  tenant: take.tenant,
  provider: take.provider,
  accounts_are_devices: take.accountsAreDevices,
  asked: iso(take.asked),
  changed_by: take.changedBy,
  items: JSON.stringify(
    items.map(item => ({
      device: item.device,
      account: item.account,
      sign_in: item.signIn,
      upstream_id: item.upstreamId,
      wc_id: item.wcId,
      handle: item.handle,
      online: item.online && item.wcId !== null,
      // A clock of theirs that is fast is no login in the future.
      last_login: iso(item.lastLogin === null ? null : Math.min(item.lastLogin, take.asked)),
      input_hash: item.inputHash,
    })),
  ),
})
