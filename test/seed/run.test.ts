// `npm run seed` from its arguments to its exit status.

import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sql } from 'drizzle-orm'
import { afterAll, describe, expect, it } from 'vitest'
import { readArgs } from '../../seed/args.ts'
import { nextSteps } from '../../seed/next.ts'
import { progressOn } from '../../seed/progress.ts'
import { type Around, run } from '../../seed/run.ts'
import { connect } from '../../src/db/open-store.ts'

const now = Date.parse('2026-11-21T12:00:00Z')
const folders: string[] = []

afterAll(() => Promise.all(folders.map(folder => rm(folder, { recursive: true, force: true }))))

const aFolder = async (): Promise<string> => {
  const folder = await mkdtemp(join(tmpdir(), 'gatehouse-seed-'))
  folders.push(folder)
  return folder
}

const seeding = async (argv: string, env: Around['env'], more: Partial<Around> = {}) => {
  const said = { out: '', err: '' }
  const status = await run({
    argv: argv.split(' ').filter(word => word !== ''),
    env,
    stdout: { write: text => (said.out += text) },
    stderr: { write: text => (said.err += text) },
    onInterrupt: () => () => {},
    ...more,
  })
  return { status, ...said }
}

describe('what was typed', () => {
  it('may be nothing', () => {
    expect(readArgs([], now)).toEqual({
      logins: 20_000,
      days: 90,
      seed: '1',
      tenant: 'default',
      providers: [
        { dialect: 'open', name: 'wechat-open' },
        { dialect: 'ipad', name: 'wechat-ipad' },
      ],
      until: null,
      intoExisting: false,
    })
  })

  it('may be everything', () => {
    const typed =
      '--logins 5_000_000 --days 365 --seed S --until 2026-11-01T08:00:00+08:00 --providers ipad:b --tenant t --into-existing'
    expect(readArgs(typed.split(' '), now)).toEqual({
      logins: 5_000_000,
      days: 365,
      seed: 'S',
      tenant: 't',
      providers: [{ dialect: 'ipad', name: 'b' }],
      until: Date.parse('2026-11-01T00:00:00Z'),
      intoExisting: true,
    })
  })

  it.each([
    ['--logins 0', '--logins is a whole number from 1 to 100,000,000'],
    ['--logins 1e3', '--logins is a whole number'],
    [
      '--logins -5',
      /^--logins needs a value that does not begin with a dash\. \(--help lists the options\.\)$/,
    ],
    ['--logins --days 5', /^--logins needs a value that does not begin with a dash\. /],
    ['--days', /^Option '--days <value>' argument missing\. \(--help/],
    ['--days 0.5', '--days is a whole number from 1 to 3,650'],
    ['--days 9999', '--days is a whole number'],
    ['--days 3650 --until 2015-01-01', 'fewer --days'],
    ['--until tomorrow', '--until is a moment such as'],
    ['--until 2026-13-01', '--until is a moment such as'],
    ['--until 2026-02-30', '--until: there is no 2026-02-30 in the calendar.'],
    ['--until 2026-02-30T00:00:00Z', 'there is no 2026-02-30'],
    ['--until 2025-02-29T23:30+08:00', 'there is no 2025-02-29'],
    ['--until 2026-11-22', '--until lies ahead'],
    ['--providers wechat', '--providers is a list such as'],
    ['--providers open:a,ipad:a', 'two alike'],
    ['--providers open:a:b', '--providers is a list such as'],
    ['--tenant a/b', '--tenant has'],
    ['--login 5', /^Unknown option '--login'\. \(--help lists the options\.\)$/],
    ['5', 'Mind the -- before the options: npm run seed -- --logins 20000'],
  ])('%s is refused with what to do', (typed, sentence) => {
    expect(() => readArgs(typed.split(' '), now)).toThrow(sentence)
  })
})

describe('the command', () => {
  it('explains itself', async () => {
    expect(await seeding('--help', {})).toMatchObject({
      status: 0,
      out: expect.stringContaining('--into-existing'),
    })
  })

  it('refuses nonsense before it touches anything', async () => {
    const folder = join(await aFolder(), 'data')
    expect(await seeding('--logins none', { DATA_DIR: folder })).toMatchObject({ status: 2, out: '' })
    await expect(rm(folder)).rejects.toMatchObject({ code: 'ENOENT' })
  })

  it('refuses a link that leads to no database', async () => {
    expect(await seeding('', { DATABASE_URL: 'http://localhost/x' })).toMatchObject({
      status: 2,
      err: expect.stringContaining('DATABASE_URL must be'),
    })
  })

  it('fills the embedded database of a new folder, then refuses one that has logins, then writes beside them', async () => {
    const DATA_DIR = join(await aFolder(), 'data')
    const typed = '--logins 300 --days 9 --seed a --until 2026-11-01'
    const first = await seeding(typed, { DATA_DIR })
    expect(first).toMatchObject({
      status: 0,
      out: expect.stringMatching(/^Wrote 300 logins with .*\nNext: DATA_DIR=\S+ npm start, .*GraphiQL/su),
    })
    expect(await seeding(typed, { DATA_DIR })).toMatchObject({
      status: 2,
      err: expect.stringContaining('--into-existing'),
    })
    expect(await seeding(`${typed} --into-existing`, { DATA_DIR })).toMatchObject({
      status: 1,
      err: expect.stringContaining('another --seed'),
    })
    const beside = await seeding('--logins 100 --days 9 --seed b --into-existing', { DATA_DIR })
    expect(beside.status).toBe(0)
    expect(first.err + beside.err).toMatch(/Committing…/)
    expect(first.err + beside.err).not.toContain('indexes')
    const { connection, lock } = await connect({ kind: 'pglite', dataDir: DATA_DIR })
    expect(await connection.rows(sql`select count(*)::int as count from login`)).toEqual([{ count: 400 }])
    await connection.close()
    await lock?.release()
  })

  it('refuses a folder that a gateway has', async () => {
    const DATA_DIR = await aFolder()
    const { connection, lock } = await connect({ kind: 'pglite', dataDir: DATA_DIR })
    expect(await seeding('--logins 5', { DATA_DIR })).toMatchObject({
      status: 2,
      err: expect.stringContaining('is in use by the process'),
    })
    await connection.close()
    await lock?.release()
  })

  it('interrupted, leaves nothing and lets the folder go', async () => {
    const DATA_DIR = join(await aFolder(), 'data')
    let interrupt = () => {}
    const stopped = await seeding(
      '--logins 9000 --days 9',
      { DATA_DIR },
      {
        onInterrupt: callback => {
          interrupt = callback
          return () => {}
        },
        stderr: { write: () => interrupt() },
      },
    )
    expect(stopped.status).toBe(130)
    expect((await seeding('--logins 20 --days 2', { DATA_DIR })).status).toBe(0)
  })
})

describe('what to do next', () => {
  it('goes to the folder that was filled, as a shell reads its name', () => {
    expect(nextSteps({ kind: 'pglite', dataDir: '.data' })).toMatch(
      /^Next: npm start, and ask it in GraphiQL \(its key: npm run keys -- show\)/,
    )
    expect(nextSteps({ kind: 'pglite', dataDir: "Ann's history" })).toContain(
      String.raw`DATA_DIR='Ann'\''s history' npm start, and ask it in GraphiQL (its key: DATA_DIR='Ann'\''s history' npm run`,
    )
  })

  it('is another with a Postgres, where npm start wants more and may have no GraphiQL; nothing of its address is said', () => {
    const said = nextSteps({ kind: 'postgres', url: 'postgres://ann:word@db.example/history' })
    expect(said).toMatch(
      /^Next: .*docs\/sql-for-analysts\.md.*\bDATABASE_URL\b.*GATEHOUSE_PROFILE=development/s,
    )
    expect(said).not.toMatch(/word|db\.example/)
  })
})

describe('progress', () => {
  const shown = (isTTY: boolean) => {
    let text = ''
    let clock = 0
    const screen = { isTTY, columns: 70, write: (more: string) => (text += more) }
    const progress = progressOn(screen, 1_000, () => clock)
    for (let step = 1; step <= 10; step += 1) {
      clock += 1_000
      progress.copied(step * 100, step * 800)
    }
    progress.phase('ANALYZING')
    progress.close()
    return text
  }

  it('is a line now and then where nobody looks', () => {
    expect(shown(false).split('\n')).toEqual([
      '100 of 1,000 logins · 800 rows · 800 rows/s · 9 s left',
      '600 of 1,000 logins · 4,800 rows · 800 rows/s · 4 s left',
      'Vacuuming and analyzing…',
      '',
    ])
  })

  it('is a bar on a terminal, no wider than that, and taken away', () => {
    const parts = shown(true).split('\r\u001b[K')
    expect(parts[5]).toMatch(/^█+░+ 50 % 500 of 1,000/u)
    for (const part of parts) expect([...part].length).toBeLessThan(70)
    expect(parts.at(-1)).toBe('')
  })
})
