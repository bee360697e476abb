// The export command: into a file that is whole or says that it is not, through what breaks on the way.

import { readdir, readFile, truncate, writeFile } from 'node:fs/promises'
import { gunzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { commandToGoOn, readArgs } from '../../client/export/args.ts'
import { exporting } from '../../client/export/request.ts'
import { RowCutter } from '../../client/export/rows.ts'
import { KEY } from './commanding.ts'
import { aFolder, answering, runExport } from './exporting.ts'

/** A row's cursor is `c` and how many rows are behind it. */
const csv = (count: number) => [
  'cursor,text\r\n',
  ...Array.from({ length: count }, (_, n) => `c${n + 2},"row ${n}\n""设备"""\r\n`),
]
const ndjson = (count: number) =>
  Array.from({ length: count }, (_, n) => `{"cursor":"c${n + 1}","text":"row ${n} 设备"}\n`)

describe('An export', () => {
  test('writes every row, says how many and how fast, and what to do next', async () => {
    await using folder = await aFolder()
    await using gateway = await answering(ndjson(1_000))
    const out = folder.at('logins.ndjson')
    const where = '{"state":["FAILED","EXPIRED"],"live":false,"reference":null}'
    const run = runExport(['--out', out, '--where', where, '--url', gateway.url])
    expect(await run.status).toBe(0)
    expect(await readFile(out, 'utf8')).toBe(ndjson(1_000).join(''))
    expect(run.out()).toMatch(/^1,000 rows in \d+\.\d s: .*logins\.ndjson is whole\. Next: docs\/export\.md/)
    expect(run.err()).toBe('')
    expect(String(gateway.calls[0])).toBe('state=FAILED&state=EXPIRED&live=false&orderBy=STARTED_AT_ASC')
    expect(await readdir(folder.at('.'))).toEqual(['logins.ndjson'])
    expect(run.listening()).toBe(0)
  })

  test.each(['csv', 'ndjson', 'csv.gz', 'ndjson.gz'])(
    'cut anywhere goes on behind its last whole row, in %s',
    async ending => {
      await using folder = await aFolder()
      const rows = ending.startsWith('csv') ? csv(300) : ndjson(300)
      // Within the header, within a character, on the edge of a row, and within the next one.
      const first = Buffer.byteLength(rows[0] ?? '')
      const breaks = [3, 0, 1_234, 2_345, first, first + 1, 17].map(breaksAfter => ({ breaksAfter }))
      await using gateway = await answering(rows, ...breaks)
      const out = folder.at(`logins.${ending}`)
      const run = runExport(['--out', out, '--url', gateway.url])
      expect(await run.status).toBe(0)
      const bytes = await readFile(out)
      expect((ending.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString()).toBe(rows.join(''))
      expect(gateway.calls).toHaveLength(breaks.length + 1)
      expect(run.err()).toContain('The connection broke off. Trying again in 1 s.')
    },
  )

  test('that is given up goes on with --resume, and needs not be told again what it was', async () => {
    await using folder = await aFolder()
    const out = folder.at('logins.csv.gz')
    const away = { status: 503, error: { code: 'UNAVAILABLE', message: 'Not now.' } }
    await using gateway = await answering(csv(200), { breaksAfter: 2_000 }, ...Array(9).fill(away))
    const argv = ['--out', out, '--url', gateway.url]
    const where = '{"province":["广东"]}'
    const run = runExport([...argv, '--where', where, '--order-by', 'STARTED_AT_DESC'])
    expect(await run.status).toBe(1)
    expect(run.pauses.reduce((sum, seconds) => sum + seconds, 0)).toBe(120)
    expect(run.err().trim().split('\n').slice(-2)).toEqual([
      expect.stringMatching(/^Stopped after \d\d rows in \d+\.\d s: Not now\.$/),
      `To go on: npm run export -- --out ${out} --url ${gateway.url} --resume`,
    ])
    expect((await readdir(folder.at('.'))).sort()).toEqual(['logins.csv.gz.part', 'logins.csv.gz.part.json'])
    expect(await readFile(`${out}.part.json`, 'utf8')).not.toContain(KEY)

    const again = runExport(argv)
    expect(await again.status).toBe(2)
    expect(again.err()).toContain('--resume goes on with it, --force begins anew')
    const other = runExport([...argv, '--resume', '--where', '{"province":["北京"]}'])
    expect(await other.status).toBe(2)
    expect(other.err()).toContain(`was begun with --where '{"province":["广东"]}' --order-by STARTED_AT_DESC`)

    const resumed = runExport([...argv, '--resume'])
    expect(await resumed.status).toBe(0)
    expect(gunzipSync(await readFile(out)).toString()).toBe(csv(200).join(''))
    expect(resumed.out()).toContain('200 rows in')
    const asked = gateway.calls.at(-1)
    expect(asked?.getAll('province')).toEqual(['广东'])
    expect(asked?.get('orderBy')).toBe('STARTED_AT_DESC')
    expect(asked?.get('after')).toMatch(/^c\d+$/)
    const whole = runExport([...argv, '--resume'])
    expect(await whole.status).toBe(0)
    expect(whole.out()).toContain('is there, and no part of it to go on with')
    const another = runExport([...argv, '--resume', '--where', '{"province":["北京"]}'])
    expect(await another.status).toBe(2)
    expect(another.err()).toContain('nothing tells which logins it holds')
  })

  test('that was killed goes on from what was said to be written, whatever came after', async () => {
    await using folder = await aFolder()
    const out = folder.at('logins.ndjson')
    await using gateway = await answering(ndjson(100))
    const written = ndjson(100).slice(0, 40).join('')
    const standing = { format: 1, where: {}, orderBy: 'STARTED_AT_ASC', rows: 40, cursor: 'c40' }
    await writeFile(`${out}.part.json`, JSON.stringify({ ...standing, bytes: Buffer.byteLength(written) }))
    await writeFile(`${out}.part`, `${written}{"cursor":"c41","te`)
    const run = runExport(['--out', out, '--resume', '--url', gateway.url])
    expect(await run.status).toBe(0)
    expect(await readFile(out, 'utf8')).toBe(ndjson(100).join(''))
  })

  test('whose header alone was written is gone on with again and again', async () => {
    await using folder = await aFolder()
    const out = folder.at('logins.csv')
    await using gateway = await answering(csv(5), { status: 404 })
    const standing = { format: 1, where: {}, orderBy: 'STARTED_AT_ASC', rows: 0, cursor: null, bytes: 300 }
    await writeFile(`${out}.part.json`, JSON.stringify(standing))
    await writeFile(`${out}.part`, 'x'.repeat(300))
    const argv = ['--out', out, '--resume', '--url', gateway.url]
    expect(await runExport(argv).status).toBe(2)
    expect(await runExport(argv).status).toBe(0)
    expect(await readFile(out, 'utf8')).toBe(csv(5).join(''))
  })

  test('does not go on with a part that is shorter than it was, or of which nothing tells', async () => {
    await using folder = await aFolder()
    const out = folder.at('logins.ndjson')
    await using gateway = await answering(ndjson(100))
    const argv = ['--out', out, '--resume', '--url', gateway.url]
    const nothing = runExport(argv)
    expect(await nothing.status).toBe(2)
    expect(nothing.err()).toContain('There is nothing to go on with')
    const standing = { format: 1, where: {}, orderBy: 'STARTED_AT_ASC', rows: 4, bytes: 100, cursor: 'c4' }
    await writeFile(`${out}.part.json`, JSON.stringify(standing))
    await writeFile(`${out}.part`, '')
    await truncate(`${out}.part`, 99)
    const short = runExport(argv)
    expect(await short.status).toBe(2)
    expect(short.err()).toContain('shorter than it was')
    expect(gateway.calls).toEqual([])
  })

  test('writes over nothing unless it is told to, and only when it has all', async () => {
    await using folder = await aFolder()
    const out = folder.at('logins.ndjson')
    await writeFile(out, 'precious')
    await using gateway = await answering(ndjson(10), {
      status: 400,
      error: {
        code: 'BAD_USER_INPUT',
        message: 'All of it.',
        problems: [{ parameter: 'stat', message: 'There is no such parameter.' }],
      },
    })
    const refused = runExport(['--out', out, '--url', gateway.url])
    expect(await refused.status).toBe(2)
    expect(refused.err()).toContain('is there already: --force writes over it.')
    const wrong = runExport(['--out', out, '--force', '--where', '{"stat":"x"}', '--url', gateway.url])
    expect(await wrong.status).toBe(2)
    expect(wrong.err()).toBe('stat: There is no such parameter.\n')
    expect(await readFile(out, 'utf8')).toBe('precious')
    expect(await readdir(folder.at('.'))).toEqual(['logins.ndjson'])
    const forced = runExport(['--out', out, '--force', '--url', gateway.url])
    expect(await forced.status).toBe(0)
    expect(await readFile(out, 'utf8')).toBe(ndjson(10).join(''))
  })

  test('of nothing at all is a whole file all the same', async () => {
    await using folder = await aFolder()
    for (const [ending, text] of [
      ['ndjson', ''],
      ['ndjson.gz', ''],
      ['csv', csv(0).join('')],
      ['csv.gz', csv(0).join('')],
    ] as const) {
      await using gateway = await answering(ending.startsWith('csv') ? csv(0) : [])
      const out = folder.at(`none.${ending}`)
      const run = runExport(['--out', out, '--url', gateway.url])
      expect(await run.status, run.err()).toBe(0)
      const bytes = await readFile(out)
      expect((ending.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString()).toBe(text)
    }
  })

  test('waits as long as it is told to where too many are at it', async () => {
    await using folder = await aFolder()
    const busy = { status: 503, retryAfter: 10, error: { code: 'UNAVAILABLE', message: 'Too many.' } }
    await using gateway = await answering(ndjson(5), busy, { ...busy, status: 429 })
    const run = runExport(['--out', folder.at('a.ndjson'), '--url', gateway.url])
    expect(await run.status).toBe(0)
    expect(run.pauses).toEqual([10, 10])
  })

  test('asks again behind the last row where nothing tells that it was the last', async () => {
    await using folder = await aFolder()
    const rows = ndjson(50)
    const size = Buffer.byteLength(rows.slice(0, 20).join(''))
    // What a proxy cut on the edge of a row looks whole.
    await using gateway = await answering(rows, { endsAfter: size - 40 }, { endsAfter: 99_999 })
    const out = folder.at('a.ndjson')
    expect(await runExport(['--out', out, '--url', gateway.url]).status).toBe(0)
    expect(await readFile(out, 'utf8')).toBe(rows.join(''))
    expect(gateway.calls.at(-1)?.get('after')).toBe('c50')
  })

  test('is left by Ctrl-C in the middle, and goes on from there', async () => {
    await using folder = await aFolder()
    await using gateway = await answering(ndjson(50), 'HANGS')
    const out = folder.at('a.ndjson')
    const argv = ['--out', out, '--url', gateway.url]
    const run = runExport(argv, { tty: { columns: 80, rows: 20 } })
    await expect.poll(() => run.out()).toMatch(/2 rows|4 % of 50/)
    run.interrupt()
    expect(await run.status).toBe(130)
    expect(run.err()).toContain('Stopped after 2 rows')
    expect(run.out()).toContain('\u001b[?25h')
    expect(run.listening()).toBe(0)
    expect(await runExport([...argv, '--resume']).status).toBe(0)
    expect(await readFile(out, 'utf8')).toBe(ndjson(50).join(''))
  })

  test('on a terminal draws how far it is and how fast', async () => {
    await using folder = await aFolder()
    await using gateway = await answering(ndjson(1_000))
    let clock = 0
    const run = runExport(['--out', folder.at('a.ndjson'), '--url', gateway.url], {
      tty: { columns: 100, rows: 20 },
      now: () => (clock += 1_000),
    })
    expect(await run.status).toBe(0)
    expect(run.out()).toContain('rows/s')
    expect(run.out().lastIndexOf('\u001b[?25h')).toBeGreaterThan(run.out().lastIndexOf('\u001b[?25l'))
  })

  test('says in one sentence why it could not begin', async () => {
    await using folder = await aFolder()
    await using gateway = await answering(ndjson(1), { status: 404 })
    const argv = ['--out', folder.at('a.ndjson'), '--url', gateway.url]
    const noExports = runExport(argv)
    expect(await noExports.status).toBe(2)
    expect(noExports.err()).toContain('has no exports (HTTP 404)')
    const stranger = runExport(argv, { key: 'another' })
    expect(await stranger.status).toBe(2)
    expect(stranger.err()).toContain('does not accept the key from GATEHOUSE_ADMIN_KEY')
    const nowhere = runExport(['--out', folder.at('missing/a.ndjson'), '--url', gateway.url])
    expect(await nowhere.status).toBe(2)
    expect(nowhere.err()).toBe(
      `a.ndjson cannot be written: the folder ${folder.at('missing')} does not exist.\n`,
    )
    const { url } = await (async () => {
      await using gone = await answering([])
      return { url: gone.url }
    })()
    const alone = runExport(['--out', folder.at('b.ndjson'), '--url', url])
    expect(await alone.status).toBe(2)
    expect(alone.err()).toContain('run "npm start" first')
    expect(alone.pauses).toEqual([])
    expect(await readdir(folder.at('.'))).toEqual([])
  })
})

test('A search that says nothing for too long is told apart from a gateway that is not there', async () => {
  await using gateway = await answering(ndjson(1), 'SEARCHES')
  const ask = exporting({
    url: new URL(gateway.url),
    credential: { key: KEY, source: 'a test' },
    language: 'en',
    format: 'ndjson',
    where: {},
    orderBy: 'STARTED_AT_ASC',
    patience: 50,
  })
  await expect(ask(null, new AbortController().signal)).rejects.toThrow(/^Nothing came .* narrow --where/)
})

describe('Whole rows', () => {
  test.each(['csv', 'ndjson'] as const)('come out the same wherever %s is cut', format => {
    const rows = format === 'csv' ? csv(5) : ndjson(5)
    const bytes = Buffer.from(rows.join(''))
    for (let size = 1; size < bytes.length; size++) {
      const cutter = new RowCutter(format, format === 'csv')
      let [text, count, cursor] = ['', 0, '']
      for (let at = 0; at < bytes.length; at += size) {
        const whole = cutter.take(bytes.subarray(at, at + size))
        if (whole === null) continue
        text += Buffer.from(whole.bytes).toString()
        count += whole.count
        cursor = whole.cursor
      }
      expect({ text, count, cursor, left: cutter.leftOver }).toEqual({
        text: rows.slice(format === 'csv' ? 1 : 0).join(''),
        ...{ count: 5, cursor: format === 'csv' ? 'c6' : 'c5', left: false },
      })
      if (format === 'csv') expect(Buffer.from(cutter.header ?? []).toString()).toBe(rows[0])
    }
  })
})

describe('The command line of an export', () => {
  test.each([
    [[], 'Into which file?'],
    [['--out', 'logins.xlsx'], '--out ends with .csv, .ndjson, .csv.gz or .ndjson.gz'],
    [['--out', 'a.csv', '--where', '{state:1}'], '--where is JSON, for instance'],
    [['--out', 'a.csv', '--where', '["FAILED"]'], '--where is a JSON object'],
    [['--out', 'a.csv', '--where', '{"state":{"in":[]}}'], 'state is a value or a list of values'],
    [['--out', 'a.csv', '--where', '{"state":[]}'], 'state is an empty list, which no login fits'],
    [['--out', 'a.csv', '--where', '{"after":"abc"}'], 'after is no filter of logins'],
    [['--out', 'a.csv', '--resume', '--force'], 'give one of them'],
    [['--out', 'a.csv', '--all'], "Unknown option '--all'."],
    [['a.csv'], 'Mind the -- before the options: npm run export --'],
  ])('%j is refused in one sentence', (argv, sentence) => {
    expect(() => readArgs(argv, {})).toThrow(sentence)
  })

  test('can be written down again, fit for a shell', () => {
    const options = readArgs(['--out', "Lin's.csv", '--where', '{}', '--key-file', '/a b'], {})
    if (options === null) throw new Error('Help was not asked for')
    expect(commandToGoOn(options)).toBe(
      String.raw`npm run export -- --out 'Lin'\''s.csv' --key-file '/a b' --resume`,
    )
  })
})
