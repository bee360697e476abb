// What the long run is asked and what it gives back. Knows nothing of how a table is printed.

export interface SoakOptions {
  /** How many are under way; null: 2,000. */
  readonly logins: readonly number[] | null
  readonly minutes: number | null
  /** Told while it runs. */
  progress(text: string): void
}

export interface SoakReport {
  readonly title: string
  readonly columns: readonly string[]
  readonly rows: readonly (readonly string[])[]
  readonly notes: readonly string[]
  /** Every sample. */
  readonly json: unknown
}
