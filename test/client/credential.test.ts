// Which key is shown to the gateway, and what is said where there is none to show.

import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { readCredential } from '../../client/terminal/credential.ts'

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
