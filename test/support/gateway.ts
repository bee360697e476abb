// The real gateway within the test's process: the real assembly, store, poller and server, on a free port.

import { randomBytes } from 'node:crypto'
import { type Gatehouse, type Overrides, startGatehouse } from '../../src/app.ts'
import { readConfig } from '../../src/config.ts'
import type { Address } from './api-client.ts'
import { type EngineName, freshDatabase, type TestDatabase } from './database.ts'

export const testKey = 'a-key-for-tests-with-every-scope'

export type Dialect = 'open' | 'ipad'

export const providerOf = (dialect: Dialect): string =>
  dialect === 'open' ? 'upstream' : `upstream-${dialect}`

/** For GATEHOUSE_PROVIDERS: an upstream that speaks these on one address. */
export const providersOn = (
  { url, token }: { readonly url: string; readonly token: string },
  dialects: readonly Dialect[] = ['open'],
): readonly { readonly name: string }[] =>
  dialects.map(dialect => ({ name: providerOf(dialect), dialect, baseUrl: url, token }))

export interface TestGateway extends AsyncDisposable {
  readonly gatehouse: Gatehouse
  readonly address: Address
  readonly database: TestDatabase
}

export interface TestGatewayOptions {
  readonly engine?: EngineName
  readonly upstream: { readonly url: string; readonly token: string }
  /** What it speaks: a provider for each, see `providerOf`. By default `open` alone. */
  readonly dialects?: readonly Dialect[]
  readonly overrides?: Overrides
  readonly environment?: Readonly<Record<string, string>>
}

const silent = { warn: () => {}, error: () => {} }
const noLimits = {
  loginsPerHour: 0,
  qrCodesPerHour: 0,
  promptHoldSeconds: 0,
  earlyDropSeconds: 0,
  exitRejectedHours: 0,
}

export const startTestGateway = async (options: TestGatewayOptions): Promise<TestGateway> => {
  const database = await freshDatabase(options.engine ?? 'pglite')
  const config = readConfig({
    PORT: '0',
    GATEHOUSE_PROFILE: 'development',
    GATEHOUSE_ADMIN_KEY: testKey,
    GATEHOUSE_SECRET: randomBytes(32).toString('hex'),
    GATEHOUSE_PROVIDERS: JSON.stringify(providersOn(options.upstream, options.dialects)),
    LOGIN_LIMITS: JSON.stringify(noLimits),
    LIVE_PLANS: process.env.LIVE_PLANS ?? 'on',
    ...options.environment,
  })
  const gatehouse = await startGatehouse(config, {
    log: silent,
    openStore: options => database.open(options),
    grace: 500,
    ...options.overrides,
  })
  return {
    gatehouse,
    address: { url: gatehouse.url, key: testKey },
    database,
    [Symbol.asyncDispose]: async () => {
      await gatehouse.close()
      await database[Symbol.asyncDispose]()
    },
  }
}
