// What a soak comes to so far: how logins ended, what was refused, and everything that went as it must not.

import type { Sat, Verdict } from './judge.ts'
import { storyOf } from './story.ts'

const examplesAtMost = 5

class Counts {
  readonly #counts = new Map<string, { count: number; readonly examples: string[] }>()

  add(name: string, example?: () => string): void {
    const known = this.#counts.get(name) ?? { count: 0, examples: [] }
    this.#counts.set(name, known)
    known.count++
    if (example !== undefined && known.examples.length < examplesAtMost) known.examples.push(example())
  }

  get total(): number {
    return [...this.#counts.values()].reduce((sum, { count }) => sum + count, 0)
  }

  list(): Readonly<Record<string, { readonly count: number; readonly examples: readonly string[] }>> {
    return Object.fromEntries([...this.#counts].sort(([, a], [, b]) => b.count - a.count))
  }
}

export class Tally {
  live = 0
  resumed = 0
  logins = 0
  events = 0
  readonly reasons = new Counts()
  readonly refusals = new Counts()
  readonly errors = new Counts()
  readonly wrong = new Counts()
  /** Looks wrong from where the upstream stands, and is what the design accepts. */
  readonly accepted = new Counts()
  readonly unconfirmed = new Counts()

  ended(loginId: string, sat: Sat, { wrong, accepted, unconfirmed }: Verdict): void {
    const { dialect, written, events } = sat
    this.logins++
    this.events += events.length
    const reason = written.outcome?.reason ?? 'NONE'
    this.reasons.add(`${dialect} ${written.state} ${reason}`)
    const story = () => storyOf(loginId, sat)
    for (const name of wrong) this.wrong.add(`${dialect}: ${name}`, story)
    for (const name of accepted) this.accepted.add(`${dialect}: ${name}`, story)
    if (unconfirmed !== null) this.unconfirmed.add(`${dialect} ${unconfirmed}`, story)
  }

  refused(what: string): void {
    this.refusals.add(what)
  }

  broke(error: unknown): void {
    const text = error instanceof Error ? error.message : String(error)
    this.errors.add(text.slice(0, 200))
  }

  /** Sent where there was no login. */
  strayed(what: string): void {
    this.wrong.add(what)
  }

  told() {
    const { live, resumed, logins, events } = this
    return {
      live,
      resumed,
      logins,
      events,
      reasons: this.reasons.list(),
      refusals: this.refusals.list(),
      errors: this.errors.list(),
      wrong: this.wrong.list(),
      accepted: this.accepted.list(),
      unconfirmed: this.unconfirmed.list(),
    }
  }
}

export type Told = ReturnType<Tally['told']>
