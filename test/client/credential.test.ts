// Which key is shown to the gateway, and what is said where there is none to show.

import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { readCredential, unknownCaller } from '../../client/terminal/credential.ts'

let folder: string

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gatehouse-key-'))
})
afterEach(() => rm(folder, { recursive: true }))

const inFile = async (text: string) => {
  const file = join(folder, 'a.key')
  await writeFile(file, text)
  return readCredential(file, {})
}

test('A key file may end with a line break', async () => {
  expect(await inFile('gh_key\n')).toMatchObject({ key: 'gh_key' })
})

test('A file that holds something else than one key is refused by its name, and not sent', async () => {
  for (const text of ['gh_key\nanother line\n', 'gh_key # mine', '密钥'])
    await expect(inFile(text)).rejects.toThrow(/a\.key holds is no key/)
})

test('So is such a GATEHOUSE_ADMIN_KEY', async () => {
  await expect(readCredential(null, { GATEHOUSE_ADMIN_KEY: 'two words' })).rejects.toThrow(
    'What GATEHOUSE_ADMIN_KEY holds is no key',
  )
})

test('An empty key file is named', async () => {
  await expect(inFile(' \n')).rejects.toThrow(/^The key file \S+a\.key is empty\.$/)
  await writeFile(join(folder, 'admin.key'), '')
  await expect(readCredential(null, { DATA_DIR: folder })).rejects.toThrow(
    `The key file ${join(folder, 'admin.key')} is empty.`,
  )
})

test('A missing one is looked for elsewhere by the person, who is told where it was looked for', async () => {
  const source = join(folder, 'admin.key')
  expect(unknownCaller(await readCredential(null, { DATA_DIR: folder }))).toMatch(
    new RegExp(`^There is no key to show: ${source} is missing\\. .*DATA_DIR`),
  )
})

test('Where the gateway does not accept the key of the usual file, another DATA_DIR may be why; where it was named, it is not', async () => {
  await writeFile(join(folder, 'admin.key'), 'gh_key\n')
  const hint = 'Started with another DATA_DIR? Name it here as well.'
  const usual = unknownCaller(
    await readCredential(null, { DATA_DIR: ` ${folder} `, GATEHOUSE_ADMIN_KEY: ' ' }),
  )
  expect(usual).toBe(
    `The gateway does not accept the key from ${join(folder, 'admin.key')}. Is it the key of this gateway? ${hint}`,
  )
  for (const named of [await inFile('gh_key'), await readCredential(null, { GATEHOUSE_ADMIN_KEY: 'gh_key' })])
    expect(unknownCaller(named)).toMatch(/Is it the key of this gateway\?$/)
})
