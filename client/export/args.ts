// What the person typed, read and checked. Refuses to know files, the network and the gateway.

import { common, parsed, type Reach, reachOf, typed, usage } from '../terminal/options.ts'

/** A filter as the gateway's `LoginWhere` has it: checked there, by name. */
export type Where = Readonly<Record<string, string | number | boolean | readonly (string | number)[]>>

export interface Options extends Reach {
  readonly out: string
  readonly format: 'csv' | 'ndjson'
  readonly gzip: boolean
  /** Null: not given. */
  readonly where: Where | null
  readonly orderBy: string | null
  readonly resume: boolean
  readonly force: boolean
  /** As they were typed, for the command that goes on. */
  readonly given: readonly string[]
}

export const USAGE = `npm run export -- --out <file> [options]

Writes every login that fits into a file, oldest first. It needs a key with the scope LOGIN_READ.

  --out <file>        ends with .csv or .ndjson, or either with .gz behind it
  --where <json>      which logins, as LoginWhere of the API has it, for instance
                      '{"state":["FAILED"],"startedFrom":"2026-11-01T00:00:00+08:00"}' (default: all)
  --order-by <order>  STARTED_AT_ASC (default) or STARTED_AT_DESC
  --resume            go on with what an export to the same file left behind
  --force             begin anew, whatever stands there
  --url <address>     of the gateway (default http://127.0.0.1:4000)
  --key-file <path>   a file with a key (default: GATEHOUSE_ADMIN_KEY, else admin.key in DATA_DIR or .data)
  --help              this text

Until it is whole it is <file>.part, with <file>.part.json beside it that says how far it is. Without a terminal it prints
a line every ten seconds.

Exit status: 0 the file is whole, 1 stopped in the middle (--resume goes on), 2 refused before the first row, 130
interrupted (Ctrl-C; --resume goes on).`

/** Null: help was asked for. Throws Refusal (USAGE) with one sentence. `env.PORT` moves the default address. */
export function readArgs(
  argv: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): Options | null {
  const values = parsed(
    argv,
    {
      out: { type: 'string' },
      where: { type: 'string' },
      'order-by': { type: 'string' },
      resume: { type: 'boolean', default: false },
      force: { type: 'boolean', default: false },
      ...common,
    },
    'npm run export -- --out <file>',
  )
  if (values.help) return null
  const { out, url, resume, force } = values
  const keyFile = values['key-file']
  if (!out) throw usage('Into which file? For instance: npm run export -- --out logins.csv')
  const [, format, gz] = /\.(csv|ndjson)(\.gz)?$/.exec(out) ?? []
  if (format !== 'csv' && format !== 'ndjson')
    throw usage(
      `--out ends with .csv, .ndjson, .csv.gz or .ndjson.gz, which ${JSON.stringify(out)} does not.`,
    )
  if (resume && force) throw usage('--resume goes on and --force begins anew: give one of them.')
  return {
    out,
    format,
    gzip: gz !== undefined,
    where: values.where === undefined ? null : readWhere(values.where),
    orderBy: values['order-by'] ?? null,
    resume,
    force,
    ...reachOf(values, env),
    given: [
      ...['--out', out],
      ...(url === undefined ? [] : ['--url', url]),
      ...(keyFile === undefined ? [] : ['--key-file', keyFile]),
    ],
  }
}

/** The command that goes on. What it exports is remembered beside the file. */
export function commandToGoOn({ given }: Options): string {
  return typed('npm run export --', [...given, '--resume'])
}

/** What is null is as good as not there, as in the API. */
function readWhere(text: string): Where {
  const example = `for instance '{"state":["FAILED"]}'`
  let where: unknown
  try {
    where = JSON.parse(text)
  } catch {
    throw usage(`--where is JSON, ${example}; mind the single quotes around it.`)
  }
  if (typeof where !== 'object' || where === null || Array.isArray(where))
    throw usage(`--where is a JSON object, ${example}.`)
  const given = Object.entries(where).filter(([, value]) => value !== null)
  for (const [name, value] of given)
    if (![value].flat().every(each => ['string', 'number', 'boolean'].includes(typeof each)))
      throw usage(`--where: ${name} is a value or a list of values, ${example}.`)
  for (const [name, value] of given) {
    // In an address they would vanish, or mean something else.
    if (Array.isArray(value) && value.length === 0)
      throw usage(`--where: ${name} is an empty list, which no login fits: leave it out to ask for all.`)
    if (['after', 'orderBy'].includes(name))
      throw usage(
        `--where: ${name} is no filter of logins; --order-by and --resume are options of their own.`,
      )
  }
  return Object.fromEntries(given)
}
