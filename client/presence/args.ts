// What the person typed, read and checked. Refuses to know files, the network and the gateway.

import { common, parsed, type Reach, reachOf } from '../terminal/options.ts'

/** Null: not given. */
export interface Options extends Reach {
  readonly provider: string | null
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
  const example = 'npm run presence -- --provider <name>'
  const values = parsed(argv, { provider: { type: 'string' }, ...common }, example)
  if (values.help) return null
  return { provider: values.provider ?? null, ...reachOf(values, env) }
}
