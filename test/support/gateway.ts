// The real gateway within the test's process: the real assembly, store, poller and server, on a free port.

import { randomBytes } from 'node:crypto'
import { type Gatehouse, type Overrides, startGatehouse } from '../../src/app.ts'
import { readConfig } from '../../src/config.ts'
import type { Address } from './api-client.ts'
import { type EngineName, freshDatabase, type TestDatabase } from './database.ts'

export const testKey = 'a-key-for-tests-with-every-scope'

export interface TestGateway extends AsyncDisposable {
  readonly gatehouse: Gatehouse
  readonly address: Address
  /** Null: embedded, and the gateway's own. */
  readonly database: TestDatabase | null
}

export interface TestGatewayOptions {
  readonly engine?: EngineName
  /** Spoken by dialect `open`. */
  readonly upstream: { readonly url: string; readonly token: string }
  readonly overrides?: Overrides
  readonly environment?: Readonly<Record<string, string>>
}

const silent = { warn: () => {}, error: () => {} }
const noLimits = { loginsPerHour: 0, qrCodesPerHour: 0, promptHoldSeconds: 0 }

export const startTestGateway = async (options: TestGatewayOptions): Promise<TestGateway> => {
  const database = options.engine === 'postgres' ? await freshDatabase('postgres') : null
  const config = readConfig({
    PORT: '0',
    GATEHOUSE_PROFILE: 'development',
    GATEHOUSE_ADMIN_KEY: testKey,
    GATEHOUSE_SECRET: randomBytes(32).toString('hex'),
    GATEHOUSE_PROVIDERS: JSON.stringify([
      { name: 'upstream', dialect: 'open', baseUrl: options.upstream.url, token: options.upstream.token },
    ]),
    LOGIN_LIMITS: JSON.stringify(noLimits),
    ...options.environment,
  })
  const url = database?.url ?? null
  const gatehouse = await startGatehouse(config, {
    log: silent,
    engine: url === null ? { kind: 'pglite', dataDir: null } : { kind: 'postgres', url },
    grace: 500,
    ...options.overrides,
  })
  return {
    gatehouse,
    address: { url: gatehouse.url, key: testKey },
    database,
    [Symbol.asyncDispose]: async () => {
      await gatehouse.close()
      await database?.[Symbol.asyncDispose]()
    },
  }
}
