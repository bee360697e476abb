// The environment: every problem at once, one sentence each, and never a value.

import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { readConfig } from '../src/config.ts'
import { ConfigurationError } from '../src/errors.ts'
import { noLimits } from '../src/login/terms.ts'
import { dialectNames } from '../src/provider/dialects.ts'

const problems = (env: Readonly<Record<string, string>>): readonly string[] => {
  try {
    readConfig(env)
    return []
  } catch (error) {
    if (error instanceof ConfigurationError) return error.problems
    throw error
  }
}

const upstream = {
  name: 'main',
  dialect: 'open',
  baseUrl: 'https://upstream.example/api/',
  token: 'top-secret-token',
}
const postgres = {
  DATABASE_URL: 'postgres://gatehouse@db.example/gatehouse',
  GATEHOUSE_ADMIN_KEY: 'a-long-enough-admin-key',
  GATEHOUSE_SECRET: 'ab'.repeat(32),
}

it('needs nothing to try it out', () => {
  expect(readConfig({})).toMatchObject({
    profile: 'development',
    host: '127.0.0.1',
    port: 4000,
    database: { kind: 'pglite' },
    dataDir: '.data',
    providers: null,
    adminKey: null,
    secret: null,
  })
})

it('limits nobody with the simulator, but for what is asked for', () => {
  expect(readConfig({}).limits).toEqual(noLimits)
  expect(readConfig({ LOGIN_LIMITS: '{"loginsPerHour":1}' }).limits).toEqual({
    ...noLimits,
    loginsPerHour: 1,
  })
})

it('takes an empty variable for an unset one', () => {
  expect(readConfig({ PORT: '', DATA_DIR: '  ', GATEHOUSE_PROVIDERS: '' })).toMatchObject({
    port: 4000,
    dataDir: '.data',
  })
})

it('sends live updates by plans, unless it is told not to', () => {
  expect(readConfig({}).livePlans).toBe(true)
  expect(readConfig({ LIVE_PLANS: 'on' }).livePlans).toBe(true)
  expect(readConfig({ LIVE_PLANS: 'off' }).livePlans).toBe(false)
  for (const word of ['OFF', 'false', '0'])
    expect(problems({ LIVE_PLANS: word })).toEqual(['LIVE_PLANS must be on or off.'])
})

it('keeps everything, unless it is told for how many days', () => {
  expect(readConfig({}).retentionDays).toBeNull()
  for (const days of ['1', '30', '36500'])
    expect(readConfig({ RETENTION_DAYS: days }).retentionDays).toBe(Number(days))
  for (const days of ['0', '-1', '1.5', '36501', '30d', '1e3'])
    expect(problems({ RETENTION_DAYS: days })).toEqual([
      'RETENTION_DAYS must be a whole number of days from 1 to 36500.',
    ])
})

it('reads everything that is set', () => {
  const config = readConfig({
    ...postgres,
    HOST: '0.0.0.0',
    PORT: '8080',
    PUBLIC_URL: 'https://login.example/',
    ALLOWED_ORIGINS: 'https://app.example, http://localhost:5173',
    DATABASE_DIRECT_URL: 'postgresql://gatehouse@direct.example/gatehouse',
    GATEHOUSE_PROVIDERS: JSON.stringify([upstream]),
    LOGIN_LIMITS: '{"loginsPerHour":0}',
    LOG_LEVEL: 'debug',
  })
  expect(config).toMatchObject({
    profile: 'production',
    publicUrl: 'https://login.example',
    allowedOrigins: ['https://app.example', 'http://localhost:5173'],
    database: { kind: 'postgres', directUrl: 'postgresql://gatehouse@direct.example/gatehouse' },
    providers: [{ name: 'main', baseUrl: 'https://upstream.example/api' }],
    limits: { loginsPerHour: 0, qrCodesPerHour: 6 },
  })
  expect(config.secret).toHaveLength(32)
})

it('tells every problem in one message', () => {
  const found = problems({
    PORT: '70000',
    PUBLIC_URL: 'https://login.example/path',
    ALLOWED_ORIGINS: 'app.example',
    DATABASE_URL: 'mysql://db',
    DATABASE_DIRECT_URL: 'nonsense',
    GATEHOUSE_PROFILE: 'staging',
    GATEHOUSE_PROVIDERS: JSON.stringify([{ ...upstream, baseUrl: 'ftp://x', token: '', extra: 1 }]),
    GATEHOUSE_SECRET: 'too short',
    LOGIN_LIMITS: '{"loginsPerHour":-1,"perDay":5}',
    LOG_LEVEL: 'loud',
    LIVE_PLANS: 'sometimes',
  })
  for (const variable of [
    'PORT',
    'PUBLIC_URL',
    'ALLOWED_ORIGINS',
    'DATABASE_URL',
    'DATABASE_DIRECT_URL',
    'GATEHOUSE_PROFILE',
    'GATEHOUSE_PROVIDERS[0].baseUrl',
    'GATEHOUSE_PROVIDERS[0].token',
    'GATEHOUSE_PROVIDERS[0]',
    'GATEHOUSE_SECRET',
    'GATEHOUSE_ADMIN_KEY',
    'LOGIN_LIMITS.loginsPerHour',
    'LOGIN_LIMITS',
    'LOG_LEVEL',
    'LIVE_PLANS',
  ])
    expect(found.filter(problem => problem.startsWith(`${variable} `))).toHaveLength(1)
})

it('repeats no value, which may be a secret', () => {
  const found = problems({
    GATEHOUSE_PROVIDERS: '[{"token":"top-secret-token",}]',
    GATEHOUSE_ADMIN_KEY: 'short-secret',
    GATEHOUSE_SECRET: 'secret-secret',
    DATABASE_URL: 'mysql://user:hunter2@db',
  })
  expect(found).toHaveLength(4)
  expect(found.join('\n')).not.toMatch(/top-secret|short-secret|secret-secret|hunter2/)
})

describe('production', () => {
  it('needs a database and an upstream', () => {
    expect(problems({ GATEHOUSE_PROFILE: 'production' }).map(problem => problem.split(' ')[0])).toEqual([
      'DATABASE_URL',
      'GATEHOUSE_PROVIDERS',
      'GATEHOUSE_ADMIN_KEY',
      'GATEHOUSE_SECRET',
    ])
  })

  it('is what a database means', () => {
    expect(problems(postgres)).toEqual([expect.stringMatching(/^GATEHOUSE_PROVIDERS is required/)])
    expect(readConfig({ ...postgres, GATEHOUSE_PROFILE: 'development' })).toMatchObject({ providers: null })
  })
})

describe('providers', () => {
  it('have a token that a header can carry', () => {
    for (const token of ['two words', 'cut\nin two', '密钥'])
      expect(problems({ GATEHOUSE_PROVIDERS: JSON.stringify([{ ...upstream, token }]) })).toEqual([
        'GATEHOUSE_PROVIDERS[0].token must be visible ASCII characters without blanks.',
      ])
  })

  it('speak any dialect of the registry', () => {
    const list = dialectNames.map(dialect => ({ ...upstream, name: dialect, dialect }))
    expect(readConfig({ GATEHOUSE_PROVIDERS: JSON.stringify(list) }).providers).toMatchObject(
      list.map(({ name, dialect }) => ({ name, dialect })),
    )
  })

  it('may stand in a file', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'gatehouse-config-'))
    const file = join(folder, 'providers.json')
    await writeFile(file, JSON.stringify([upstream]))
    expect(readConfig({ GATEHOUSE_PROVIDERS_FILE: file }).providers).toMatchObject([{ name: 'main' }])
    expect(problems({ GATEHOUSE_PROVIDERS_FILE: join(folder, 'missing.json') })).toEqual([
      'GATEHOUSE_PROVIDERS_FILE names a file that cannot be read (ENOENT).',
    ])
    expect(problems({ GATEHOUSE_PROVIDERS_FILE: file, GATEHOUSE_PROVIDERS: '[]' })).toHaveLength(1)
    await rm(folder, { recursive: true })
  })

  it.each([
    [
      'an unknown dialect',
      [{ ...upstream, dialect: 'matrix' }],
      `GATEHOUSE_PROVIDERS[0].dialect must be ${dialectNames.map(name => `"${name}"`).join(' or ')}.`,
    ],
    [
      'no dialect',
      [{ ...upstream, dialect: undefined }],
      'GATEHOUSE_PROVIDERS[0].dialect must be "open" or "ipad"',
    ],
    [
      'a dialect that every object has',
      [{ ...upstream, dialect: 'toString' }],
      'GATEHOUSE_PROVIDERS[0].dialect must be',
    ],
    ['two of one name', [upstream, upstream], 'names two providers alike'],
    ['none', [], 'is an empty list'],
    ['no list', {}, 'must be a list'],
    ['a name that is no name', [{ ...upstream, name: 'a b' }], 'must have 1 to 63'],
    ['credentials in the link', [{ ...upstream, baseUrl: 'https://u:p@upstream.example' }], 'without user'],
    [
      'those of other tenants alone',
      [{ ...upstream, tenants: ['other'] }],
      'no provider for the tenant default',
    ],
  ])('are refused with %s', (_, list, what) => {
    expect(problems({ GATEHOUSE_PROVIDERS: JSON.stringify(list) })).toEqual([expect.stringContaining(what)])
  })
})
