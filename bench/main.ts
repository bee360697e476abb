// `npm run bench`: runs the benchmarks that are named, or all but the long ones, and prints what they found.

import { cpus, release } from 'node:os'
import { parseArgs } from 'node:util'
import type { Benchmark, Settings, Table } from './benchmark.ts'
import { exportBenchmark } from './export.ts'
import { history } from './history.ts'
import { latency } from './latency.ts'
import { longPolls } from './long-polls.ts'
import { polling } from './polling.ts'
import { presence } from './presence.ts'
import { record } from './record.ts'
import { soak } from './soak.ts'
import { coresMissing, moveTo } from './support/cores.ts'
import { say } from './support/say.ts'
import { printed } from './support/table.ts'
import { watch } from './watch.ts'
import { watchCrowd } from './watch-crowd.ts'

const benchmarks: readonly Benchmark[] = [
  polling,
  longPolls,
  watch,
  watchCrowd,
  latency,
  record,
  presence,
  exportBenchmark,
  history,
  soak,
]

const help = `Measures this gateway beside bare baselines. Progress on standard error, tables on standard output.

  npm run bench [-- <name>... options]

${benchmarks.map(({ name, says, onlyByName }) => `  ${name.padEnd(12)} ${says}${onlyByName ? ' (only by name)' : ''}`).join('\n')}

  --rounds <number>      interleaved runs of each (each benchmark has its own default)
  --seconds <number>     length of one measured stretch
  --logins <a,b,...>     sizes
  --watchers <number>    watch-crowd: how many
  --minutes <number>     soak: how long
  --database <link>      history: one that \`npm run seed\` has filled, in place of seeding one
  --profile <folder>     CPU profiles of a stretch after each measured one
  --json                 every figure of every run, as JSON in the place of the tables
  --help                 this

See bench/README.md for the method.
`

const refuse = (sentence: string): never => {
  process.stderr.write(`${sentence}\n`)
  process.exit(1)
}

const read = () => {
  try {
    return parseArgs({
      allowPositionals: true,
      options: {
        rounds: { type: 'string' },
        seconds: { type: 'string' },
        logins: { type: 'string' },
        watchers: { type: 'string' },
        minutes: { type: 'string' },
        database: { type: 'string' },
        profile: { type: 'string' },
        json: { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
      },
    })
  } catch (error) {
    return refuse(`${error instanceof Error ? error.message : String(error)} Try --help.`)
  }
}

const { values, positionals } = read()
if (values.help) {
  process.stdout.write(help)
  process.exit(0)
}

const number = (name: string, text: string | undefined): number | null => {
  if (text === undefined) return null
  const value = Number(text)
  if (!(value > 0) || !Number.isFinite(value)) refuse(`--${name} must be a number above 0, not ${text}.`)
  return value
}

const whole = (name: string, text: string | undefined): number | null => {
  const value = number(name, text)
  if (value !== null && !Number.isInteger(value)) refuse(`--${name} must be a whole number, not ${text}.`)
  return value
}

for (const name of positionals)
  if (!benchmarks.some(benchmark => benchmark.name === name))
    refuse(
      `There is no benchmark ${name}. There are: ${benchmarks.map(benchmark => benchmark.name).join(', ')}.`,
    )

const settings: Settings = {
  rounds: whole('rounds', values.rounds),
  seconds: number('seconds', values.seconds),
  logins: values.logins?.split(',').map(text => whole('logins', text) ?? 0) ?? null,
  watchers: whole('watchers', values.watchers),
  minutes: number('minutes', values.minutes),
  database: values.database ?? null,
  profile: values.profile ?? null,
  say,
}
const chosen = benchmarks.filter(({ name, onlyByName }) =>
  positionals.length === 0 ? onlyByName !== true : positionals.includes(name),
)

// Ended by a signal, it still ends what it started.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130))

moveTo('LOAD')
if (coresMissing !== null) settings.say(coresMissing)
const machine = `${cpus()[0]?.model ?? 'unknown'}, ${cpus().length} cores, Linux ${release()}, Node ${process.version}`
const results: { readonly benchmark: string; readonly tables: readonly Table[] }[] = []
for (const benchmark of chosen) {
  settings.say(`${benchmark.name}: ${benchmark.says}`)
  const tables = await benchmark.run(settings)
  results.push({ benchmark: benchmark.name, tables })
  if (!values.json) for (const table of tables) process.stdout.write(`${printed(table)}\n`)
}
if (values.json) process.stdout.write(`${JSON.stringify({ machine, results }, null, 2)}\n`)
else process.stdout.write(`${machine}\n`)
