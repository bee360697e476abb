// Exports as a client meets them: everything once, whole or known not to be, in files that come back as they went.

import { once } from 'node:events'
import { get, type IncomingMessage } from 'node:http'
import { sql } from 'drizzle-orm'
import { graphql } from 'graphql'
import { describe, expect, test } from 'vitest'
import type { Store } from '../../src/db/store.ts'
import { exportColumns } from '../../src/resolvers/export-logins.ts'
import type { Services } from '../../src/resolvers/services.ts'
import { adminScopes } from '../../src/resolvers/viewer.ts'
import { schema } from '../../src/schema/schema.ts'
import { contextOf } from '../../src/server/graphql-over-http.ts'
import { aDevice, aLogin, withQrCode } from '../db/given.ts'
import { engines } from '../support/database.ts'
import { difficult, exporting, exportKey, readCsv, receive, receiveSome } from './exporting.ts'

const rowsIn = (text: string) =>
  text
    .split('\n')
    .slice(0, -1)
    .map(line => JSON.parse(line))

const asGraphqlHasThem = async (store: Store, where: object = {}) => {
  const viewer = { tenant: 'default', name: 'admin', scopes: adminScopes, language: 'en' } as const
  const services = { store, pictureUrl: () => '' } as unknown as Services
  const logins = []
  for (let after: string | null = null; ; ) {
    const { data, errors } = await graphql({
      schema,
      contextValue: contextOf(services, viewer),
      variableValues: { where, after },
      source: `query ($where: LoginWhere, $after: String) {
        logins(where: $where, orderBy: STARTED_AT_ASC, first: 100, after: $after) {
          pageInfo { endCursor hasNextPage }
          edges { node {
            id state outcome { reason upstreamCode upstreamMessage } strategy method firstMethod confirmedBy provider deviceType
            province proxied firstOnDevice startedBy reference device { id } account { id } startedAt endedAt
            timings { toQrCode toScan toConfirm total }
          } }
        } }`,
    })
    if (errors !== undefined) throw new Error(JSON.stringify(errors))
    // biome-ignore lint/suspicious/noExplicitAny: compared with what is expected below
    const page = data?.logins as any
    logins.push(...page.edges.map(({ node }: { node: object }) => node))
    if (!page.pageInfo.hasNextPage) return logins
    after = page.pageInfo.endCursor
  }
}

const asGraphqlSays = (row: Record<string, unknown>) => ({
  id: row.id,
  state: row.state,
  outcome:
    row.reason === null
      ? null
      : { reason: row.reason, upstreamCode: row.upstreamCode, upstreamMessage: row.upstreamMessage },
  ...Object.fromEntries(
    ['strategy', 'method', 'firstMethod', 'confirmedBy', 'provider', 'deviceType', 'province', 'proxied']
      .concat(['firstOnDevice', 'startedBy', 'reference', 'startedAt', 'endedAt'])
      .map(name => [name, row[name]]),
  ),
  device: { id: row.deviceId },
  account: row.accountId === null ? null : { id: row.accountId },
  timings: {
    toQrCode: row.toQrCodeSeconds,
    toScan: row.toScanSeconds,
    toConfirm: row.toConfirmSeconds,
    total: row.totalSeconds,
  },
})

describe.each(engines)('an export on %s', engine => {
  test('has every login once, the live ones as they stand, with what the API says of each', async () => {
    await using server = await exporting(engine, 1_234)
    const { loginId } = await aLogin(server.store, await aDevice(server.store))
    await withQrCode(server.store, loginId)
    const { status, headers, trailers, text } = await receive(server, '/export/logins.ndjson')
    expect(status).toBe(200)
    expect(headers['content-type']).toBe('application/x-ndjson; charset=utf-8')
    expect(headers['content-disposition']).toContain('logins.ndjson')
    const rows = rowsIn(text)
    expect(rows.map(asGraphqlSays)).toEqual(await asGraphqlHasThem(server.store))
    expect(rows).toHaveLength(1_235)
    expect(rows.at(-1)).toMatchObject({ state: 'AWAITING_SCAN', reason: null, totalSeconds: null })
    expect(trailers['x-export-rows']).toBe('1235')
    expect(Object.keys(rows[0])).toEqual(exportColumns)
  })

  test('is the same in CSV, whatever its texts hold, and nothing in it is a formula', async () => {
    await using server = await exporting(engine, 200)
    const { headers, text } = await receive(server, '/export/logins.csv')
    expect(headers['content-type']).toBe('text/csv; charset=utf-8; header=present')
    const [header = [], ...cells] = readCsv(text)
    const rows = rowsIn((await receive(server, '/export/logins.ndjson')).text)
    expect(header).toEqual(exportColumns)
    expect(cells).toEqual(
      rows.map(row => exportColumns.map(name => (row[name] === null ? null : String(row[name])))),
    )
    for (const each of difficult) expect(rows.map(row => row.upstreamMessage)).toContain(each)
    // A cell begins a line, or behind a comma, or within quotes.
    expect(text).not.toMatch(/(^|,|\n)"?[=@\t\r＝＋－＠]/)
    expect(text).not.toMatch(/(^|,|\n)"?[+-](?!\d+(\.\d+)?[,\r])/)
    expect(cells.map(row => row[header.indexOf('upstreamCode')])).toContain('-1001')
    expect(text).toMatch(/,-1001,/)
  })

  test.each(['ndjson', 'csv'] as const)(
    'cut five times anywhere and gone on with is the whole one, in %s',
    async format => {
      await using server = await exporting(engine, 3_456)
      const filters = 'deviceType=IPAD&province=广东&province=北京'
      for (const order of ['STARTED_AT_ASC', 'STARTED_AT_DESC']) {
        const path = `/export/logins.${format}?${filters}&orderBy=${order}`
        const whole = (await receive(server, path)).text
        let pieces = ''
        let cursor = ''
        for (let cut = 0; cut <= 5; cut++) {
          const after = cursor === '' ? '' : `&after=${cursor}`
          const bytes =
            cut < 5 ? Math.floor(Buffer.byteLength(whole) / 6.1) + cut * 7 : Number.POSITIVE_INFINITY
          const piece = await receiveSome(server, path + after, bytes)
          expect(piece.whole).toBe(cut === 5)
          const kept = wholeRows(piece.text.toString('utf8'), format)
          pieces += kept
          cursor = lastCursor(kept, format) ?? cursor
        }
        expect(pieces === whole).toBe(true)
      }
    },
  )

  test('meets each login that was there once, while others start', async () => {
    await using server = await exporting(engine, 2_500)
    const deviceId = await aDevice(server.store)
    const request = get(`${server.url}/export/logins.ndjson`, {
      headers: { authorization: `Bearer ${exportKey}` },
    })
    const [response] = (await once(request, 'response')) as [IncomingMessage]
    await aLogin(server.store, deviceId)
    let text = ''
    for await (const chunk of response) text += chunk
    const ids = rowsIn(text).map(row => row.id)
    expect(new Set(ids).size).toBe(ids.length)
    expect(ids).toHaveLength(2_500)
  })

  test('knows no other tenant', async () => {
    await using server = await exporting(engine, 30)
    await server.database.rows(
      sql`update login set tenant = 'other' where id in (select id from login limit 10)`,
    )
    expect(rowsIn((await receive(server, '/export/logins.ndjson')).text)).toHaveLength(20)
  })
})

/** Without the row that was cut: CSV has line breaks within quotes. */
const wholeRows = (text: string, format: 'ndjson' | 'csv'): string => {
  if (format === 'ndjson') return text.slice(0, text.lastIndexOf('\n') + 1)
  let end = 0
  for (const found of text.matchAll(/(?:"(?:[^"]|"")*"|[^,"\r\n]*)(,|\r\n)/gy))
    if (found[1] === '\r\n') end = found.index + found[0].length
  return text.slice(0, end)
}

const lastCursor = (rows: string, format: 'ndjson' | 'csv'): string | undefined =>
  format === 'ndjson' ? rowsIn(rows).at(-1)?.cursor : (readCsv(rows).at(-1)?.[0] ?? undefined)

describe('the filters of an export', () => {
  test('are those of LoginWhere', async () => {
    await using server = await exporting('pglite', 300)
    const [some] = rowsIn((await receive(server, '/export/logins.ndjson')).text).slice(150)
    const cases: readonly [string, object][] = [
      ['state=FAILED', { state: ['FAILED'] }],
      ['state=FAILED&state=EXPIRED', { state: ['FAILED', 'EXPIRED'] }],
      ['live=false', { live: false }],
      ['reason=SIGNED_IN', { reason: ['SIGNED_IN'] }],
      ['upstreamCode=-1001', { upstreamCode: ['-1001'] }],
      ['firstMethod=PUSH&deviceType=MAC', { firstMethod: ['PUSH'], deviceType: ['MAC'] }],
      ['province=%E5%B9%BF%E4%B8%9C', { province: ['广东'] }],
      ['provider=line 1&provider=line+2', { provider: ['line 1', 'line 2'] }],
      ['firstOnDevice=true', { firstOnDevice: true }],
      ['reference=order%206', { reference: 'order 6' }],
      [`device=${encodeURIComponent(some.deviceId)}`, { device: some.deviceId }],
      ['province=Guangdong&province=%E5%8C%97%E4%BA%AC%E5%B8%82', { province: ['广东', '北京'] }],
      [`startedFrom=${some.startedAt}`, { startedFrom: some.startedAt }],
      [`startedTo=${some.startedAt}`, { startedTo: some.startedAt }],
      // Said in Shanghai, and with a plus sign that became a space.
      [`startedFrom=${inShanghai(some.startedAt)}`, { startedFrom: some.startedAt }],
      [
        `endedFrom=${some.endedAt}&endedTo=${some.endedAt}`,
        { endedFrom: some.endedAt, endedTo: some.endedAt },
      ],
    ]
    for (const [query, where] of cases) {
      const { status, text } = await receive(server, `/export/logins.ndjson?${query}`)
      expect(status, query).toBe(200)
      expect(rowsIn(text).map(asGraphqlSays), query).toEqual(await asGraphqlHasThem(server.store, where))
    }
  })
})

const inShanghai = (utc: string) =>
  `${new Date(Date.parse(utc) + 8 * 3_600_000).toISOString().slice(0, -1)}+08:00`

describe('what cannot be right', () => {
  test('is refused by the name of its parameter, with what to do', async () => {
    await using server = await exporting('pglite', 0)
    for (const [query, parameter, sentence] of wrong) {
      const { status, headers, text } = await receive(server, `/export/logins.csv?${query}`)
      expect(status, query).toBe(400)
      expect(headers['content-type']).toBe('application/json; charset=utf-8')
      const { error } = JSON.parse(text)
      expect(error.code).toBe('BAD_USER_INPUT')
      expect(error.problems).toEqual([{ parameter, message: expect.stringContaining(sentence) }])
    }
    expect(server.logged).toEqual([])
  })

  const wrong = [
    ['stat=FAILED', 'stat', 'There is no such parameter. There are: account, device'],
    ['started_from=2026-11-20T00:00:00Z', 'started_from', 'write `startedFrom`'],
    ['state=failed', 'state', '"failed" is none of its values: AWAITING_CODE, '],
    ['state=FAILED&state=', 'state', 'none of its values'],
    ['live=yes', 'live', 'It is `true` or `false`.'],
    ['live=true&live=false', 'live', 'more than once'],
    ['orderBy=ENDED_AT', 'orderBy', 'STARTED_AT_DESC'],
    ['startedFrom=2026-11-20', 'startedFrom', 'ISO 8601'],
    ['endedTo=2026-02-31T00:00:00Z', 'endedTo', 'ISO 8601'],
    [
      'startedFrom=2026-11-20T00:00:01Z&startedTo=2026-11-20T00:00:00Z',
      'startedFrom',
      'later than `startedTo`',
    ],
    ['endedFrom=2026-11-20T00:00:01Z&endedTo=2026-11-20T00:00:00Z', 'endedFrom', 'later than `endedTo`'],
    ['reference=a%00b', 'reference', 'NUL'],
    [`reference=${'x'.repeat(201)}`, 'reference', 'It has more than 200 characters.'],
    ['upstreamCode=a&'.repeat(101).slice(0, -1), 'upstreamCode', 'It has more than 100 values.'],
    [
      'province=Guangdong&province=Nowhere',
      'province',
      'It has "Nowhere", which is none of the 34 provinces (as 广东, 广东省 or Guangdong).',
    ],
    ['province=广冬', 'province', 'did you mean 广东'],
    ['device=nothing', 'device', 'It is no id of a device.'],
    ['after=nonsense', 'after', 'no cursor of an export'],
    ['after=', 'after', 'no cursor of an export'],
  ] as const

  test('is a cursor whose moment no calendar has', async () => {
    await using server = await exporting('pglite', 10)
    const [first] = rowsIn((await receive(server, '/export/logins.ndjson')).text)
    const bytes = Buffer.from(first.cursor, 'base64url')
    // The first millisecond of the year 10000, and the last one that there is room for.
    for (const at of [253_402_300_800_000, 2 ** 48 - 1]) {
      bytes.writeUIntBE(at, 9, 6)
      const after = bytes.toString('base64url')
      const { status, text } = await receive(server, `/export/logins.ndjson?after=${after}`)
      expect(status).toBe(400)
      expect(JSON.parse(text).error.problems[0]).toMatchObject({ parameter: 'after' })
    }
    expect(server.logged).toEqual([])
  })

  test('is told all at once', async () => {
    await using server = await exporting('pglite', 0)
    const { text } = await receive(server, '/export/logins.csv?live=1&since=today')
    expect(
      JSON.parse(text).error.problems.map((problem: { parameter: string }) => problem.parameter),
    ).toEqual(['live', 'since'])
  })

  test('is a cursor of other filters or of another order; the same ones may be written otherwise', async () => {
    await using server = await exporting('pglite', 100)
    const path = '/export/logins.ndjson?state=FAILED&state=CONFIRMED&live=false'
    const rows = rowsIn((await receive(server, path)).text)
    const after = `after=${rows[49].cursor}`
    const same = await receive(server, `/export/logins.csv?live=false&${after}&state=CONFIRMED&state=FAILED`)
    expect(same.headers['content-type']).toContain('header=absent')
    expect(readCsv(same.text).map(([cursor]) => cursor)).toEqual(rows.slice(50).map(row => row.cursor))
    for (const other of [
      'state=FAILED&live=false',
      'state=FAILED&state=CONFIRMED&live=false&orderBy=STARTED_AT_DESC',
    ]) {
      const { status, text } = await receive(server, `/export/logins.ndjson?${other}&${after}`)
      expect(status).toBe(400)
      expect(JSON.parse(text).error.problems[0]).toEqual({
        parameter: 'after',
        message: expect.stringContaining('repeat the parameters that it began with'),
      })
    }
  })
})

describe('who may export', () => {
  test('has a key that is known here, and may read logins', async () => {
    await using server = await exporting('pglite', 10, {
      recognise: authorization =>
        authorization === 'Bearer writer'
          ? { tenant: 'default', name: 'writer', scopes: ['LOGIN_WRITE'], language: 'en' }
          : null,
    })
    const nobody = await receive(server, '/export/logins.csv', { authorization: 'Bearer wrong' })
    expect(nobody.status).toBe(401)
    expect(nobody.headers['www-authenticate']).toBe('Bearer')
    expect(JSON.parse(nobody.text).error).toEqual({
      code: 'UNAUTHENTICATED',
      message: 'This key is not known here: check that it is whole, and of this gateway.',
    })
    // Before anything else: whoever is nobody learns nothing of parameters.
    const keyless = await receive(server, '/export/logins.csv?x=1', { authorization: '' })
    expect(keyless.status).toBe(401)
    expect(JSON.parse(keyless.text).error.message).toBe(
      'A key is needed: send `Authorization: Bearer <key>`.',
    )
    const writer = await receive(server, '/export/logins.csv', { authorization: 'Bearer writer' })
    expect(writer.status).toBe(403)
    expect(JSON.parse(writer.text).error).toEqual({
      code: 'FORBIDDEN',
      message: 'This needs a key with the scope LOGIN_READ.',
    })
  })

  test('asks by GET or HEAD, for a file that there is', async () => {
    await using server = await exporting('pglite', 10)
    const headers = { authorization: `Bearer ${exportKey}` }
    for (const method of ['POST', 'PUT', 'DELETE', 'OPTIONS']) {
      const answer = await fetch(`${server.url}/export/logins.csv`, { method, headers })
      expect(answer.status).toBe(405)
      expect(answer.headers.get('allow')).toBe('GET, HEAD')
    }
    const head = await fetch(`${server.url}/export/logins.csv`, { method: 'HEAD', headers })
    expect(head.status).toBe(200)
    expect(head.headers.get('content-type')).toContain('text/csv')
    expect(await head.text()).toBe('')
    for (const path of ['/export/', '/export/logins', '/export/logins.xlsx', '/export/devices.csv'])
      expect((await receive(server, path)).status).toBe(404)
  })
})

describe('an export that begins behind the last row', () => {
  test('is empty, which is how anybody can tell that nothing is missing', async () => {
    await using server = await exporting('pglite', 20)
    const rows = rowsIn((await receive(server, '/export/logins.ndjson')).text)
    const { status, text, trailers } = await receive(server, `/export/logins.csv?after=${rows.at(-1).cursor}`)
    expect({ status, text, rows: trailers['x-export-rows'] }).toEqual({ status: 200, text: '', rows: '0' })
  })

  test('of nothing at all has the header and no row', async () => {
    await using server = await exporting('pglite', 0)
    expect((await receive(server, '/export/logins.csv')).text).toBe(`${exportColumns.join(',')}\r\n`)
    expect((await receive(server, '/export/logins.ndjson')).text).toBe('')
  })
})
