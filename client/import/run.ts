// The command from its arguments to its exit status; the only assembly of this client. Streams, environment, signals and
// pauses are handed in, so that tests run all of it. Refuses to know `process`.

import { setTimeout as sleep } from 'node:timers/promises'
import { type Around, commanded, languageOf } from '../terminal/command.ts'
import { readCredential } from '../terminal/credential.ts'
import { asking } from '../terminal/gateway.ts'
import { plain } from '../terminal/plain.ts'
import { commandFor, type Options, readArgs, USAGE } from './args.ts'
import { pagesOf } from './pages.ts'
import { barOn, counted, linesTo } from './progress.ts'
import { type Totals, type Walk, type Walked, walk } from './walk.ts'

export interface Surroundings extends Around {
  /** Tests bring their own. */
  readonly pause?: Walk['pause']
}

/** 0 all pages read, 1 stopped at a page, 2 refused before the first, 130 interrupted. */
export type ExitStatus = 0 | 1 | 2 | 130

export function run(around: Surroundings): Promise<ExitStatus> {
  return commanded(around, { readArgs, usage: USAGE, work: (options: Options) => importAll(options, around) })
}

async function importAll(options: Options, around: Surroundings): Promise<ExitStatus> {
  const { env, stdout, stderr } = around
  const credential = await readCredential(options.keyFile, env)
  const language = languageOf(env)
  // A page may be long: the gateway waits ten seconds for the upstream, and writes all of it before it answers.
  const ask = asking({ url: options.url, credential, language, patience: 60_000 })
  const shown = { fromTheStart: options.page === null }
  const drawn = stdout.isTTY === true && env.TERM !== 'dumb'
  const progress = drawn ? barOn(stdout, !env.NO_COLOR, shown) : linesTo(stdout, stderr, shown)
  const interrupted = new AbortController()
  const release = around.onInterrupt(() => interrupted.abort())
  let walked: Walked
  try {
    walked = await walk({
      ask: pagesOf(ask, options),
      from: options.page,
      watcher: progress,
      signal: interrupted.signal,
      pause: around.pause ?? pause,
    })
  } finally {
    progress.close()
    release()
  }
  stdout.write(`${summary(walked.totals, options)}\n`)
  if (walked.kind === 'DONE') return 0
  for (const line of stopped(walked, options)) stderr.write(`${line}\n`)
  return walked.kind === 'INTERRUPTED' ? 130 : 1
}

function summary({ found, imported, known }: Totals, { dryRun, provider }: Options): string {
  const left = found - imported - known
  return [
    `Found ${counted(found)} on ${plain(provider)}: ${counted(imported)} ${dryRun ? 'would be imported' : 'imported'}, ${counted(known)} known`,
    ...(left === 0
      ? []
      : [`${counted(left)} left alone (another tenant's, or with a name that cannot be kept)`]),
  ]
    .join(', ')
    .concat(dryRun ? '. Nothing was written.' : '.')
}

function stopped(walked: Exclude<Walked, { kind: 'DONE' }>, options: Options): readonly string[] {
  const where = walked.page === null ? 'the first page' : `page ${plain(walked.page)}`
  const why = walked.kind === 'STOPPED' ? `: ${plain(walked.reason)}` : '.'
  return [
    `Stopped at ${where}${why}`,
    `To go on: ${plain(commandFor(options, walked.page))}`,
    'From the start is safe as well: what is known stays as it is.',
  ]
}

async function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  await sleep(milliseconds, undefined, { signal }).catch(() => {})
}
