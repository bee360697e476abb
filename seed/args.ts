// What the person typed, read and checked. Refuses to know files and databases.

import { parseArgs } from 'node:util'
import { day } from './calendar.ts'
import type { DialectName, ProviderName } from './dialect.ts'
import { usualProviders } from './seed.ts'

export interface Options {
  readonly logins: number
  readonly days: number
  readonly seed: string
  readonly tenant: string
  readonly providers: readonly ProviderName[]
  /** Milliseconds since 1970; null: now. */
  readonly until: number | null
  readonly intoExisting: boolean
}

/** One sentence that says what to do. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
}

export const usage = `npm run seed -- [options]

Fills a database with made-up history to try things on: devices, accounts, logins and everything that happened in them. It is the
database of DATABASE_URL, else the embedded one in DATA_DIR (default .data), as for npm start, which must not run on that folder.

  --logins <number>     how many (default 20000)
  --days <number>       over how many days (default 90)
  --seed <text>         the same text gives the same history (default 1)
  --until <moment>      when it ends, such as 2026-11-01 or 2026-11-01T08:00:00Z (default now)
  --providers <list>    dialects and names (default open:wechat-open,ipad:wechat-ipad)
  --tenant <name>       whose it is (default default)
  --into-existing       beside the logins that are there
  --help                this text

With --until the same arguments give the same rows, ids too. All of it is written, or nothing.

Exit status: 0 done, 1 failed, 2 refused, 130 interrupted (Ctrl-C).`

/** Null: help was asked for. Throws UsageError. `now` is what --until may not pass. */
export const readArgs = (argv: readonly string[], now: number): Options | null => {
  const values = parse(argv)
  if (values.help) return null
  const days = whole('--days', values.days, 1, 3_650)
  const until = values.until === undefined ? null : momentOf(values.until, now)
  if ((until ?? now) - days * day < Date.UTC(2_011, 0, 1))
    throw new UsageError(
      'That begins before 2011, when there was nothing to sign in to: ask for fewer --days.',
    )
  if (values.seed.length > 200)
    throw new UsageError('--seed is longer than 200 characters: a word is enough.')
  if (!/^[\w.-]{1,63}$/.test(values.tenant))
    throw new UsageError(
      '--tenant has 1 to 63 letters, digits, dots, dashes or underscores, such as default.',
    )
  return {
    logins: whole('--logins', values.logins, 1, 100_000_000),
    days,
    seed: values.seed,
    tenant: values.tenant,
    providers: values.providers === undefined ? usualProviders : providersOf(values.providers),
    until,
    intoExisting: values['into-existing'],
  }
}

const whole = (name: string, text: string, least: number, most: number): number => {
  const number = /^\d+(?:_\d+)*$/.test(text) ? Number(text.replaceAll('_', '')) : Number.NaN
  if (number >= least && number <= most) return number
  const limits = `${least.toLocaleString('en-US')} to ${most.toLocaleString('en-US')}`
  throw new UsageError(
    `${name} is a whole number from ${limits}, such as ${name} ${most > 10_000 ? 20_000 : 90}.`,
  )
}

const momentOf = (text: string, now: number): number => {
  const isOne = /^\d{4}-\d{2}-\d{2}(?:T\d{2}:\d{2}(?::\d{2}(?:\.\d{1,3})?)?(?:Z|[+-]\d{2}:\d{2}))?$/.test(
    text,
  )
  const at = isOne ? Date.parse(text) : Number.NaN
  if (Number.isNaN(at))
    throw new UsageError('--until is a moment such as 2026-11-01 (in UTC) or 2026-11-01T08:00:00+08:00.')
  // `Date.parse` takes the 30th of February for the 2nd of March.
  const [date = ''] = text.split('T')
  if (!new Date(Date.parse(date)).toISOString().startsWith(date))
    throw new UsageError(`--until: there is no ${date} in the calendar.`)
  if (at > now) throw new UsageError('--until lies ahead: history ends now at the latest.')
  return at
}

const isDialect = (name: string): name is DialectName => name === 'open' || name === 'ipad'

const providersOf = (text: string): readonly ProviderName[] => {
  const providers = text.split(',').map(each => {
    const [dialect = '', name = '', ...more] = each.trim().split(':')
    if (!isDialect(dialect) || more.length > 0 || !/^[a-z0-9][a-z0-9._-]{0,62}$/i.test(name))
      throw new UsageError(
        '--providers is a list such as open:wechat-open,ipad:wechat-ipad: a dialect and a name each.',
      )
    return { dialect, name }
  })
  if (new Set(providers.map(({ name }) => name)).size < providers.length)
    throw new UsageError('--providers names two alike: give each a name of its own.')
  return providers
}

const parse = (argv: readonly string[]) => {
  try {
    return parseArgs({
      args: [...argv],
      options: {
        logins: { type: 'string', default: '20000' },
        days: { type: 'string', default: '90' },
        seed: { type: 'string', default: '1' },
        tenant: { type: 'string', default: 'default' },
        providers: { type: 'string' },
        until: { type: 'string' },
        'into-existing': { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
      },
    }).values
  } catch (error) {
    // Without the --, npm takes the options for its own and hands on what is left of them.
    const way = isBare(error)
      ? ' Mind the -- before the options: npm run seed -- --logins 20000 --days 90.'
      : ''
    throw new UsageError(`${misread(error)}${way} (--help lists the options.)`)
  }
}

/** Its first sentence; Node's own tells of a way of typing that helps nobody here. */
const misread = (error: unknown): string => {
  const said = error instanceof Error ? error.message : 'What was typed cannot be read'
  const [, option] = /^Option '(?:-\w, )?(--[\w-]+)' argument is ambiguous/.exec(said) ?? []
  if (option !== undefined) return `${option} needs a value that does not begin with a dash.`
  return `${(said.split('. ')[0] ?? '').replace(/\.$/, '')}.`
}

const isBare = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && error.code === 'ERR_PARSE_ARGS_UNEXPECTED_POSITIONAL'
