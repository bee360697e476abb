// The gateway as a process of its own, as `npm start` runs it, so that a test can kill it as a power cut would.

import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Address } from './api-client.ts'

const root = fileURLToPath(new URL('../../', import.meta.url))

export interface GatewayProcess {
  readonly child: ChildProcess
  readonly address: Address
  /** All that it has printed so far. */
  output(): string
  /** kill -9: nothing is flushed, nothing handed over. */
  kill(): Promise<void>
  /** The kernel takes it off the processor: what comes in waits in its sockets. */
  freeze(): void
}

/** A port that was free a moment ago. */
export const freePort = async (): Promise<number> => {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  if (address === null || typeof address === 'string') throw new Error('no port')
  return address.port
}

export const temporaryFolder = async (): Promise<{ path: string } & AsyncDisposable> => {
  const path = await mkdtemp(join(tmpdir(), 'gatehouse-'))
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true, maxRetries: 3 }) }
}

/** Resolves when it answers /readyz; rejects with its output where it ends before. `project`: a copy of this one. */
export const startProcess = async (
  dataDir: string,
  port: number,
  environment: Readonly<Record<string, string>>,
  project = root,
): Promise<GatewayProcess> => {
  const child = spawn(process.execPath, ['--import', './scripts/require-node.js', 'src/main.ts'], {
    cwd: project,
    env: {
      PATH: process.env.PATH ?? '',
      HOST: '127.0.0.1',
      PORT: String(port),
      DATA_DIR: dataDir,
      LIVE_PLANS: process.env.LIVE_PLANS ?? 'on',
      ...environment,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', chunk => (output += String(chunk)))
  const gone = once(child, 'exit')
  const url = `http://127.0.0.1:${port}`
  await Promise.race([
    answers(`${url}/readyz`, child),
    gone.then(([code]) => Promise.reject(new Error(`The gateway ended with ${code}:\n${output}`))),
  ])
  const key = environment.GATEHOUSE_ADMIN_KEY ?? (await readFile(join(dataDir, 'admin.key'), 'utf8')).trim()
  return {
    child,
    address: { url, key },
    output: () => output,
    kill: async () => {
      child.kill('SIGKILL')
      await gone
    },
    freeze: () => child.kill('SIGSTOP'),
  }
}

const answers = async (url: string, child: ChildProcess): Promise<void> => {
  while (child.exitCode === null) {
    const ready = await fetch(url).then(
      answer => answer.ok,
      () => false,
    )
    if (ready) return
    await once(AbortSignal.timeout(50), 'abort')
  }
}
