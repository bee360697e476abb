// The command from its arguments to its exit status; the only assembly of this client. Streams, environment, signals, clock
// and pauses are handed in, so that tests run all of it. Refuses to know `process`.

import { setTimeout as sleep } from 'node:timers/promises'
import { type Around, commanded, languageOf } from '../terminal/command.ts'
import { type Credential, readCredential } from '../terminal/credential.ts'
import { asking } from '../terminal/gateway.ts'
import { plain } from '../terminal/plain.ts'
import { Refusal } from '../terminal/refusal.ts'
import { commandToGoOn, type Options, readArgs, USAGE, type Where } from './args.ts'
import { Unwritable } from './disk.ts'
import { Part } from './part.ts'
import { barOn, counted, linesTo, type Progress } from './progress.ts'
import { exporting } from './request.ts'
import { type Walk, type Walked, walk } from './walk.ts'

export interface Surroundings extends Around {
  /** Tests bring their own. */
  readonly pause?: Walk['pause']
  readonly now?: () => number
}

/** 0 the file is whole, 1 stopped in the middle, 2 refused before the first row, 130 interrupted. */
export type ExitStatus = 0 | 1 | 2 | 130

const usualOrder = 'STARTED_AT_ASC'
/** Milliseconds: a search among millions may say nothing for a while. */
const silentAtMost = 300_000
/** Milliseconds: without it there is a count in the place of a bar. */
const patienceForTotal = 10_000

export function run(around: Surroundings): Promise<ExitStatus> {
  return commanded(around, { readArgs, usage: USAGE, work: (options: Options) => exportAll(options, around) })
}

async function exportAll(options: Options, around: Surroundings): Promise<ExitStatus> {
  const { env, stdout, stderr } = around
  const now = around.now ?? (() => performance.now())
  const credential = await readCredential(options.keyFile, env)
  const part = await partFor(options)
  if (part === 'WHOLE' || part === 'NO_PART') {
    const out = plain(options.out)
    stdout.write(
      part === 'WHOLE' ? `${out} is whole already.\n` : `${out} is there, and no part of it to go on with.\n`,
    )
    return 0
  }
  const shown = { already: part.standing.rows, now }
  const drawn = stdout.isTTY === true && env.TERM !== 'dumb'
  const progress = drawn ? barOn(stdout, !env.NO_COLOR, shown) : linesTo(stdout, stderr, shown)
  const interrupted = new AbortController()
  const release = around.onInterrupt(() => interrupted.abort())
  const began = now()
  let walked: Walked
  try {
    walked = await written(options, part, progress, { around, credential, signal: interrupted.signal })
  } finally {
    interrupted.abort()
    progress.close()
    release()
    await part.close()
  }
  const { rows } = part.saved
  const time = `${counted(rows)} rows in ${((now() - began) / 1_000).toFixed(1)} s`
  if (walked.kind === 'DONE') {
    stdout.write(
      `${time}: ${plain(options.out)} is whole. Next: docs/export.md shows how to load it, and how to fetch what is newer.\n`,
    )
    return 0
  }
  const why = walked.kind === 'STOPPED' ? `: ${plain(walked.reason)}` : '.'
  stderr.write(`Stopped after ${time}${why}\nTo go on: ${plain(commandToGoOn(options))}\n`)
  return walked.kind === 'INTERRUPTED' ? 130 : 1
}

async function written(
  options: Options,
  part: Part,
  progress: Progress,
  {
    around,
    credential,
    signal,
  }: { readonly around: Surroundings; readonly credential: Credential; readonly signal: AbortSignal },
): Promise<Walked> {
  const { url, format } = options
  const { where, orderBy } = part.standing
  const language = languageOf(around.env)
  const total = asking({ url, credential, language, patience: patienceForTotal })
  void countOf(total, where, signal).then(count => count !== null && progress.expect(count))
  try {
    const ask = exporting({ url, credential, language, format, where, orderBy, patience: silentAtMost })
    const pause = around.pause ?? sleepOn
    const walked = await walk({ ask, part, format, watcher: progress, signal, pause })
    if (walked.kind === 'DONE') await part.finish()
    else await part.save()
    return walked
  } catch (error) {
    // A full disk is mended, and the rest fetched: what stands there is worth keeping.
    if (error instanceof Unwritable && part.standing.rows > 0) {
      await part.keep()
      return { kind: 'STOPPED', reason: error.message }
    }
    // Refused before the first row: nothing is left behind that the next try would have to be told of.
    if (!options.resume && part.standing.rows === 0) await part.discard()
    throw error
  }
}

/** As `Part.resume`, or a new one. */
async function partFor(options: Options): Promise<Part | 'WHOLE' | 'NO_PART'> {
  const { where, orderBy, resume, force } = options
  if (!resume) return await Part.begin(options, { where: where ?? {}, orderBy: orderBy ?? usualOrder }, force)
  const part = await Part.resume(options)
  if (part === 'WHOLE') return part
  if (part === 'NO_PART') {
    if (where === null && orderBy === null) return part
    throw new Refusal(
      'USAGE',
      `${options.out} is there, and nothing tells which logins it holds: leave --where and --order-by out, or name another file.`,
    )
  }
  const { standing } = part
  if ((where === null || isSame(where, standing.where)) && (orderBy ?? standing.orderBy) === standing.orderBy)
    return part
  await part.close()
  throw new Refusal(
    'USAGE',
    `${options.out}.part was begun with --where '${JSON.stringify(standing.where)}' --order-by ${standing.orderBy}: leave both out, or begin anew with --force.`,
  )
}

function isSame(one: Where, other: Where): boolean {
  const said = (where: Where) =>
    JSON.stringify(
      Object.keys(where)
        .sort()
        .map(key => [key, where[key]]),
    )
  return said(one) === said(other)
}

const COUNT = /* GraphQL */ `
  query CountLogins($where: LoginWhere) {
    logins(where: $where, first: 0) { totalCount }
  }
`

/** Null: it cannot be had, which is no reason not to begin. */
async function countOf(
  ask: ReturnType<typeof asking>,
  where: Where,
  signal: AbortSignal,
): Promise<number | null> {
  try {
    const { logins } = await ask<{ logins: { totalCount: number } }>(COUNT, { where }, signal)
    return logins.totalCount
  } catch {
    return null
  }
}

async function sleepOn(milliseconds: number, signal: AbortSignal): Promise<void> {
  await sleep(milliseconds, undefined, { signal }).catch(() => {})
}
