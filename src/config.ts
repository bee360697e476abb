// The environment as a typed configuration. Every problem is found before anything begins, and all are told at once;
// none repeats a value, which may be a secret.

import { readFileSync } from 'node:fs'
import { z } from 'zod'
import { ConfigurationError } from './errors.ts'
import { defaultLimits, type Limits, noLimits } from './login/terms.ts'
import { type DialectName, dialectNames, isDialectName } from './provider/dialects.ts'

export interface ProviderConfig {
  readonly name: string
  readonly dialect: DialectName
  readonly baseUrl: string
  readonly token: string
}

export interface Config {
  readonly profile: 'development' | 'production'
  readonly host: string
  /** 0: any free one. */
  readonly port: number
  /** Where people reach the gateway; null: where it listens. */
  readonly publicUrl: string | null
  /** Origins of pages beside the gateway's own. */
  readonly allowedOrigins: readonly string[]
  readonly database:
    | { readonly kind: 'pglite' }
    | { readonly kind: 'postgres'; readonly url: string; readonly directUrl: string | null }
  readonly dataDir: string
  /** Null: the built-in simulator is started and used. */
  readonly providers: readonly ProviderConfig[] | null
  /** Null: the one in the data folder, made at the first start. */
  readonly adminKey: string | null
  /** 32 bytes. Null: the one in the data folder, made at the first start. */
  readonly secret: Uint8Array | null
  readonly limits: Limits
  /** Null: everything is kept. */
  readonly retentionDays: number | null
  /** False: subscriptions go through graphql-js for each watcher. */
  readonly livePlans: boolean
  readonly logLevel: string
}

type Environment = Readonly<Record<string, string | undefined>>

/** Throws ConfigurationError with every problem. */
export const readConfig = (env: Environment): Config => {
  const read = new Reading(env)
  const postgres = read.text('DATABASE_URL', postgresUrl)
  const directUrl = read.text('DATABASE_DIRECT_URL', postgresUrl)
  const profile =
    read.text(
      'GATEHOUSE_PROFILE',
      z.enum(['development', 'production'], 'must be development or production'),
    ) ?? (postgres === null && !read.has('DATABASE_URL') ? 'development' : 'production')
  const config: Config = {
    profile,
    host: read.text('HOST', z.string()) ?? '127.0.0.1',
    port: read.text('PORT', port) ?? 4000,
    publicUrl: read.text('PUBLIC_URL', webOrigin('such as https://login.example.com, without a path')),
    allowedOrigins: read.text('ALLOWED_ORIGINS', origins) ?? [],
    database: postgres === null ? { kind: 'pglite' } : { kind: 'postgres', url: postgres, directUrl },
    dataDir: read.text('DATA_DIR', z.string()) ?? '.data',
    providers: readProviders(read),
    adminKey: read.text('GATEHOUSE_ADMIN_KEY', adminKey),
    secret: read.text('GATEHOUSE_SECRET', secret),
    limits: readLimits(read, read.has('GATEHOUSE_PROVIDERS') || read.has('GATEHOUSE_PROVIDERS_FILE')),
    retentionDays: read.text('RETENTION_DAYS', retentionDays),
    livePlans: read.text('LIVE_PLANS', z.enum(['on', 'off'], 'must be on or off')) !== 'off',
    logLevel: read.text('LOG_LEVEL', z.enum(logLevels, `must be one of ${logLevels.join(', ')}`)) ?? 'info',
  }
  if (profile === 'production')
    read.require(
      'DATABASE_URL',
      'is required: the production profile needs Postgres, such as postgres://user@host/gatehouse',
    )
  if (
    profile === 'production' &&
    config.providers === null &&
    !read.has('GATEHOUSE_PROVIDERS') &&
    !read.has('GATEHOUSE_PROVIDERS_FILE')
  )
    read.problem('GATEHOUSE_PROVIDERS', 'is required: the production profile needs at least one upstream')
  // Production cannot do without a database: who has none yet is told at once what else it needs.
  if (read.has('DATABASE_URL') || profile === 'production') {
    read.require('GATEHOUSE_ADMIN_KEY', 'is required with DATABASE_URL: make one with "npm run keys -- new"')
    read.require(
      'GATEHOUSE_SECRET',
      'is required with DATABASE_URL: 64 hex digits, such as "openssl rand -hex 32" prints',
    )
  }
  if (read.has('DATABASE_DIRECT_URL') && !read.has('DATABASE_URL'))
    read.problem('DATABASE_DIRECT_URL', 'means nothing without DATABASE_URL')
  read.raise()
  return config
}

const logLevels = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const

const port = z
  .string()
  .regex(/^\d{1,5}$/, 'must be a number from 0 to 65535')
  .transform(Number)
  .refine(number => number <= 65_535, 'must be a number from 0 to 65535')

/** A hundred years are for ever, and what lies long before our era is no date. */
const retentionDays = z
  .string()
  .regex(/^\d{1,5}$/, 'must be a whole number of days from 1 to 36500')
  .transform(Number)
  .refine(days => days >= 1 && days <= 36_500, 'must be a whole number of days from 1 to 36500')

const urlOf = (text: string, protocols: readonly string[]): URL | null => {
  const url = URL.canParse(text) ? new URL(text) : null
  return url !== null && protocols.includes(url.protocol) ? url : null
}

const postgresUrl = z
  .string()
  .refine(
    text => urlOf(text, ['postgres:', 'postgresql:']) !== null,
    'must be a link such as postgres://user@host/gatehouse',
  )

const isOrigin = (text: string): boolean => {
  const url = urlOf(text, ['http:', 'https:'])
  return url !== null && (text === url.origin || text === `${url.origin}/`)
}

const webOrigin = (hint: string) =>
  z
    .string()
    .refine(isOrigin, `must be an http or https origin, ${hint}`)
    .transform(text => new URL(text).origin)

const origins = z
  .string()
  .transform(text =>
    text
      .split(',')
      .map(origin => origin.trim())
      .filter(origin => origin !== ''),
  )
  .refine(
    list => list.every(isOrigin),
    'must be origins with commas between them, such as https://app.example.com',
  )
  .transform(list => list.map(origin => new URL(origin).origin))

const adminKey = z.string().regex(/^[\x21-\x7e]{20,512}$/, 'must have 20 to 512 visible ASCII characters')

const secret = z
  .string()
  .regex(/^[0-9a-f]{64}$/i, 'must be 64 hex digits')
  .transform(hex => new Uint8Array(Buffer.from(hex, 'hex')))

const number = z.number('must be a number').min(0, 'must not be negative').max(1_000_000, 'is too large')

const limitsShape = z.strictObject({
  loginsPerHour: number.int('must be whole').optional(),
  qrCodesPerHour: number.int('must be whole').optional(),
  promptHoldSeconds: number.optional(),
  earlyDropSeconds: number.optional(),
  exitRejectedHours: number.optional(),
} satisfies Record<keyof Limits, z.ZodType>)

/** With the simulator there is nobody to protect: what is not set there is off. */
const readLimits = (read: Reading, real: boolean): Limits => {
  const given = read.json('LOGIN_LIMITS', read.raw('LOGIN_LIMITS'), limitsShape) ?? {}
  const kept = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined))
  return { ...(real ? defaultLimits : noLimits), ...kept }
}

const dialectProblem = `must be ${dialectNames.map(name => `"${name}"`).join(' or ')}`

const providerShape = z.strictObject({
  name: z
    .string('must be a text')
    .regex(/^[a-z0-9][a-z0-9._-]{0,62}$/i, 'must have 1 to 63 letters, digits, dots, dashes or underscores'),
  dialect: z.string(dialectProblem).refine(isDialectName, dialectProblem),
  baseUrl: z
    .string('must be a text')
    .refine(text => {
      const url = urlOf(text, ['http:', 'https:'])
      return url !== null && url.username === '' && url.search === '' && url.hash === ''
    }, 'must be an http or https link without user, query and fragment')
    .transform(text => text.replace(/\/+$/, '')),
  token: z
    .string('must be a text')
    .min(1, 'is empty')
    .max(4_096, 'is too long')
    // What no header can carry would be told as an upstream that does not answer.
    .regex(/^[\x21-\x7e]*$/, 'must be visible ASCII characters without blanks'),
  tenants: z.array(z.string()).optional(),
})

const providersShape = z
  .array(providerShape, 'must be a list')
  .min(1, 'is an empty list')
  .refine(list => new Set(list.map(({ name }) => name)).size === list.length, 'names two providers alike')

const readProviders = (read: Reading): readonly ProviderConfig[] | null => {
  const inline = read.raw('GATEHOUSE_PROVIDERS')
  const file = read.raw('GATEHOUSE_PROVIDERS_FILE')
  if (inline !== null && file !== null) {
    read.problem('GATEHOUSE_PROVIDERS', 'and GATEHOUSE_PROVIDERS_FILE are both set: keep one')
    return null
  }
  const [variable, text] =
    file === null
      ? ['GATEHOUSE_PROVIDERS', inline]
      : ['GATEHOUSE_PROVIDERS_FILE', read.file('GATEHOUSE_PROVIDERS_FILE', file)]
  const list = read.json(variable, text, providersShape)
  if (list === null) return null
  // One tenant for now: what is for others only is not for this gateway.
  const mine = list.filter(({ tenants }) => tenants === undefined || tenants.includes('default'))
  if (mine.length === 0) read.problem(variable, 'names no provider for the tenant default')
  return mine.map(({ name, dialect, baseUrl, token }) => ({
    name,
    dialect: dialect as DialectName,
    baseUrl,
    token,
  }))
}

/** Reads variables and remembers what was wrong. An empty variable is an unset one. */
class Reading {
  readonly #env: Environment
  readonly #problems: string[] = []

  constructor(env: Environment) {
    this.#env = env
  }

  raw(variable: string): string | null {
    const text = this.#env[variable]?.trim() ?? ''
    return text === '' ? null : text
  }

  has(variable: string): boolean {
    return this.raw(variable) !== null
  }

  /** Null: unset, or wrong and remembered. */
  text<Value>(variable: string, shape: z.ZodType<Value, string>): Value | null {
    const text = this.raw(variable)
    return text === null ? null : this.#parsed(variable, shape.safeParse(text))
  }

  json<Value>(variable: string, text: string | null, shape: z.ZodType<Value>): Value | null {
    if (text === null) return null
    let value: unknown
    try {
      value = JSON.parse(text)
    } catch {
      // The parser's own words quote the text, and with it tokens.
      this.problem(variable, 'is no valid JSON')
      return null
    }
    return this.#parsed(variable, shape.safeParse(value))
  }

  file(variable: string, path: string): string | null {
    try {
      return readFileSync(path, 'utf8')
    } catch (error) {
      const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown'
      this.problem(variable, `names a file that cannot be read (${code})`)
      return null
    }
  }

  require(variable: string, otherwise: string): void {
    if (!this.has(variable)) this.problem(variable, otherwise)
  }

  problem(variable: string, what: string): void {
    this.#problems.push(`${variable} ${what}.`)
  }

  raise(): void {
    if (this.#problems.length > 0) throw new ConfigurationError(this.#problems)
  }

  #parsed<Value>(variable: string, result: z.ZodSafeParseResult<Value>): Value | null {
    if (result.success) return result.data
    for (const issue of result.error.issues) {
      const place = issue.path
        .map(part => (typeof part === 'number' ? `[${part}]` : `.${String(part)}`))
        .join('')
      const what =
        issue.code === 'unrecognized_keys' ? `has unknown entries: ${issue.keys.join(', ')}` : issue.message
      this.problem(`${variable}${place}`, what)
    }
    return null
  }
}
