// npm run keys -- callback <provider>: the address that the gateway of the same settings answers at, and nothing registered.

import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import { callbackPath, callbackSecrets } from '../../src/server/callbacks-secrets.ts'

const root = resolve(import.meta.dirname, '../..')
const secret = 'ab'.repeat(32)
const pathOf = (provider: string) => callbackPath(callbackSecrets(Buffer.from(secret, 'hex')), provider)

const keys = (args: readonly string[], env: Readonly<Record<string, string>>) =>
  new Promise<{ readonly code: number; readonly out: string; readonly error: string }>(done => {
    execFile(process.execPath, ['scripts/keys.ts', ...args], { cwd: root, env }, (failed, out, error) =>
      done({ code: typeof failed?.code === 'number' ? failed.code : 0, out, error }),
    )
  })

const dataFolder = async () => {
  const path = await mkdtemp(join(tmpdir(), 'gatehouse-'))
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true }) }
}

describe('the address of a provider', () => {
  it('is under PUBLIC_URL', async () => {
    const providers = [{ name: 'line-1', dialect: 'open', baseUrl: 'https://up.example', token: 't' }]
    const { out, error } = await keys(['callback', 'line-1'], {
      GATEHOUSE_SECRET: secret,
      GATEHOUSE_PROVIDERS: JSON.stringify(providers),
      PUBLIC_URL: 'https://login.example',
    })
    expect(out).toBe(`${pathOf('line-1')}\nhttps://login.example${pathOf('line-1')}\n`)
    expect(error).toBe('')
  })

  it('comes from the data folder and from HOST and PORT where nothing else is said', async () => {
    await using folder = await dataFolder()
    const env = { DATA_DIR: folder.path, PORT: '4123' }
    expect(await keys(['callback', 'simulator-ipad'], env)).toMatchObject({
      code: 1,
      out: '',
      error: expect.stringContaining('it is made at the first start'),
    })
    await writeFile(join(folder.path, 'secret.key'), `${secret}\n`)
    const { out, error } = await keys(['callback', 'simulator-ipad'], env)
    expect(out.trim().split('\n')[1]).toBe(`http://127.0.0.1:4123${pathOf('simulator-ipad')}`)
    expect(error).toContain('PUBLIC_URL is not set')
  })

  it('is nobody’s who is not configured', async () => {
    const answer = await keys(['callback', 'line-2'], { GATEHOUSE_SECRET: secret })
    expect(answer).toMatchObject({ code: 1, out: '', error: expect.stringContaining('simulator') })
    expect((await keys(['callback'], {})).error).toContain('Usage')
  })
})
