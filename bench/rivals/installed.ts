// The packages of the other servers. They stand in a package of their own, so that nobody installs them who does not
// measure; `graphql`, `ws` and `graphql-ws` are the gateway's, so that there is one of each.

import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'

const folder = fileURLToPath(new URL('.', import.meta.url))
const load = createRequire(import.meta.url)

/** Installs what is missing, once. Throws where the registry cannot be reached. */
export const installRivals = (say: (line: string) => void): void => {
  if (existsSync(`${folder}node_modules/.package-lock.json`)) return
  say('installing the servers that are compared (bench/rivals), once')
  execFileSync('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: folder,
    stdio: ['ignore', 'ignore', 'inherit'],
  })
}

/** As its types would say, as far as it is used. */
export const rival = <Exports>(name: string): Exports => load(name) as Exports
