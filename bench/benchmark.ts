// What a benchmark is: a name, a sentence, and a run that comes back with tables. Knows none of them.

export interface Settings {
  /** Interleaved runs of each thing that is compared. */
  readonly rounds: number | null
  /** Length of one measured stretch. */
  readonly seconds: number | null
  /** Sizes to measure. */
  readonly logins: readonly number[] | null
  readonly watchers: number | null
  readonly minutes: number | null
  /** Link to a database that is filled already, so that seeding is left out. */
  readonly database: string | null
  /** Folder for CPU profiles of a stretch after each measured one. */
  readonly profile: string | null
  /** Told on standard error while it runs. */
  say(line: string): void
}

export interface Row {
  readonly label: string
  /** By column; all runs of it, or a text. */
  readonly cells: Readonly<Record<string, readonly number[] | string>>
}

export type Goal = {
  readonly what: string
  readonly reached: readonly number[]
} & ({ readonly atMost: number } | { readonly atLeast: number })

export interface Table {
  readonly title: string
  readonly rows: readonly Row[]
  readonly goals?: readonly Goal[]
  readonly notes?: readonly string[]
}

export interface Benchmark {
  readonly name: string
  /** What it answers, in one sentence. */
  readonly says: string
  /** Left out where no name is given: it takes long. */
  readonly onlyByName?: boolean
  run(settings: Settings): Promise<readonly Table[]>
}

/** `a, b, a, b …`: whatever drifts on a machine drifts under both. */
export const interleaved = async <Name extends string, Result>(
  rounds: number,
  names: readonly Name[],
  run: (name: Name, round: number) => Promise<Result>,
): Promise<Readonly<Record<Name, readonly Result[]>>> => {
  const results = Object.fromEntries(names.map(name => [name, [] as Result[]])) as Record<Name, Result[]>
  for (let round = 0; round < rounds; round++)
    for (const name of names) results[name].push(await run(name, round))
  return results
}
