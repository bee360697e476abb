// A process that folds, for a test that kills it: says how many logins wait, puts so many ended ones of a device
// there, unless that many wait, says so, folds all that waits, says how far it is, and ends.

import { sql } from 'drizzle-orm'
import { connectPglite } from '../../src/db/connection/pglite.ts'
import { connectPostgres } from '../../src/db/connection/postgres.ts'
import { foldLogins } from '../../src/db/fold.ts'

const [place = '', device = '', count = '0'] = process.argv.slice(2)
const connection = place.startsWith('postgres:')
  ? await connectPostgres({ url: place, statements: 1 })
  : await connectPglite(place)

const one = (words: readonly string[], turn: string) =>
  sql.raw(`(array[${words.map(word => `'${word}'`).join(', ')}])[1 + n % ${words.length} ${turn}]`)

const [left] = await connection.rows<{ waiting: number }>(
  sql`select count(*)::int as waiting from login_unfolded`,
)
console.log(`found ${left?.waiting ?? 0}`)
const wanted = (left?.waiting ?? 0) < Number(count) ? Number(count) : 0
await connection.rows(sql`
  insert into login (id, tenant, device_id, provider, strategy, method, first_method, device_type, province, proxied,
    first_on_device, started_by, state, sequence, version, reason, next_step, advisories, qr_codes_asked, started, updated,
    ended, qr_code_issued, scanned, confirmed)
  select gen_random_uuid(), 'default', ${device}::uuid, ${one(['demo', 'twin'], '')}, 'AUTO', 'QR_CODE', 'QR_CODE', 'IPAD',
    ${one(['广东', '湖南', '北京'], '')}, false, n % 5 = 0, 'past', end_state, 3, 3,
    case end_state when 'CONFIRMED' then 'SIGNED_IN' when 'EXPIRED' then 'QR_CODE_EXPIRED' else 'DECLINED_ON_PHONE' end,
    'NONE', '[]', '[]', at, at, at + interval '1 minute', at,
    case when end_state = 'CONFIRMED' then at + n % 60 * interval '1 second' end,
    case when end_state = 'CONFIRMED' then at + interval '1 minute' end
  from (
    select n, timestamptz '2026-05-01' + random() * interval '10 days' as at,
      ${one(['CONFIRMED', 'EXPIRED', 'REJECTED'], '')} as end_state
    from generate_series(1, ${wanted}::int) n) made`)
console.log('folding')
await foldLogins(connection, { folded: logins => console.log(`folded ${logins}`) })
console.log('done')
await connection.close()
