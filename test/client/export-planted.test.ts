// The export command in a folder into which others may write: what they planted under its names is never written through.

import { spawnSync } from 'node:child_process'
import {
  link,
  lstat,
  mkdir,
  readdir,
  readFile,
  readlink,
  rm,
  rmdir,
  symlink,
  writeFile,
} from 'node:fs/promises'
import { describe, expect, test } from 'vitest'
import { aFolder, answering, runExport } from './exporting.ts'

const rows = Array.from({ length: 100 }, (_, n) => `{"cursor":"c${n + 1}","text":"row ${n}"}\n`)
const away = { status: 503, error: { code: 'UNAVAILABLE', message: 'Not now.' } }
/** Until it is given up. */
const awayForLong = Array(9).fill(away)

const ways: readonly string[] = ['', '--force', '--resume']
const given = (how: string) => (how === '' ? [] : [how])
/** Where an export keeps files of its own. */
const ours = ['.part', '.part.json', '.part.json.next'] as const

describe('A link that somebody planted', () => {
  describe.each(ours)('as <file>%s', ending => {
    test.each(ways)('is refused with what to do, whether it leads somewhere or not (%j)', async how => {
      await using folder = await aFolder()
      await using gateway = await answering(rows)
      const out = folder.at('logins.ndjson')
      for (const victim of ['there', 'nowhere']) {
        await writeFile(folder.at('there'), 'precious')
        await symlink(victim, `${out}${ending}`)
        const run = runExport(['--out', out, '--url', gateway.url, ...given(how)])
        expect(await run.status).toBe(2)
        expect(run.err()).toBe(
          `${out}${ending} is a symbolic link, and an export writes only to files of its own: remove it.\n`,
        )
        expect(await readFile(folder.at('there'), 'utf8')).toBe('precious')
        expect((await readdir(folder.at('.'))).sort()).toEqual([`logins.ndjson${ending}`, 'there'])
        await rm(`${out}${ending}`)
      }
      expect(gateway.calls).toEqual([])
    })
  })

  test('in the place of a part is not gone on with', async () => {
    await using folder = await aFolder()
    const out = folder.at('logins.ndjson')
    await using gateway = await answering(rows, { breaksAfter: 1_000 }, ...awayForLong)
    const argv = ['--out', out, '--url', gateway.url]
    expect(await runExport(argv).status).toBe(1)
    await rm(`${out}.part`)
    await writeFile(folder.at('victim'), 'x'.repeat(5_000))
    await symlink('victim', `${out}.part`)
    const run = runExport([...argv, '--resume'])
    expect(await run.status).toBe(2)
    expect(run.err()).toContain('is a symbolic link')
    expect(await readFile(folder.at('victim'), 'utf8')).toBe('x'.repeat(5_000))
  })

  test.each(ours)('as <file>%s while it writes is not followed either', async ending => {
    await using folder = await aFolder()
    const out = folder.at('logins.ndjson')
    await using gateway = await answering(rows, { breaksAfter: 1_000 })
    const victim = folder.at('victim')
    await writeFile(victim, 'precious')
    const run = runExport(['--out', out, '--url', gateway.url], {
      meanwhile: async () => {
        await rm(`${out}${ending}`, { force: true })
        await symlink('victim', `${out}${ending}`)
      },
    })
    // The part is gone, and with it what was to become the file.
    expect(await run.status).toBe(ending === '.part' ? 1 : 0)
    expect(await readFile(victim, 'utf8')).toBe('precious')
    if (ending === '.part') expect(run.err()).toContain(`${out}.part is a symbolic link`)
    else expect(await readFile(out, 'utf8')).toBe(rows.join(''))
  })

  test('as the lock is not read', async () => {
    await using folder = await aFolder()
    await using gateway = await answering(rows)
    const out = folder.at('logins.ndjson')
    // Endless.
    await symlink('/dev/zero', `${out}.part.lock`)
    const run = runExport(['--out', out, '--url', gateway.url])
    expect(await run.status).toBe(2)
    expect(run.err()).toContain(`(an unknown process). If there is none any more, remove ${out}.part.lock.`)
  })

  test.each(['there', 'nowhere'])('as the file, leading %s, is replaced with --force only', async victim => {
    await using folder = await aFolder()
    await using gateway = await answering(rows)
    const out = folder.at('logins.ndjson')
    await writeFile(folder.at('there'), 'precious')
    await symlink(victim, out)
    const argv = ['--out', out, '--url', gateway.url]
    const refused = runExport(argv)
    expect(await refused.status).toBe(2)
    expect(refused.err()).toContain('is there already: --force writes over it.')
    expect(await readlink(out)).toBe(victim)
    expect(await runExport([...argv, '--force']).status).toBe(0)
    expect((await lstat(out)).isFile()).toBe(true)
    expect(await readFile(out, 'utf8')).toBe(rows.join(''))
    expect(await readFile(folder.at('there'), 'utf8')).toBe('precious')
    expect((await readdir(folder.at('.'))).sort()).toEqual(['logins.ndjson', 'there'])
  })

  test('as the file since the export began is not replaced at its end', async () => {
    await using folder = await aFolder()
    await using gateway = await answering(rows, { breaksAfter: 1_000 })
    const out = folder.at('logins.ndjson')
    const run = runExport(['--out', out, '--url', gateway.url], { meanwhile: () => symlink('nowhere', out) })
    expect(await run.status).toBe(1)
    expect(run.err()).toContain('move it away')
    expect(await readlink(out)).toBe('nowhere')
  })
})

describe('A second name of somebody else’s file', () => {
  test('is taken away by --force, and the file stays as it is', async () => {
    await using folder = await aFolder()
    await using gateway = await answering(rows)
    const out = folder.at('logins.ndjson')
    await writeFile(folder.at('victim'), 'precious')
    for (const ending of ours) await link(folder.at('victim'), `${out}${ending}`)
    expect(await runExport(['--out', out, '--url', gateway.url, '--force']).status).toBe(0)
    expect(await readFile(folder.at('victim'), 'utf8')).toBe('precious')
    expect(await readFile(out, 'utf8')).toBe(rows.join(''))
    expect((await readdir(folder.at('.'))).sort()).toEqual(['logins.ndjson', 'victim'])
  })
})

test.each(ours)('A folder or a pipe as <file>%s is refused with what to do', async ending => {
  await using folder = await aFolder()
  await using gateway = await answering(rows)
  const out = folder.at('logins.ndjson')
  const path = `${out}${ending}`
  const refused = async (sentence: string) => {
    for (const how of ways) {
      const run = runExport(['--out', out, '--url', gateway.url, ...given(how)])
      expect(await run.status).toBe(2)
      expect(run.err()).toContain(sentence)
    }
  }
  await mkdir(path)
  await refused(`${path} is a folder, and`)
  await rmdir(path)
  spawnSync('mkfifo', [path])
  await refused(`${path} is no file, and`)
  expect(gateway.calls).toEqual([])
})
