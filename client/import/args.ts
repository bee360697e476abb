// What the person typed, read and checked; and the same written down again, for going on where it stopped. Refuses to know
// files, the network and the gateway.

import { common, parsed, type Reach, reachOf, typed, usage } from '../terminal/options.ts'

/** Null: not given. */
export interface Options extends Reach {
  readonly provider: string
  readonly page: string | null
  readonly dryRun: boolean
  /** As they were typed, for the command that goes on. */
  readonly given: readonly string[]
}

export const USAGE = `npm run import -- --provider <name> [options]

Takes over the devices and accounts that an upstream has, page by page. What is known stays as it is, so that it may be
run again at any time; nothing is changed upstream. It needs a key with the scope ADMIN.

  --provider <name>  which upstream
  --dry-run          only count what would be imported
  --page <token>     go on at this page, as told where an import stopped
  --url <address>    of the gateway (default http://127.0.0.1:4000)
  --key-file <path>  a file with a key (default: GATEHOUSE_ADMIN_KEY, else admin.key in DATA_DIR or .data)
  --help             this text

Without a terminal it prints one line per page.

Exit status: 0 all pages read, 1 stopped at a page, 2 refused before the first, 130 interrupted (Ctrl-C).`

/** Null: help was asked for. Throws Refusal (USAGE) with one sentence. `env.PORT` moves the default address. */
export function readArgs(
  argv: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): Options | null {
  const values = parsed(
    argv,
    {
      provider: { type: 'string' },
      'dry-run': { type: 'boolean', default: false },
      page: { type: 'string' },
      ...common,
    },
    'npm run import -- --provider <name>',
  )
  if (values.help) return null
  const { provider, url, page } = values
  const keyFile = values['key-file']
  if (!provider) throw usage('Which provider? For instance: npm run import -- --provider main')
  return {
    provider,
    page: page ?? null,
    dryRun: values['dry-run'],
    ...reachOf(values, env),
    given: [
      ...['--provider', provider],
      ...(values['dry-run'] ? ['--dry-run'] : []),
      ...(url === undefined ? [] : ['--url', url]),
      ...(keyFile === undefined ? [] : ['--key-file', keyFile]),
    ],
  }
}

/** The command that goes on at a page; null: from the start. */
export function commandFor({ given }: Options, page: string | null): string {
  return typed('npm run import --', [...given, ...(page === null ? [] : ['--page', page])])
}
