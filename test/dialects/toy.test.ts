// A third dialect, added to a copy of the project: a folder, a line of the registry, a value of an enum, and an upstream
// that speaks it. Nothing else is touched, and a login on it is confirmed.

import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { cp, mkdir, readFile, symlink, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { collect, eventsOf, registerDevice, startLogin, watchBySocket } from '../support/api-client.ts'
import { freePort, startProcess, temporaryFolder } from '../support/gateway-process.ts'

const root = fileURLToPath(new URL('../../', import.meta.url))
const run = promisify(execFile)

/** What an author of a dialect adds to what is there: at this place, once. */
const additions = [
  {
    file: 'src/provider/dialects.ts',
    after: /import type \{ ProviderOptions \} from '.\/options.ts'\n/u,
    add: "import { openToyProvider } from './toy/toy.ts'\n",
  },
  { file: 'src/provider/dialects.ts', after: /ipad: openIpadProvider/u, add: ', toy: openToyProvider' },
  {
    file: 'src/schema/enums.ts',
    after: /enumType\('Dialect', \{[^}]*values: \{\n/u,
    add: "    TOY: { description: 'To play with.' },\n",
  },
] as const

describe('a new dialect', () => {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>

  beforeAll(async () => {
    folder = await temporaryFolder()
    for (const part of ['src', 'drizzle', 'scripts', 'package.json', 'tsconfig.json'])
      await cp(join(root, part), join(folder.path, part), { recursive: true })
    for (const part of ['node_modules', 'simulator']) await symlink(join(root, part), join(folder.path, part))
    for (const { file, after, add } of additions) {
      const before = await readFile(join(folder.path, file), 'utf8')
      expect(before, file).toMatch(after)
      await writeFile(
        join(folder.path, file),
        before.replace(after, found => `${found}${add}`),
      )
    }
    await mkdir(join(folder.path, 'src/provider/toy'))
    await cp(join(root, 'test/dialects/toy.ts.txt'), join(folder.path, 'src/provider/toy/toy.ts'))
  })

  afterAll(() => folder?.[Symbol.asyncDispose]())

  it('fits every type of the project', async () => {
    const config = join(folder.path, 'tsconfig.toy.json')
    await writeFile(config, JSON.stringify({ extends: './tsconfig.json', include: ['src'] }))
    const checked = await run(join(root, 'node_modules/.bin/tsc'), ['--project', config], {
      cwd: folder.path,
    }).catch((error: { stdout: string }) => error)
    expect(checked.stdout).toBe('')
  })

  it('signs an account in', async () => {
    await using upstream = await startToy()
    const providers = [{ name: 'toys', dialect: 'toy', baseUrl: upstream.url, token: 'token' }]
    const gateway = await startProcess(
      join(folder.path, 'data'),
      await freePort(),
      { GATEHOUSE_PROVIDERS: JSON.stringify(providers) },
      folder.path,
    )
    try {
      const { device } = await registerDevice(gateway.address, { provider: 'toys', deviceKey: 'bear' })
      const { login } = await startLogin(gateway.address, { deviceId: device?.id, strategy: 'QR_CODE' })
      const events = eventsOf(await collect(watchBySocket(gateway.address, login?.id ?? '', 0)))
      expect(events.map(event => event.__typename)).toEqual([
        'LoginStarted',
        'QrCodeIssued',
        'QrCodeScanned',
        'LoginEnded',
      ])
      expect(events.at(-1)).toMatchObject({ state: 'CONFIRMED' })
      expect(await dialectsOf(gateway.address)).toEqual(['TOY'])
    } finally {
      await gateway.kill()
    }
  })
})

const dialectsOf = async ({ url, key }: { url: string; key: string }): Promise<readonly string[]> => {
  const answer = await fetch(`${url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${key}` },
    body: JSON.stringify({ query: '{ providers { dialect } }' }),
  })
  const { data } = (await answer.json()) as { data: { providers: { dialect: string }[] } }
  return data.providers.map(({ dialect }) => dialect)
}

/** Nobody has scanned at the first look, somebody has at the second, and has confirmed at the third. */
const startToy = async (): Promise<{ readonly url: string } & AsyncDisposable> => {
  let looks = 0
  const server = createServer(async (request, response) => {
    await text(request)
    const data =
      request.url === '/toy/code'
        ? { link: 'http://127.0.0.1:9/code.png' }
        : [{}, { seen: true }, { wcId: 'wxid_bear', nickName: 'Bear' }][looks++]
    response.setHeader('content-type', 'application/json')
    response.end(JSON.stringify({ code: '1000', message: 'OK', data }))
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}
