// What every command of this client has around it: where it reads and writes, how it is stopped, and what a refusal looks like.
// Refuses to know what a command does.

import { plain } from './plain.ts'
import { Refusal, Unreachable } from './refusal.ts'
import type { Terminal } from './screen.ts'

export interface Around {
  readonly argv: readonly string[]
  readonly env: Readonly<Record<string, string | undefined>>
  readonly stdout: Terminal & { readonly isTTY?: boolean }
  readonly stderr: { write(text: string): unknown }
  /** Calls back at each signal to stop; answers with what takes that away. */
  readonly onInterrupt: (listener: () => void) => () => void
}

/** This process as what is around a command. Where whoever read it left (`| head`), nothing is to be said any more. */
export function aroundOf(process: NodeJS.Process): Around {
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error
    process.exit(141)
  })
  return {
    argv: process.argv.slice(2),
    env: process.env,
    stdout: process.stdout,
    stderr: process.stderr,
    onInterrupt: listener => {
      process.on('SIGINT', listener).on('SIGTERM', listener)
      return () => process.off('SIGINT', listener).off('SIGTERM', listener)
    },
  }
}

/** Its arguments, then its work: 0 where help was asked for, 2 where it was refused in a sentence. */
export async function commanded<Options, Status>(
  { argv, env, stdout, stderr }: Around,
  command: {
    readonly readArgs: (argv: Around['argv'], env: Around['env']) => Options | null
    readonly usage: string
    readonly work: (options: Options) => Promise<Status>
  },
): Promise<Status | 0 | 2> {
  try {
    const options = command.readArgs(argv, env)
    if (options !== null) return await command.work(options)
    stdout.write(`${command.usage}\n`)
    return 0
  } catch (error) {
    if (!(error instanceof Refusal || error instanceof Unreachable)) throw error
    stderr.write(`${plain(error.message)}\n`)
    return 2
  }
}

/** Of whoever sits here, by the usual variables. */
export function languageOf(env: Around['env']): 'zh' | 'en' {
  return /^zh/i.test(env.LC_ALL || env.LC_MESSAGES || env.LANG || '') ? 'zh' : 'en'
}
