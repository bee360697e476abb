// Exports alone, on a free port: a real database with logins of the past, the real schema, and nothing else of a gateway.

import { once } from 'node:events'
import { get, type IncomingMessage } from 'node:http'
import { gunzipSync } from 'node:zlib'
import { sql } from 'drizzle-orm'
import type { Store } from '../../src/db/store.ts'
import type { Services } from '../../src/resolvers/services.ts'
import { schema } from '../../src/schema/schema.ts'
import { recogniseAdmin } from '../../src/server/credentials.ts'
import { createExports, type ExportOptions } from '../../src/server/export.ts'
import { listen } from '../../src/server/listening.ts'
import { createMask } from '../../src/server/mask.ts'
import { aDevice } from '../db/given.ts'
import { type EngineName, freshDatabase, type TestDatabase } from '../support/database.ts'

export const exportKey = 'a-key-for-tests-and-nothing-else'

export interface Exporting extends AsyncDisposable {
  readonly url: string
  readonly store: Store
  readonly database: TestDatabase
  readonly logged: readonly string[]
  stop(): void
}

/** With `logins` of the past day, ten of each start, in every state, reason and shape that files must carry. */
export const exporting = async (
  engine: EngineName,
  logins: number,
  options: Partial<ExportOptions> & { readonly through?: (store: Store) => Store } = {},
): Promise<Exporting> => {
  const database = await freshDatabase(engine)
  const store = await database.open()
  await pastLogins(database, await aDevice(store), logins)
  const logged: string[] = []
  const exports = createExports({
    schema,
    services: { store: options.through?.(store) ?? store } as Services,
    recognise: recogniseAdmin(exportKey),
    mask: createMask({ error: (_fields, message) => void logged.push(message) }),
    ...options,
  })
  const listening = await listen('127.0.0.1', 0)
  listening.serve({
    request: (request, response) => void exports.answer(request, response),
    upgrade: () => {},
  })
  return {
    url: listening.url,
    store,
    database,
    logged,
    stop: exports.stop,
    [Symbol.asyncDispose]: async () => {
      exports.stop()
      await listening.close(0)
      await database[Symbol.asyncDispose]()
    },
  }
}

/** Texts that break files which were not made with care. */
export const difficult = [
  '=HYPERLINK("http://evil.example","click")',
  '+1+1',
  '-2+3',
  '@SUM(A1)',
  '\tTab',
  '\rReturn',
  "'quoted",
  '＝1+1',
  'two\r\nlines, "and" quotes',
  'a\nb',
  '设备📱👩‍👩‍👧',
  'مرحبا ‏עולם',
  '',
  'plain',
]

export const pastLogins = async (database: TestDatabase, deviceId: string, logins: number): Promise<void> => {
  await database.rows(sql`
    insert into login (id, tenant, device_id, provider, strategy, method, first_method, confirmed_by, device_type, province,
      proxied, first_on_device, started_by, reference, state, sequence, version, reason, upstream_code, upstream_message,
      next_step, advisories, qr_codes_asked, started, updated, ended, qr_code_issued, scanned, confirmed)
    select md5(n::text)::uuid, 'default', ${deviceId}, 'line ' || n % 3, 'AUTO', 'QR_CODE',
      case when n % 4 = 0 then null when n % 4 = 1 then 'PUSH' else 'QR_CODE' end,
      case when n % 2 = 0 then 'QR_CODE' end, case when n % 5 = 0 then 'MAC' else 'IPAD' end,
      case when n % 3 = 0 then null when n % 3 = 1 then '广东' else '北京' end, n % 2 = 0, n % 7 = 0, 'desk',
      case when n % 6 = 0 then 'order ' || n end, case when n % 2 = 0 then 'CONFIRMED' else 'FAILED' end, 5, 5,
      case when n % 2 = 0 then 'SIGNED_IN' else 'UPSTREAM_ERROR' end, case when n % 2 = 1 then '-1001' end,
      texts ->> (n % jsonb_array_length(texts)), 'NONE', '[]', '[]', at, at, at + (n % 90 + 20) * interval '1.013 second',
      at + interval '1.5 second', case when n % 2 = 0 then at + interval '9.04 second' end,
      case when n % 2 = 0 then at + (n % 90 + 20) * interval '1.013 second' end
    from generate_series(1, ${logins}::int) n,
      lateral (select ${JSON.stringify([...difficult, null])}::text::jsonb as texts,
        (date_trunc('day', now()) - interval '1 day' + n / 10 * interval '1.001 second')::timestamptz(3) as at) given`)
}

/** What RFC 4180 makes of it, and null where nothing stands; then each text as it was before it was defused. */
export const readCsv = (text: string): readonly (readonly (string | null)[])[] => {
  const rows: (string | null)[][] = []
  let row: (string | null)[] = []
  for (const [, quoted, plain = '', end] of text.matchAll(/(?:"((?:[^"]|"")*)"|([^,"\r\n]*))(,|\r\n)/gy)) {
    const cell = quoted === undefined ? plain : quoted.replaceAll('""', '"')
    row.push(quoted === undefined && cell === '' ? null : cell.replace(/^'/, ''))
    if (end === ',') continue
    rows.push(row)
    row = []
  }
  return rows
}

export interface Received {
  readonly status: number
  readonly headers: IncomingMessage['headers']
  readonly trailers: IncomingMessage['trailers']
  readonly text: string
}

/** Reads until so many bytes have come, breaks the connection, and says what had come by then. */
export const receiveSome = async (
  { url }: { readonly url: string },
  path: string,
  bytes: number,
): Promise<{ readonly text: Buffer; readonly whole: boolean }> => {
  const request = get(`${url}${path}`, { headers: { authorization: `Bearer ${exportKey}` }, agent: false })
  const [response] = (await once(request, 'response')) as [IncomingMessage]
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of response) {
    chunks.push(chunk as Buffer)
    size += (chunk as Buffer).length
    if (size >= bytes) break
  }
  const whole = response.complete
  request.destroy()
  return { text: Buffer.concat(chunks).subarray(0, bytes), whole }
}

export const receive = async (
  { url }: { readonly url: string },
  path: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<Received> => {
  const request = get(`${url}${path}`, { headers: { authorization: `Bearer ${exportKey}`, ...headers } })
  const [response] = (await once(request, 'response')) as [IncomingMessage]
  const chunks: Buffer[] = []
  for await (const chunk of response) chunks.push(chunk as Buffer)
  const bytes = Buffer.concat(chunks)
  return {
    status: response.statusCode ?? 0,
    headers: response.headers,
    trailers: response.trailers,
    text: (response.headers['content-encoding'] === 'gzip' ? gunzipSync(bytes) : bytes).toString('utf8'),
  }
}
