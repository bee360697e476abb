// What docs/export.md gives for a file that was cut, as it stands there: whatever the cut left, the file is afterwards the one
// of a whole run.

import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { exporting, exportKey, receive } from '../server/exporting.ts'

const page = await readFile(new URL('../../docs/export.md', import.meta.url), 'utf8')
const [, recipe = ''] = /^## When it is cut$.*?^```sh\n(.*?)^```$/ms.exec(page) ?? []
const [mend = ''] = recipe.split('\n')
const run = promisify(execFile)

/** `all.ndjson` after the commands. */
const after = async (commands: string, cut: Uint8Array, env: Readonly<Record<string, string>> = {}) => {
  const folder = await mkdtemp(join(tmpdir(), 'gatehouse-recipe-'))
  try {
    const file = join(folder, 'all.ndjson')
    await writeFile(file, cut)
    await run('sh', ['-ec', commands], { cwd: folder, env: { ...process.env, LC_ALL: 'C.UTF-8', ...env } })
    return await readFile(file, 'utf8')
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

const row = (cursor: string) => `{"cursor":"${cursor}","upstreamMessage":"{设备}"}\n`

test.each([
  ['on the edge of a row', 0],
  ['in the middle of a character', Buffer.byteLength('{"cursor":"b","upstreamMessage":"{') + 1],
  ['behind a brace within a text', Buffer.byteLength('{"cursor":"b","upstreamMessage":"{设备}')],
  ['before the line break', Buffer.byteLength(row('b')) - 1],
])('a file that was cut %s keeps its whole rows, and nothing else', async (_, bytes) => {
  const cut = Buffer.concat([Buffer.from(row('a')), Buffer.from(row('b')).subarray(0, bytes)])
  expect(await after(mend, cut)).toBe(row('a'))
})

const has = (tool: string) =>
  run(tool, ['--version']).then(
    () => true,
    () => false,
  )

test.runIf((await has('jq')) && (await has('curl')))('the whole recipe makes it whole again', async () => {
  await using gateway = await exporting('pglite', 50)
  const { text } = await receive(gateway, '/export/logins.ndjson')
  const bytes = Buffer.from(text)
  const commands = recipe.replaceAll('http://127.0.0.1:4000', gateway.url)
  expect(commands).toContain(gateway.url)
  for (const cut of [0.31, 0.5, 0.77].map(part => bytes.subarray(0, Math.floor(bytes.length * part))))
    expect(await after(commands, cut, { KEY: exportKey })).toBe(text)
})
