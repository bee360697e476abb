// The command from its arguments to its exit status; the only assembly. Streams, environment and signals are handed in, so that tests
// run all of it. Refuses to know `process`.

import { DatabaseError, DatabaseUnusableError, databaseError } from '../src/db/errors.ts'
import { connect, type Engine } from '../src/db/open-store.ts'
import { type Options, readArgs, UsageError, usage } from './args.ts'
import { nextSteps } from './next.ts'
import { counted, lasting, progressOn, type Screen } from './progress.ts'
import { NotEmptyError, type Seeded, seedHistory } from './seed.ts'

export interface Around {
  readonly argv: readonly string[]
  readonly env: Readonly<Record<string, string | undefined>>
  readonly stdout: { write(text: string): unknown }
  readonly stderr: Screen
  /** Calls back at each Ctrl-C; what it returns stops that. */
  onInterrupt(callback: () => void): () => void
}

/** 0 done, 1 failed, 2 refused, 130 interrupted. */
export type ExitStatus = 0 | 1 | 2 | 130

export const run = async (around: Around): Promise<ExitStatus> => {
  const { stdout, stderr } = around
  const interrupted = new AbortController()
  const course = { committed: false }
  const release = around.onInterrupt(() => interrupted.abort())
  try {
    const options = readArgs(around.argv, Date.now())
    if (options === null) {
      stdout.write(`${usage}\n`)
      return 0
    }
    const begun = performance.now()
    const engine = engineOf(around.env)
    const seeded = await seedAt(engine, options, {
      stderr,
      signal: interrupted.signal,
      course,
    })
    const seconds = (performance.now() - begun) / 1_000
    stdout.write(`${summary(seeded, seconds, options)}\n${nextSteps(engine)}\n`)
    return 0
  } catch (thrown) {
    return told(thrown, course, stderr)
  } finally {
    release()
  }
}

/** Whether the history stands, whatever happens from then on. */
interface Course {
  committed: boolean
}

const told = (thrown: unknown, { committed }: Course, stderr: Screen): ExitStatus => {
  if (thrown instanceof Error && thrown.name === 'AbortError') {
    stderr.write('Interrupted: nothing was written. The same command begins anew.\n')
    return 130
  }
  if (thrown instanceof UsageError || thrown instanceof DatabaseUnusableError) {
    stderr.write(`${thrown.message}\n`)
    return 2
  }
  if (thrown instanceof NotEmptyError) {
    stderr.write(
      'This database holds logins already, and they may be real: name another one in DATABASE_URL or DATA_DIR, or add --into-existing to write beside them.\n',
    )
    return 2
  }
  if (thrown instanceof DatabaseError && committed) {
    stderr.write(
      `${thrown.message} (${thrown.code ?? 'no code'}). The history is written; what is left is done by the gateway once it runs.\n`,
    )
    return 1
  }
  if (thrown instanceof DatabaseError) {
    stderr.write(`${whyNot(thrown)} Nothing was written.\n`)
    return 1
  }
  throw thrown
}

const whyNot = (error: DatabaseError): string => {
  if (error.code === '23505' && error.constraint?.includes('_pk') === true)
    return 'This very history is there already: another --seed, --until or --providers gives another one.'
  if (error.code === '55P03')
    return 'Others are at the events for long, such as another seed or a dump: try again when that is done.'
  return `${error.message} (${error.code ?? 'no code'}).`
}

/** As for the gateway: an empty variable is an unset one. */
const engineOf = (env: Around['env']): Engine => {
  const read = (name: string) => env[name]?.trim() || null
  const url = read('DATABASE_URL')
  if (url === null) return { kind: 'pglite', dataDir: read('DATA_DIR') ?? '.data' }
  if (!/^postgres(?:ql)?:\/\//.test(url) || !URL.canParse(url))
    throw new UsageError('DATABASE_URL must be a link such as postgres://user@host/gatehouse.')
  const directUrl = read('DATABASE_DIRECT_URL')
  return { kind: 'postgres', url, ...(directUrl === null ? {} : { directUrl }) }
}

const seedAt = async (
  engine: Engine,
  { until, ...options }: Options,
  { stderr, signal, course }: { stderr: Screen; signal: AbortSignal; course: Course },
): Promise<Seeded> => {
  const { connection, lock } = await connect(engine)
  const shown = progressOn(stderr, options.logins)
  const progress: typeof shown = {
    ...shown,
    phase: name => {
      course.committed ||= name === 'ANALYZING'
      shown.phase(name)
    },
  }
  try {
    await connection.migrate()
    return await seedHistory({
      ...options,
      connection,
      progress,
      signal,
      ...(until === null ? {} : { until }),
    })
  } catch (error) {
    throw databaseError(error)
  } finally {
    progress.close()
    await connection.close()
    await lock?.release()
  }
}

const dateOf = (at: number): string => new Date(at).toISOString().slice(0, 10)

const summary = (seeded: Seeded, seconds: number, { tenant }: Options): string =>
  `Wrote ${counted(seeded.logins)} logins with ${counted(seeded.events)} events on ${counted(seeded.devices)} devices, and ${counted(seeded.accounts)} accounts, in ${lasting(seconds)}: ${dateOf(seeded.from)} to ${dateOf(seeded.until)}${tenant === 'default' ? '' : `, tenant ${tenant}`}.`
