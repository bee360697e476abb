// The process as a person starts it: what it says, what it refuses in one sentence, and how it ends.

import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import type { AddressInfo } from 'node:net'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { startGatehouse } from '../../src/app.ts'
import { readConfig } from '../../src/config.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))

let folder = ''
const started: ChildProcess[] = []

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gatehouse-start-'))
})
afterEach(async () => {
  for (const child of started.splice(0))
    if (child.exitCode === null && child.signalCode === null) {
      child.kill('SIGKILL')
      await once(child, 'exit')
    }
  await rm(folder, { recursive: true, force: true })
})

interface Process {
  readonly child: ChildProcess
  readonly out: () => string
  readonly err: () => string
  /** Where it listens, once it says so. */
  readonly ready: Promise<string>
  readonly exited: Promise<number | null>
}

const run = (env: Readonly<Record<string, string>> = {}): Process => {
  const child = spawn(process.execPath, ['--import', './scripts/require-node.js', 'src/main.ts'], {
    cwd: root,
    env: { PORT: '0', DATA_DIR: folder, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  started.push(child)
  let [out, err] = ['', '']
  const exited = once(child, 'exit').then(([code]) => code as number | null)
  const ready = new Promise<string>((resolve, reject) => {
    child.stdout.on('data', part => {
      out += part
      const url = /ready at (\S+)\/graphql/.exec(out)?.[1]
      if (url !== undefined) resolve(url)
    })
    child.stderr.on('data', part => {
      err += part
    })
    exited.then(code => reject(new Error(`It ended with ${code}: ${err}`)))
  })
  ready.catch(() => {})
  return { child, out: () => out, err: () => err, ready, exited }
}

it('says where it is, where its key lies and where the phones are, and ends cleanly on a signal', async () => {
  const first = run()
  const url = await first.ready
  const key = (await readFile(join(folder, 'admin.key'), 'utf8')).trim()
  expect(((await stat(join(folder, 'admin.key'))).mode & 0o777).toString(8)).toBe('600')
  expect(((await stat(join(folder, 'secret.key'))).mode & 0o777).toString(8)).toBe('600')
  expect((await fetch(`${url}/readyz`)).status).toBe(200)
  const said = first.out()
  for (const line of [
    `${url}/graphql`,
    'admin.key',
    'simulator (open) at',
    'simulator-ipad (ipad) at',
    '_phones',
    // Whoever types these reaches this gateway, whatever else runs in the usual folder at the usual port.
    `("DATA_DIR=${folder} npm run keys -- show" prints it)`,
    `  DATA_DIR=${folder} PORT=${new URL(url).port} npm run login -- --device demo`,
  ])
    expect(said).toContain(line)
  expect(said).not.toContain('retention')
  expect(said + first.err()).not.toContain(key)

  const second = run()
  expect(await second.exited).toBe(1)
  expect(second.err().trim().split('\n')).toEqual([expect.stringMatching(/is in use by the process \d+/)])

  first.child.kill('SIGTERM')
  expect(await first.exited).toBe(0)
  expect(first.err()).toBe('')

  const third = run()
  const again = await third.ready
  const answer = await fetch(`${again}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${key}` },
    body: '{"query":"{ viewer { name } }"}',
  })
  expect(await answer.json()).toEqual({ data: { viewer: { name: 'admin' } } })
  third.child.kill('SIGINT')
  expect(await third.exited).toBe(0)
})

it('says how many days it keeps, and when the rest goes', async () => {
  const { ready, out } = run({ RETENTION_DAYS: '3', DATA_DIR: join(folder, "Ann's") })
  await ready
  await expect
    .poll(out)
    .toContain(
      '  retention    3 days (RETENTION_DAYS): months of logins that are older go for good half a minute after the start, and daily\n',
    )
  await expect.poll(out).toContain(String.raw`Ann'\''s' npm run keys -- show" prints it`)
})

it('names each real upstream that it was told of, without its token', async () => {
  const upstreams = ['main', 'spare'].map(name => ({
    name,
    dialect: 'open',
    baseUrl: `http://${name}.example:9/api`,
    token: 'not-to-be-said',
  }))
  const { ready, out } = run({ GATEHOUSE_PROVIDERS: JSON.stringify(upstreams) })
  await ready
  await expect.poll(out).toContain('  upstream     main (open) at http://main.example:9/api\n')
  await expect.poll(out).toContain('  upstream     spare (open) at http://spare.example:9/api\n')
  expect(out()).not.toMatch(/not-to-be-said|phones/)
})

describe('in one sentence, with exit 1 and nothing begun, it refuses', () => {
  it('a configuration with problems, all of them at once', async () => {
    const { exited, err } = run({ PORT: 'x', LOG_LEVEL: 'y', GATEHOUSE_PROVIDERS: 'z' })
    expect(await exited).toBe(1)
    expect(err().trim().split('\n')).toEqual([
      'Gatehouse cannot start:',
      '  - PORT must be a number from 0 to 65535.',
      expect.stringContaining('GATEHOUSE_PROVIDERS'),
      expect.stringContaining('LOG_LEVEL'),
    ])
    await expect(stat(join(folder, 'admin.key'))).rejects.toThrow()
  })

  it('a taken port', async () => {
    const taken = createServer().listen(0, '127.0.0.1')
    await once(taken, 'listening')
    const { port } = taken.address() as AddressInfo
    const { exited, err } = run({ PORT: String(port) })
    expect(await exited).toBe(1)
    expect(err().trim()).toBe(
      `Something else listens on 127.0.0.1:${port}: stop it, or name another port in PORT.`,
    )
    taken.close()
  })

  it('a data folder that cannot be written', async () => {
    const file = join(folder, 'a-file')
    await writeFile(file, '')
    const { exited, err } = run({ DATA_DIR: join(file, 'data') })
    expect(await exited).toBe(1)
    expect(err().trim()).toMatch(/^The data folder .* cannot be written to \(ENOTDIR\): .*\.$/)
  })
})

it('leaves nothing running where a start fails', async () => {
  const file = join(folder, 'a-file')
  await writeFile(file, '')
  const config = readConfig({
    PORT: '0',
    DATA_DIR: join(file, 'data'),
    GATEHOUSE_ADMIN_KEY: 'a-long-enough-admin-key',
    GATEHOUSE_SECRET: 'ab'.repeat(32),
  })
  const servers = () => process.getActiveResourcesInfo().filter(kind => kind === 'TCPServerWrap').length
  const before = servers()
  await expect(startGatehouse(config, { log: { warn: () => {}, error: () => {} } })).rejects.toMatchObject({
    name: 'DataFolderUnusableError',
  })
  await expect.poll(servers).toBe(before)
})
