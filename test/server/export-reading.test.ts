// What an export does to the gateway while it is read slowly, not at all, or not to its end; and what it tells its reader
// when it cannot go on.

import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { get, type IncomingMessage } from 'node:http'
import { connect } from 'node:net'
import { constants, createGunzip, gunzipSync } from 'node:zlib'
import { sql } from 'drizzle-orm'
import { describe, expect, test } from 'vitest'
import { DatabaseError } from '../../src/db/errors.ts'
import type { Store } from '../../src/db/store.ts'
import { batchSize, type StreamedLogin, type StreamLogins } from '../../src/db/stream-logins.ts'
import { exportLimits } from '../../src/server/export.ts'
import { type Exporting, exporting, exportKey, receive } from './exporting.ts'

/** Begun, with its first bytes arrived and none of them read. */
const begin = async (
  { url }: Exporting,
  path: string,
  more: Readonly<Record<string, string>> = {},
): Promise<IncomingMessage> => {
  const headers = { authorization: `Bearer ${exportKey}`, ...more }
  const request = get(`${url}${path}`, { headers, agent: false })
  return ((await once(request, 'response')) as [IncomingMessage])[0]
}

type Batches = AsyncIterable<readonly StreamedLogin[]>

/** Counts what was taken of the batches, which are those of the database unless `made` makes others of them. */
const watched = (made: (batches: Batches) => Batches = batches => batches) => {
  const asked = { batches: 0, ended: 0 }
  const through = (store: Store): Store => ({
    ...store,
    streamLogins: (...args: Parameters<StreamLogins>) => ({
      [Symbol.asyncIterator]: async function* () {
        try {
          for await (const batch of made(store.streamLogins(...args))) {
            asked.batches++
            yield batch
          }
        } finally {
          asked.ended++
        }
      },
    }),
  })
  return { asked, through }
}

/** With so much to each login, and nothing that a packer makes small, that few are more than fits on the way. */
const widened = (login: StreamedLogin, bytes: number): StreamedLogin => ({
  ...login,
  upstreamMessage: randomBytes(bytes).toString('base64'),
})

const wide = async function* (batches: Batches) {
  for await (const batch of batches) yield batch.map(login => widened(login, 3_000))
}

/** Of one login sixty megabytes. */
const endless = async function* (batches: Batches) {
  for await (const [login] of batches)
    for (let batch = 0; login !== undefined && batch < 60; batch++)
      yield Array.from({ length: 100 }, () => widened(login, 8_000))
}

/** Reads on until it is over, and that is no surprise. */
const broken = (response: IncomingMessage): Promise<void> =>
  new Promise(resolve => {
    response.on('error', () => {}).resume()
    if (response.closed) resolve()
    else response.once('close', resolve)
  })

/** Until nothing has happened for a while that could have. */
const settled = async (look: () => number): Promise<number> => {
  let last = -1
  const isSame = () => {
    const same = look() === last
    last = look()
    return same
  }
  await expect.poll(isSame, { interval: 300 }).toBe(true)
  return last
}

/** A client that knows no chunks has nothing but the way the connection ends. */
const receiveByOldHttp = ({ url }: Exporting, path: string) =>
  new Promise<{ readonly text: string; readonly reset: boolean }>(resolve => {
    const { hostname, port } = new URL(url)
    let [text, reset] = ['', false]
    connect(Number(port), hostname)
      .on('data', chunk => {
        text += chunk
      })
      .on('error', () => {
        reset = true
      })
      .on('close', () => resolve({ text, reset }))
      .write(`GET ${path} HTTP/1.0\r\nauthorization: Bearer ${exportKey}\r\n\r\n`)
  })

const linesIn = (chunk: Buffer): number => chunk.toString('latin1').split('\n').length - 1

describe.each([{}, { 'accept-encoding': 'gzip' }])('a reader with %j', headers => {
  const zipped = headers['accept-encoding'] === 'gzip'

  test('that does not read keeps nothing busy, and gets everything when it does', async () => {
    const { asked, through } = watched(wide)
    const batches = 9
    await using server = await exporting('postgres', batches * batchSize, { through })
    const response = await begin(server, '/export/logins.ndjson', headers)
    // Those that fit on the way, and the ones that are kept ready.
    expect(await settled(() => asked.batches)).toBeLessThan(batches)
    const [held] = await server.database.rows<{ open: number; locks: number }>(sql`
      select (select count(*)::int from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()
          and state <> 'idle' and query ilike '%from "login"%') as open,
        (select count(*)::int from pg_locks where pid <> pg_backend_pid() and relation = 'login'::regclass
          and database = (select oid from pg_database where datname = current_database())) as locks`)
    expect(held).toEqual({ open: 0, locks: 0 })
    let rows = 0
    for await (const chunk of zipped ? response.pipe(createGunzip()) : response)
      rows += linesIn(chunk as Buffer)
    expect(rows).toBe(batches * batchSize)
    expect(response.complete).toBe(true)
    expect(asked).toEqual({ batches, ended: 1 })
  })

  // The kernels take in more and more of it for seconds, which is no reader who has stopped.
  test('that never reads is given up', async () => {
    const { asked, through } = watched(endless)
    await using server = await exporting('pglite', 1, { through, patience: 100 })
    const response = await begin(server, '/export/logins.ndjson', headers)
    await expect.poll(() => asked.ended, { timeout: 60_000 }).toBe(1)
    expect(asked.batches).toBeLessThan(60)
    await broken(response)
    expect(response.complete).toBe(false)
  })

  test('that is gone ends what was asked for it', async () => {
    const { asked, through } = watched(endless)
    await using server = await exporting('pglite', 1, { through })
    const response = await begin(server, '/export/logins.ndjson', headers)
    response.on('error', () => {}).destroy()
    await expect.poll(() => asked.ended).toBe(1)
    expect(asked.batches).toBeLessThan(60)
    expect(server.logged).toEqual([])
  })

  test('is told by a broken connection that it has only a part, and reads all that was sent before', async () => {
    const { through } = watched(async function* (batches) {
      let left = 2
      for await (const batch of batches) {
        if (left-- === 0) throw new Error('password=hunter2')
        yield batch
      }
    })
    await using server = await exporting('pglite', 2 * batchSize + 500, { through })
    const response = await begin(server, '/export/logins.ndjson', headers)
    const chunks: Buffer[] = []
    response.on('data', (chunk: Buffer) => void chunks.push(chunk))
    await broken(response)
    const bytes = Buffer.concat(chunks)
    const read = zipped ? gunzipSync(bytes, { finishFlush: constants.Z_SYNC_FLUSH }) : bytes
    expect(linesIn(read)).toBe(2 * batchSize)
    expect(response.complete).toBe(false)
    expect(response.trailers).toEqual({})
    expect(server.logged).toEqual(['A request failed unexpectedly'])
  })
})

describe('a reader that speaks HTTP/1.0', () => {
  test('gets everything, or a reset', async () => {
    let fails = false
    const { through } = watched(async function* (batches) {
      let left = 2
      for await (const batch of batches) {
        if (left-- === 0 && fails) throw new Error('gone')
        yield batch
      }
    })
    await using server = await exporting('pglite', 2 * batchSize + 1, { through })
    const whole = await receiveByOldHttp(server, '/export/logins.ndjson')
    expect(whole.text.split('\r\n\r\n')[1]?.split('\n')).toHaveLength(2 * batchSize + 2)
    expect(whole.reset).toBe(false)
    fails = true
    expect((await receiveByOldHttp(server, '/export/logins.ndjson')).reset).toBe(true)
  })
})

describe('how many export at once', () => {
  test('is limited: one too many is told when to come back, and a place is free when one has gone', async () => {
    const { asked, through } = watched(endless)
    await using server = await exporting('pglite', 1, { through })
    const readers: IncomingMessage[] = []
    for (let each = 0; each < exportLimits.atOnce; each++)
      readers.push(await begin(server, '/export/logins.ndjson'))
    const refused = await receive(server, '/export/logins.ndjson')
    expect(refused.status).toBe(503)
    expect(Number(refused.headers['retry-after'])).toBeGreaterThan(0)
    expect(JSON.parse(refused.text).error.code).toBe('UNAVAILABLE')
    const [first] = readers
    first?.on('error', () => {}).destroy()
    await expect.poll(() => asked.ended).toBe(1)
    const next = await begin(server, '/export/logins.ndjson')
    expect(next.statusCode).toBe(200)
    for (const reader of [...readers, next]) reader.on('error', () => {}).destroy()
  })
})

describe('what goes wrong before the first row', () => {
  test('is answered, and not as a file', async () => {
    const lost = new DatabaseError('gone', { code: 'CONNECTION_CLOSED', constraint: null, lost: true })
    let thrown: Error = lost
    const { through } = watched(() => {
      throw thrown
    })
    await using server = await exporting('pglite', 1, { through })
    for (const [error, status, code] of [
      [lost, 503, 'UNAVAILABLE'],
      [new Error('password=hunter2'), 500, 'INTERNAL_SERVER_ERROR'],
    ] as const) {
      thrown = error
      const { headers, ...answer } = await receive(server, '/export/logins.csv')
      expect(answer.status).toBe(status)
      expect(JSON.parse(answer.text).error.code).toBe(code)
      expect(answer.text).not.toContain('hunter2')
      expect(headers['retry-after']).toBe(status === 503 ? '5' : undefined)
    }
    expect(server.logged).toHaveLength(2)
  })
})

describe('a gateway that stops', () => {
  test('cuts who is reading, who can go on elsewhere, and sends the next one away', async () => {
    const { asked, through } = watched(endless)
    await using server = await exporting('pglite', 1, { through })
    const response = await begin(server, '/export/logins.ndjson')
    server.stop()
    await broken(response)
    expect(response.complete).toBe(false)
    await expect.poll(() => asked.ended).toBe(1)
    const refused = await receive(server, '/export/logins.ndjson')
    expect(refused.status).toBe(503)
    expect(refused.headers['retry-after']).toBe('2')
  })
})
