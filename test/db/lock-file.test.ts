import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { sql } from 'drizzle-orm'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { connectPglite } from '../../src/db/connection/pglite.ts'
import { DataFolderInUseError, DataFolderUnusableError } from '../../src/db/errors.ts'
import { lockFolder } from '../../src/db/lock-file.ts'
import { openStore } from '../../src/db/open-store.ts'
import { testSecret } from '../support/database.ts'
import { tenant } from './given.ts'

const script = fileURLToPath(new URL('./holder.ts', import.meta.url))
let folder = ''
const started = new Set<ChildProcess>()

beforeEach(async () => {
  folder = join(await mkdtemp(join(tmpdir(), 'gatehouse-lock-')), 'data')
})

afterEach(async () => {
  for (const child of started) {
    if (child.exitCode === null && child.signalCode === null) {
      child.kill('SIGKILL')
      await once(child, 'exit')
    }
  }
  started.clear()
  await rm(join(folder, '..'), { recursive: true, force: true })
})

/** A process on the folder, and what it says, line by line. */
const hold = (mode = 'hold') => {
  const child = spawn(process.execPath, [script, folder, mode], { stdio: ['ignore', 'pipe', 'inherit'] })
  started.add(child)
  return { child, lines: createInterface({ input: child.stdout })[Symbol.asyncIterator]() }
}

const nextOf = async (lines: AsyncIterator<string>): Promise<string> => {
  const line = await lines.next()
  return line.done ? '' : line.value
}

describe('one process per data folder', () => {
  test('a second process gets one sentence that says who and what to do', async () => {
    const first = hold()
    expect(await nextOf(first.lines)).toBe('ready')
    const second = hold()
    expect(await nextOf(second.lines)).toBe(
      `DataFolderInUseError: The data folder ${folder} is in use by the process ${first.child.pid}: stop that one, or name another folder in DATA_DIR.`,
    )
    expect((await stat(folder)).mode & 0o777).toBe(0o700)
    first.child.kill('SIGTERM')
    await once(first.child, 'exit')
    expect(await readdir(folder)).toEqual(['database'])
  })

  test('a process killed in mid-write leaves a folder that opens at once, with all that was recorded', async () => {
    const writer = hold('write')
    expect(await nextOf(writer.lines)).toBe('ready')
    const said = new Map<string, number>()
    for (let line = 0; line < 30; line += 1) {
      const [loginId = '', sequence] = (await nextOf(writer.lines)).split(' ')
      said.set(loginId, Number(sequence))
    }
    writer.child.kill('SIGKILL')
    await once(writer.child, 'exit')

    const store = await openStore({ engine: { kind: 'pglite', dataDir: folder }, secret: testSecret })
    for (const [loginId, sequence] of said) {
      const progress = await store.readProgress(tenant, loginId, 0, 100)
      const numbers = progress?.events.map(event => event.sequence) ?? []
      expect(numbers).toEqual(numbers.map((_, index) => index + 1))
      expect(numbers.length).toBeGreaterThanOrEqual(sequence)
      expect(progress?.login.sequence).toBe(numbers.length)
      expect(progress?.login.ended === null).toBe((await store.readTurn(loginId)) !== null)
    }
    const live = (await store.claim()).map(turn => turn.loginId)
    expect(live.length).toBe(await store.countLogins(tenant, { live: true }))
    await store.close()
    // Nothing half: whoever is confirmed has an account, and each account one open sign-in.
    const connection = await connectPglite(join(folder, 'database'))
    expect(
      await connection.rows(sql`
        select (select count(*) from login where state = 'CONFIRMED' and account_id is null)::int as lost,
          ((select count(*) from account) - (select count(*) from sign_in where ended is null))::int as apart`),
    ).toEqual([{ lost: 0, apart: 0 }])
    await connection.close()
  })

  test('of many that find a stale lock, one takes it over', async () => {
    const gone = spawn(process.execPath, ['-e', ''])
    await once(gone, 'exit')
    await mkdir(folder)
    await writeFile(
      join(folder, 'gatehouse.lock'),
      JSON.stringify({ pid: gone.pid, began: null, token: 'x' }),
    )
    const locks = await Promise.allSettled(Array.from({ length: 20 }, () => lockFolder(folder)))
    const won = locks.filter(lock => lock.status === 'fulfilled')
    expect(won).toHaveLength(1)
    for (const lock of locks) {
      if (lock.status === 'rejected') expect(lock.reason).toBeInstanceOf(DataFolderInUseError)
    }
    await won[0]?.value.release()
    expect(await readdir(folder)).toEqual([])
  })

  test.each([
    ['an id that is another process by now', JSON.stringify({ pid: process.pid, began: 'another time' })],
    ['half a line', '{"pid":'],
    ['nothing', ''],
  ])('a lock that holds %s is stale', async (_, text) => {
    await mkdir(folder)
    await writeFile(join(folder, 'gatehouse.lock'), text)
    const lock = await lockFolder(folder)
    await expect(lockFolder(folder)).rejects.toBeInstanceOf(DataFolderInUseError)
    await lock.release()
    await lock.release()
  })

  test('a folder that cannot be made says what to do', async () => {
    await writeFile(join(folder, '..', 'file'), '')
    const below = join(folder, '..', 'file', 'data')
    const opening = openStore({ engine: { kind: 'pglite', dataDir: below }, secret: testSecret })
    await expect(opening).rejects.toBeInstanceOf(DataFolderUnusableError)
    await expect(opening).rejects.toThrow(
      `The data folder ${below} cannot be written to (ENOTDIR): make it writable for this user, or name another one in DATA_DIR.`,
    )
  })

  test('a database that is damaged says where it is and what to do', async () => {
    const engine = { kind: 'pglite', dataDir: folder } as const
    await (await openStore({ engine, secret: testSecret })).close()
    const database = join(folder, 'database')
    await writeFile(join(database, 'global', 'pg_control'), 'damaged')
    const opening = openStore({ engine, secret: testSecret })
    await expect(opening).rejects.toBeInstanceOf(DataFolderUnusableError)
    await expect(opening).rejects.toThrow(
      `The database in ${database} cannot be opened, it may be damaged: put back a copy of that folder, or move it away and start anew.`,
    )
    expect(await readdir(folder)).toEqual(['database'])
  })
})
