// A script of package.json as a process of its own: what it printed where, and its exit status.

import { execFile } from 'node:child_process'
import { resolve } from 'node:path'

const root = resolve(import.meta.dirname, '../..')

export interface Ended {
  readonly code: number
  readonly out: string
  readonly error: string
}

/** Nothing of this process's environment is handed on. */
export const command = (
  script: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<Ended> =>
  new Promise(done => {
    execFile(process.execPath, [`scripts/${script}.ts`, ...args], { cwd: root, env }, (failed, out, error) =>
      done({ code: typeof failed?.code === 'number' ? failed.code : 0, out, error }),
    )
  })
