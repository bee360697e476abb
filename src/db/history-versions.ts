// Reading versions of devices and of profiles. They are append-only, so that one holds until the next one's beginning;
// that is looked up for the rows of a page only, the next one being on the page before or not.

import { and, desc, eq, lt, sql } from 'drizzle-orm'
import type { Database } from './connection/connection.ts'
import { byThing, thingId, things } from './history-pages.ts'
import type { HistoryStore } from './history-store.ts'
import type { AccountProfileRecord, DeviceVersionRecord } from './records.ts'
import { millis } from './statement.ts'
import { accountProfile } from './tables/account-profile.ts'
import { deviceVersion } from './tables/device-version.ts'

export const versionReaders = (
  db: Database,
): Pick<HistoryStore, 'readDeviceVersions' | 'readAccountProfiles'> => ({
  readDeviceVersions: (tenant, devices, { limit, after }) =>
    byThing(
      devices,
      known => {
        const one = db
          .select()
          .from(deviceVersion)
          .where(
            and(
              eq(deviceVersion.deviceId, thingId),
              eq(deviceVersion.tenant, tenant),
              after === null ? undefined : lt(deviceVersion.number, after),
            ),
          )
          .orderBy(desc(deviceVersion.number))
          .limit(limit)
          .as('one')
        const next = sql`(select n.valid_from from device_version n
          where n.device_id = ${one.deviceId} and n.number > ${one.number} order by n.number limit 1)`
        return db
          .select({ ...one._.selectedFields, validTo: millis(next) })
          .from(things(known))
          .crossJoinLateral(one)
          .orderBy(one.deviceId, desc(one.number))
      },
      { thing: row => row.deviceId, record: deviceVersionRecord },
    ),
  readAccountProfiles: (tenant, accounts, { limit, after }) =>
    byThing(
      accounts,
      known => {
        const one = db
          .select()
          .from(accountProfile)
          .where(
            and(
              eq(accountProfile.accountId, thingId),
              eq(accountProfile.tenant, tenant),
              after === null ? undefined : lt(accountProfile.number, after),
            ),
          )
          .orderBy(desc(accountProfile.number))
          .limit(limit)
          .as('one')
        const next = sql`(select n.valid_from from account_profile n
          where n.account_id = ${one.accountId} and n.number > ${one.number} order by n.number limit 1)`
        return db
          .select({ ...one._.selectedFields, validTo: millis(next) })
          .from(things(known))
          .crossJoinLateral(one)
          .orderBy(one.accountId, desc(one.number))
      },
      { thing: row => row.accountId, record: accountProfileRecord },
    ),
})

/** `validTo` null: there is no next one. */
type Held<Row> = Row & { readonly validTo: number | null }

const deviceVersionRecord = (row: Held<typeof deviceVersion.$inferSelect>): DeviceVersionRecord => ({
  number: row.number,
  deviceType: row.deviceType,
  province: row.province,
  city: row.city,
  proxy:
    row.proxyHost === null || row.proxyPort === null
      ? null
      : { host: row.proxyHost, port: row.proxyPort, username: row.proxyUsername },
  label: row.label,
  cause: row.cause,
  changedBy: row.changedBy,
  validFrom: row.validFrom,
  validTo: row.validTo,
})

const accountProfileRecord = (row: Held<typeof accountProfile.$inferSelect>): AccountProfileRecord => ({
  number: row.number,
  wAccount: row.wAccount,
  nickName: row.nickName,
  country: row.country,
  city: row.city,
  signature: row.signature,
  sex: row.sex,
  mobilePhone: row.mobilePhone,
  pictureId: row.pictureId,
  validFrom: row.validFrom,
  validTo: row.validTo,
})
