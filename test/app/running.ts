// A whole gateway for a test, on a free port and an embedded database in memory, with the built-in simulator; and what
// asks it as clients do.

import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { inject } from 'vitest'
import { type Gatehouse, type Overrides, startGatehouse } from '../../src/app.ts'
import { type Config, readConfig } from '../../src/config.ts'

export const testKey = 'a-key-for-tests-and-nothing-else'

export interface Logged {
  readonly level: 'warn' | 'error'
  readonly fields: object
  readonly message: string
}

export interface Running extends AsyncDisposable {
  readonly gatehouse: Gatehouse
  readonly endpoint: string
  readonly socketEndpoint: string
  readonly logged: readonly Logged[]
  /** Data or errors of one operation over HTTP. */
  ask(query: string, variables?: object, headers?: Readonly<Record<string, string>>): Promise<Answer>
}

export interface Answer {
  // biome-ignore lint/suspicious/noExplicitAny: a test says what it expects where it looks.
  readonly data: any
  // biome-ignore lint/suspicious/noExplicitAny: as above.
  readonly errors?: readonly { message: string; path?: readonly (string | number)[]; extensions: any }[]
  readonly status: number
}

const migrated = async (): Promise<Blob> => {
  const answer = await fetch(`${inject('databases')}/pglite`)
  if (!answer.ok) throw new Error(await answer.text())
  return new Blob([await readFile((await answer.json()) as string)])
}

export const running = async (
  overrides: Overrides = {},
  env: Readonly<Record<string, string>> = {},
): Promise<Running> => {
  const folder = await mkdtemp(join(tmpdir(), 'gatehouse-app-'))
  const logged: Logged[] = []
  const log = {
    warn: (fields: object, message: string) => void logged.push({ level: 'warn', fields, message }),
    error: (fields: object, message: string) => void logged.push({ level: 'error', fields, message }),
  }
  const config: Config = readConfig({
    PORT: '0',
    DATA_DIR: folder,
    GATEHOUSE_ADMIN_KEY: testKey,
    LIVE_PLANS: process.env.LIVE_PLANS ?? 'on',
    ...env,
  })
  const engine = { kind: 'pglite', dataDir: null, snapshot: await migrated() } as const
  const gatehouse = await startGatehouse(config, { log, engine, grace: 500, ...overrides })
  const endpoint = `${gatehouse.url}/graphql`
  return {
    gatehouse,
    endpoint,
    socketEndpoint: endpoint.replace('http', 'ws'),
    logged,
    ask: async (query, variables = {}, headers = {}) => {
      const response = await fetch(endpoint, {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization: `Bearer ${testKey}`, ...headers },
        body: JSON.stringify({ query, variables }),
      })
      return { ...((await response.json()) as Omit<Answer, 'status'>), status: response.status }
    },
    [Symbol.asyncDispose]: async () => {
      await gatehouse.close()
      await rm(folder, { recursive: true, force: true })
    },
  }
}
