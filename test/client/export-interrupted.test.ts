// The export command where its surroundings are not what it takes them for: somebody else answers, the disk is full, another
// one writes to the same file, and what it finds beside the file is not what it left there.

import { spawnSync } from 'node:child_process'
import { mkdir, open, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { hostname } from 'node:os'
import { describe, expect, test, vi } from 'vitest'
import { serving } from './commanding.ts'
import { aFolder, answering, runExport } from './exporting.ts'

const ndjson = (count: number) =>
  Array.from({ length: count }, (_, n) => `{"cursor":"c${n + 1}","text":"row ${n} 设备"}\n`)

const away = { status: 503, error: { code: 'UNAVAILABLE', message: 'Not now.' } }
/** Until it is given up. */
const awayForLong = Array(9).fill(away)

const notes = { format: 1, where: {}, orderBy: 'STARTED_AT_ASC' }

/** Answers 200 to everything, as a page to sign in does. */
const somebodyElse = (type: string | null, text: string) =>
  serving<string>(count => (request, response) => {
    if (request.url?.startsWith('/export/')) count(request.url)
    response.writeHead(200, type === null ? {} : { 'content-type': type }).end(text)
  })

/** No room for what is written to an open file, once so many pieces were. */
const fullDisk = async (probe: string, pieces: number) => {
  const file = await open(probe, 'w')
  const handle = Object.getPrototypeOf(file) as { write: (...args: unknown[]) => Promise<unknown> }
  await file.close()
  await rm(probe)
  const { write } = handle
  let left = pieces
  const spy = vi.spyOn(handle, 'write').mockImplementation(function (this: unknown, ...args: unknown[]) {
    if (left-- > 0) return write.apply(this, args)
    return Promise.reject(Object.assign(new Error('ENOSPC: no space left'), { code: 'ENOSPC' }))
  })
  return { [Symbol.dispose]: () => spy.mockRestore() }
}

describe('Whoever answers', () => {
  test.each([
    [
      'a page to sign in',
      'text/html',
      '<html>\n<body>\nSign in, please\n</html>\n',
      'sends no export, but text/html',
    ],
    ['nothing at all', null, '', 'sends no export'],
    ['lines that are none of ours', 'application/x-ndjson', '<html>\n</html>\n', 'no rows of an export'],
    ['objects that are none of ours', 'application/x-ndjson', '{"a":1}\nnull\n', 'no rows of an export'],
  ])('with %s is no gateway: asked once, and nothing is left behind', async (_, type, text, sentence) => {
    await using folder = await aFolder()
    await using other = await somebodyElse(type, text)
    const run = runExport(['--out', folder.at('logins.ndjson'), '--url', other.url])
    expect(await run.status).toBe(2)
    expect(run.err()).toContain(sentence)
    expect(other.calls).toHaveLength(1)
    expect(await readdir(folder.at('.'))).toEqual([])
  })

  test('with a file of CSV whose header is another one is no gateway', async () => {
    await using folder = await aFolder()
    await using other = await somebodyElse('text/csv', 'a,b\r\n1,2\r\n')
    const run = runExport(['--out', folder.at('logins.csv'), '--url', other.url])
    expect(await run.status).toBe(2)
    expect(run.err()).toContain('no rows of an export')
  })

  test('with a file of CSV that has no header has not sent all of it', async () => {
    await using folder = await aFolder()
    await using other = await somebodyElse('text/csv', '')
    const run = runExport(['--out', folder.at('logins.csv'), '--url', other.url])
    expect(await run.status).toBe(2)
    expect(other.calls).toHaveLength(9)
    expect(await readdir(folder.at('.'))).toEqual([])
  })
})

describe('A disk that is full', () => {
  test('in the middle is a stop that says how to go on, and what was written is kept', async () => {
    await using folder = await aFolder()
    const rows = ndjson(60_000)
    await using gateway = await answering(rows)
    const out = folder.at('logins.ndjson')
    const argv = ['--out', out, '--url', gateway.url]
    {
      using _ = await fullDisk(folder.at('probe'), 1)
      const run = runExport(argv)
      expect(await run.status).toBe(1)
      expect(run.err()).toMatch(
        /^Stopped after \d\d,\d{3} rows .* cannot be written \(ENOSPC: the disk is full/,
      )
      expect(run.err()).toContain('--resume')
    }
    const resumed = runExport([...argv, '--resume'])
    expect(await resumed.status).toBe(0)
    expect((await readFile(out, 'utf8')) === rows.join('')).toBe(true)
    expect(gateway.calls.at(-1)?.get('after')).toMatch(/^c\d{5}$/)
    expect(await readdir(folder.at('.'))).toEqual(['logins.ndjson'])
  })
})

describe('A file that is there', () => {
  test('since the export was cut is not written over by going on', async () => {
    await using folder = await aFolder()
    const out = folder.at('logins.ndjson')
    await using gateway = await answering(ndjson(100), { breaksAfter: 1_000 }, ...awayForLong)
    const argv = ['--out', out, '--url', gateway.url]
    expect(await runExport(argv).status).toBe(1)
    await writeFile(out, 'of somebody else')
    const refused = runExport([...argv, '--resume'])
    expect(await refused.status).toBe(2)
    expect(refused.err()).toContain('move it away')
    expect(await readFile(out, 'utf8')).toBe('of somebody else')
    await rm(out)
    expect(await runExport([...argv, '--resume']).status).toBe(0)
    expect(await readFile(out, 'utf8')).toBe(ndjson(100).join(''))
  })

  test('since the export began is not written over at its end', async () => {
    await using folder = await aFolder()
    const out = folder.at('logins.ndjson')
    await using gateway = await answering(ndjson(100), away)
    const argv = ['--out', out, '--url', gateway.url]
    const run = runExport(argv, { meanwhile: () => writeFile(out, 'of somebody else') })
    expect(await run.status).toBe(1)
    expect(run.err()).toContain('move it away')
    expect(await readFile(out, 'utf8')).toBe('of somebody else')
    await rm(out)
    expect(await runExport([...argv, '--resume']).status).toBe(0)
    expect(await readFile(out, 'utf8')).toBe(ndjson(100).join(''))
  })

  test('before an export with --force is written over, also when that was cut and gone on with', async () => {
    await using folder = await aFolder()
    const out = folder.at('logins.ndjson')
    await writeFile(out, 'the old one')
    await using gateway = await answering(ndjson(100), { breaksAfter: 1_000 }, ...awayForLong)
    const argv = ['--out', out, '--url', gateway.url]
    expect(await runExport([...argv, '--force']).status).toBe(1)
    expect(await readFile(out, 'utf8')).toBe('the old one')
    expect(await runExport([...argv, '--resume']).status).toBe(0)
    expect(await readFile(out, 'utf8')).toBe(ndjson(100).join(''))
  })

  test('and is a folder is refused before the first row, also with --force', async () => {
    await using folder = await aFolder()
    await using gateway = await answering(ndjson(10))
    const out = folder.at('logins.ndjson')
    await mkdir(out)
    const run = runExport(['--out', out, '--url', gateway.url, '--force'])
    expect(await run.status).toBe(2)
    expect(run.err()).toContain('is a folder: name a file.')
    expect(gateway.calls).toEqual([])
    expect(await readdir(folder.at('.'))).toEqual(['logins.ndjson'])
  })
})

describe('Notes beside a file', () => {
  test.each([
    ['null', null],
    ['a list', []],
    ['no filters', { ...notes, where: null, rows: 0, bytes: 0, cursor: null }],
    ['a list of filters', { ...notes, where: ['FAILED'], rows: 0, bytes: 0, cursor: null }],
    ['filters within filters', { ...notes, where: { state: { in: [] } }, rows: 0, bytes: 0, cursor: null }],
    ['less than nothing', { ...notes, rows: 0, bytes: -1, cursor: 'c1' }],
  ])('that hold %s are refused in a sentence', async (_, told) => {
    await using folder = await aFolder()
    await using gateway = await answering(ndjson(10))
    const out = folder.at('logins.ndjson')
    await writeFile(`${out}.part`, '')
    await writeFile(`${out}.part.json`, JSON.stringify(told))
    const argv = ['--out', out, '--url', gateway.url]
    const run = runExport([...argv, '--resume'])
    expect(await run.status).toBe(2)
    expect(run.err()).toContain('does not say how far it is: begin anew with --force.')
    expect(gateway.calls).toEqual([])
    expect(await runExport([...argv, '--force']).status).toBe(0)
  })

  test('that were left by an export killed after its file had its name are taken away: it is whole', async () => {
    await using folder = await aFolder()
    await using gateway = await answering(ndjson(10))
    const out = folder.at('logins.ndjson')
    const text = ndjson(10).join('')
    const argv = ['--out', out, '--url', gateway.url, '--resume']
    await writeFile(out, text)
    const told = { ...notes, rows: 10, cursor: 'c10' }
    await writeFile(`${out}.part.json`, JSON.stringify({ ...told, bytes: Buffer.byteLength(text) - 1 }))
    const other = runExport(argv)
    expect(await other.status).toBe(2)
    expect(other.err()).toContain('logins.ndjson.part is missing')
    await writeFile(`${out}.part.json`, JSON.stringify({ ...told, bytes: Buffer.byteLength(text) }))
    const run = runExport(argv)
    expect(await run.status).toBe(0)
    expect(run.out()).toContain('is whole already')
    expect(await readdir(folder.at('.'))).toEqual(['logins.ndjson'])
    expect(gateway.calls).toEqual([])
  })
})

describe('Two exports into one file', () => {
  test('are one too many: the second is refused while the first one writes', async () => {
    await using folder = await aFolder()
    const out = folder.at('logins.ndjson')
    await using gateway = await answering(ndjson(50), 'HANGS')
    const argv = ['--out', out, '--url', gateway.url]
    const first = runExport(argv)
    await gateway.called(1)
    for (const how of [[], ['--resume'], ['--force']]) {
      const second = runExport([...argv, ...how])
      expect(await second.status).toBe(2)
      expect(second.err()).toContain('Another export writes to it (this process).')
    }
    expect(gateway.calls).toHaveLength(1)
    first.interrupt()
    expect(await first.status).toBe(130)
  })

  test('are one where the first was killed, and two where it runs on another machine', async () => {
    await using folder = await aFolder()
    const out = folder.at('logins.ndjson')
    await using gateway = await answering(ndjson(50))
    const argv = ['--out', out, '--url', gateway.url]
    const { pid } = spawnSync(process.execPath, ['--version'])
    await writeFile(`${out}.part.lock`, `${pid} elsewhere.example\n`)
    const far = runExport(argv)
    expect(await far.status).toBe(2)
    expect(far.err()).toContain(`(process ${pid} on elsewhere.example)`)
    await writeFile(`${out}.part.lock`, `${pid} ${hostname()}\n`)
    expect(await runExport(argv).status).toBe(0)
    expect(await readdir(folder.at('.'))).toEqual(['logins.ndjson'])
  })
})
