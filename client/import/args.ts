// What the person typed, read and checked; and the same written down again, for going on where it stopped. Refuses to know
// files, the network and the gateway.

import { parseArgs } from 'node:util'
import { misread, readUrl, usage } from '../terminal/args.ts'

/** Null: not given. */
export interface Options {
  readonly provider: string
  readonly page: string | null
  readonly dryRun: boolean
  readonly url: URL
  readonly keyFile: string | null
  /** As they were typed, for the command that goes on. */
  readonly typed: readonly string[]
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
  const values = parse(argv)
  if (values.help) return null
  const { provider, url, page } = values
  const keyFile = values['key-file']
  if (!provider) throw usage('Which provider? For instance: npm run import -- --provider main')
  return {
    provider,
    page: page ?? null,
    dryRun: values['dry-run'],
    url: readUrl(url ?? `http://127.0.0.1:${env.PORT || 4000}`),
    keyFile: keyFile ?? null,
    typed: [
      ...['--provider', provider],
      ...(values['dry-run'] ? ['--dry-run'] : []),
      ...(url === undefined ? [] : ['--url', url]),
      ...(keyFile === undefined ? [] : ['--key-file', keyFile]),
    ],
  }
}

/** The command that goes on at a page; null: from the start. */
export function commandFor({ typed }: Options, page: string | null): string {
  const words = [...typed, ...(page === null ? [] : ['--page', page])]
  return ['npm run import --', ...words.map(quoted)].join(' ')
}

/** For a shell. */
function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`
}

function parse(argv: readonly string[]) {
  try {
    return parseArgs({
      args: [...argv],
      options: {
        provider: { type: 'string' },
        'dry-run': { type: 'boolean', default: false },
        page: { type: 'string' },
        url: { type: 'string' },
        'key-file': { type: 'string' },
        help: { type: 'boolean', default: false },
      },
    }).values
  } catch (error) {
    // Without the --, npm takes the options for its own and hands on what is left of them.
    throw usage(`${misread(error)} Mind the -- before the options: npm run import -- --provider <name>.`)
  }
}
