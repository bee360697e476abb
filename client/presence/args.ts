// What the person typed, read and checked. Refuses to know files, the network and the gateway.

import { parseArgs } from 'node:util'
import { misread, readUrl, usage } from '../terminal/args.ts'

/** Null: not given. */
export interface Options {
  readonly provider: string | null
  readonly url: URL
  readonly keyFile: string | null
}

export const USAGE = `npm run presence [-- options]

Shows which accounts are signed in, those that are not first, and follows every change until Ctrl-C.

  --provider <name>  only the accounts of this upstream
  --url <address>    of the gateway (default http://127.0.0.1:4000)
  --key-file <path>  a file with a key (default: GATEHOUSE_ADMIN_KEY, else admin.key in DATA_DIR or .data)
  --help             this text

Without a terminal it prints one line per account as it stands, then one per change.

Exit status: 0 left by Ctrl-C, 2 refused, or nothing answered at the start.`

/** Null: help was asked for. Throws Refusal (USAGE) with one sentence. `env.PORT` moves the default address. */
export function readArgs(
  argv: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): Options | null {
  const values = parse(argv)
  if (values.help) return null
  return {
    provider: values.provider ?? null,
    url: readUrl(values.url ?? `http://127.0.0.1:${env.PORT || 4000}`),
    keyFile: values['key-file'] ?? null,
  }
}

function parse(argv: readonly string[]) {
  try {
    return parseArgs({
      args: [...argv],
      options: {
        provider: { type: 'string' },
        url: { type: 'string' },
        'key-file': { type: 'string' },
        help: { type: 'boolean', default: false },
      },
    }).values
  } catch (error) {
    // Without the --, npm takes the options for its own and hands on what is left of them.
    throw usage(`${misread(error)} Mind the -- before the options: npm run presence -- --provider <name>.`)
  }
}
