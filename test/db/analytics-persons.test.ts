// No view holds a person in clear. Every column of every table, as the catalog lists them, is filled with what would give
// somebody away, but for those that hold words of our own; then all that the views show is searched for it.

import { sql } from 'drizzle-orm'
import { describe, expect, test } from 'vitest'
import { type EngineName, engines, type TestDatabase, withStore } from '../support/database.ts'
import { grantMe, viewsOf } from './analytics-given.ts'
import { aDevice, aLogin, aName, aProfile, scanned, signedIn, told, withQrCode } from './given.ts'

/** Found nowhere but in what is planted; no word of our own looks like it. */
const mark = 'wxid_tt4711'
const phone = '13800138000'

/** Our own words, and names that operators give to programs: shown as they are. Every other column is told a person. */
const ours = new Set(
  `*.tenant *.provider *.state *.kind *.cause login_event.type login.strategy login.method login.first_method login.confirmed_by
  *.device_type *.province login.started_by device_version.changed_by login.reason login.next_step sign_in.found_by
  account.presence account.presence_before presence_change.before presence_change.after`.split(/\s+/),
)

/** Unfolded and rolled up are words of ours as well, and no analyst reads them. */
const notRead = new Set(['login_rollup', 'login_unfolded', 'instance'])

interface Column {
  readonly table: string
  readonly column: string
  readonly type: string
}

const columns = sql`
  select c.relname as table, a.attname as column, format_type(a.atttypid, null) as type
  from pg_attribute a join pg_class c on c.oid = a.attrelid
  where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') and not c.relispartition
    and a.attnum > 0 and not a.attisdropped and a.attgenerated = '' and format_type(a.atttypid, null) in ('text', 'jsonb', 'bytea')
  order by 1, 2`

/** Unlike in each row, since some must be. */
const person = `'${mark} 李 ${phone} ' || md5(t.ctid::text || t.tableoid::text)`

const keys =
  'strategy method deviceType generation expires announcedBy attemptsLeft upstreamMessage reason cause confirmedBy code wcId nickName'
const outcomeKeys = 'reason nextStep upstreamCode upstreamMessage'

const object = (names: string, more = ''): string =>
  `jsonb_build_object(${names
    .split(' ')
    .flatMap(name => [`'${name}'`, person])
    .join(', ')}${more})`

const planted: Readonly<Record<string, string>> = {
  text: person,
  bytea: `convert_to(${person}, 'UTF8')`,
  jsonb: object(keys, `, 'outcome', ${object(outcomeKeys)}`),
}

const isOurs = ({ table, column }: Column): boolean =>
  notRead.has(table) || ours.has(`*.${column}`) || ours.has(`${table}.${column}`)

/** Lists of words are told as lists. */
const plantedIn = ({ column, type }: Column): string | undefined =>
  column === 'advisories' || column.endsWith('drop_tags')
    ? `jsonb_build_array(${object('code')}, ${person})`
    : planted[type]

const plant = async (database: TestDatabase): Promise<readonly Column[]> => {
  const found = (await database.rows<Column>(columns)).filter(column => !isOurs(column))
  for (const table of new Set(found.map(column => column.table))) {
    const set = found
      .filter(column => column.table === table)
      .map(column => `"${column.column}" = ${plantedIn(column)}`)
    await database.rows(sql.raw(`update "${table}" t set ${set.join(', ')}`))
  }
  return found
}

/** As they are, in hex, and in base64 wherever in a text they begin. */
const forms = (text: string): readonly string[] => [
  text,
  Buffer.from(text).toString('hex'),
  ...[0, 1, 2].map(shift => {
    const coded = Buffer.from(`${'x'.repeat(shift)}${text}`)
      .toString('base64')
      .replace(/=+$/, '')
    return coded.slice(shift === 0 ? 0 : shift + 1, -1)
  }),
]

const giveaways = [mark, phone].flatMap(forms).map(form => form.toLowerCase())

/** Views in which a person is told in clear, and how many rows each has. */
const search = async (database: TestDatabase) => {
  const telling: string[] = []
  const rows: Record<string, number> = {}
  for (const name of await viewsOf(database)) {
    const shown = await database.rows<{ row: string }>(
      sql.raw(`select row_to_json(v)::text as row from analytics."${name}" v`),
    )
    rows[name] = shown.length
    // Postgres breaks base64 into lines, and JSON writes those as \\n.
    const text = shown.map(({ row }) => row.replaceAll('\\n', '').toLowerCase()).join('\n')
    if (giveaways.some(form => text.includes(form))) telling.push(name)
  }
  return { telling, rows }
}

/** Rows in every table that a view reads, of two tenants. */
const history = async (engine: EngineName, work: (database: TestDatabase) => Promise<void>) =>
  await withStore(engine, async (store, database) => {
    for (const tenant of ['default', 'other']) {
      const settings = {
        label: 'Lin',
        deviceType: 'IPAD',
        province: '广东',
        city: 'Shenzhen',
        proxy: { host: 'proxy.example', port: 1080, username: 'lin', password: 'p' },
        ttuid: 'lin',
      } as const
      const deviceId = await aDevice(store, { tenant, settings })
      const { loginId } = await aLogin(store, deviceId, { tenant, reference: `${tenant} ${phone}` })
      await withQrCode(store, loginId)
      await scanned(store, loginId)
      await signedIn(store, loginId, aProfile({ wcId: aName('wxid') }))
      const next = await aLogin(store, await aDevice(store, { tenant, settings }), { tenant })
      await withQrCode(store, next.loginId)
      await told(store, next.loginId, { kind: 'CodePromptReported' })
    }
    await grantMe(database, 'default', 'other')
    await work(database)
  })

describe.each(engines)('the views for analysts on %s', engine => {
  test('tell no person, whatever stands in the tables', () =>
    history(engine, async database => {
      const before = await search(database)
      const found = await plant(database)
      expect(found.map(({ table, column }) => `${table}.${column}`)).toEqual(
        expect.arrayContaining([
          'account.wc_id',
          'account.nick_name',
          'account.mobile_phone',
          'device.proxy_host',
          'device.label',
          'login.upstream_message',
          'login.upstream_code',
          'login.reference',
          'login.expected_wc_id',
          'login_event.body',
          'scanner.nick_name',
        ]),
      )
      const after = await search(database)
      expect(after.telling).toEqual([])
      // Nothing was left out to keep it quiet.
      expect(after.rows).toEqual(before.rows)
      expect(Object.values(after.rows).every(rows => rows >= 2)).toBe(true)
    }))

  test('that tell one, in whatever form, are found out', () =>
    history(engine, async database => {
      await plant(database)
      for (const word of [
        'nick_name',
        "encode(convert_to(wc_id, 'UTF8'), 'hex')",
        "encode(convert_to('a' || mobile_phone, 'UTF8'), 'base64')",
        "jsonb_build_object('a', jsonb_build_array(signature))",
      ]) {
        await database.rows(sql.raw(`create view analytics.leak as select ${word} as word from account`))
        expect([word, (await search(database)).telling]).toEqual([word, ['leak']])
        await database.rows(sql`drop view analytics.leak`)
      }
      expect((await search(database)).telling).toEqual([])
    }))
})
