// npm run keys -- show | new | callback <provider> | analyst <role>: the admin key of the embedded gateway, a new random
// one for GATEHOUSE_ADMIN_KEY, the address that a provider may call back at, or an analyst's way into the database. The only
// place that ever prints such a thing, to whoever may read its file anyway. It registers nothing with a vendor.

import { randomBytes } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { parseArgs } from 'node:util'
import { type Config, readConfig } from '../src/config.ts'
import { callbackPath, callbackSecrets } from '../src/server/callbacks-secrets.ts'
import { adminKeyFile, secretKeyFile } from '../src/server/key-files.ts'
import { analystLines } from './keys-analyst.ts'

const usage = `Usage:
  npm run keys -- show                  prints the admin key of the gateway whose data folder is DATA_DIR (.data)
  npm run keys -- new                   prints a new key for GATEHOUSE_ADMIN_KEY; nothing is saved
  npm run keys -- callback <provider>   prints where that provider may call back, for the vendor's console; see docs/callbacks.md
  npm run keys -- analyst <role> [--tenant default] [--revoke] [--force]
                                        lets a role of Postgres read the schema analytics, and makes it where there is none; see docs/sql-for-analysts.md
                                        --revoke  takes the tenant away from it again; without --tenant: all of them
                                        --force   also a tenant that nobody uses yet`

const fail = (sentence: string): void => {
  console.error(sentence)
  process.exitCode = 1
}

/** Null, once it is told why: it cannot be read. */
const readKey = async (file: string, otherwise: string): Promise<string | null> => {
  try {
    return (await readFile(file, 'utf8')).trim()
  } catch (error) {
    const missing = error instanceof Error && 'code' in error && error.code === 'ENOENT'
    fail(
      missing
        ? `There is no ${file} yet: it is made at the first start, unless ${otherwise} is set.`
        : `${file} cannot be read: run this as the user that runs the gateway.`,
    )
    return null
  }
}

const show = async (): Promise<void> => {
  const key = await readKey(adminKeyFile(process.env.DATA_DIR?.trim() || '.data'), 'GATEHOUSE_ADMIN_KEY')
  if (key !== null) console.log(key)
}

const secretOf = async ({ secret, dataDir }: Config): Promise<Uint8Array | null> => {
  if (secret !== null) return secret
  const hex = await readKey(secretKeyFile(dataDir), 'GATEHOUSE_SECRET')
  if (hex === null || /^[0-9a-f]{64}$/i.test(hex)) return hex === null ? null : Buffer.from(hex, 'hex')
  fail(`${secretKeyFile(dataDir)} must hold 64 hex digits.`)
  return null
}

/** The same settings as the gateway's, so that the address is the one that it answers at. */
const callback = async (provider: string): Promise<void> => {
  const config = readConfig(process.env)
  const names = config.providers?.map(({ name }) => name) ?? ['simulator', 'simulator-ipad']
  if (!names.includes(provider)) return fail(`There is no provider of that name: ${names.join(', ')}.`)
  const secret = await secretOf(config)
  if (secret === null) return
  const path = callbackPath(callbackSecrets(secret), provider)
  const host = config.host.includes(':') ? `[${config.host}]` : config.host
  console.log(`${path}\n${config.publicUrl ?? `http://${host}:${config.port}`}${path}`)
  if (config.publicUrl === null)
    console.error('PUBLIC_URL is not set: the vendor reaches the second line only from this machine.')
}

/** npm keeps options to itself that come without `--`: what was to be taken away would be granted. */
const isSwallowed = (): boolean =>
  ['tenant', 'revoke', 'force'].some(option => process.env[`npm_config_${option}`] !== undefined)

const analyst = async (): Promise<void> => {
  if (isSwallowed())
    return fail(
      'Mind the -- before the arguments: npm run keys -- analyst <role> --revoke. Nothing was changed.',
    )
  const { values, positionals } = parseArgs({
    args: process.argv.slice(3),
    options: {
      tenant: { type: 'string' },
      revoke: { type: 'boolean', default: false },
      force: { type: 'boolean', default: false },
    },
    allowPositionals: true,
  })
  const [role, ...rest] = positionals
  if (role === undefined || role === '' || rest.length > 0) return fail(usage)
  const lines = await analystLines({
    databaseUrl: process.env.DATABASE_DIRECT_URL?.trim() || process.env.DATABASE_URL?.trim() || null,
    role,
    tenant: values.tenant ?? null,
    revoke: values.revoke,
    force: values.force,
  })
  console.log(lines.join('\n'))
}

const [command, provider] = process.argv.slice(2)
if (process.argv.includes('--help', 2)) console.log(usage)
else if (command === 'show') await show()
else if (command === 'new') console.log(`gh_${randomBytes(32).toString('base64url')}`)
else if (command === 'callback' && provider !== undefined)
  await callback(provider).catch((error: unknown) => {
    fail(error instanceof Error ? error.message : 'The settings cannot be read.')
  })
else if (command === 'analyst')
  await analyst().catch((error: unknown) => {
    fail(error instanceof Error ? error.message : 'The database cannot be used.')
  })
else fail(usage)
