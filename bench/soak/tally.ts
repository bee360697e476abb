// What a soak comes to so far: how logins ended, what was refused, and everything that went as it must not.

import type { Sat, Verdict } from './judge.ts'

const examplesAtMost = 5

class Counts {
  readonly #counts = new Map<string, { count: number; readonly examples: string[] }>()

  add(name: string, example?: string): void {
    const known = this.#counts.get(name) ?? { count: 0, examples: [] }
    this.#counts.set(name, known)
    known.count++
    if (example !== undefined && known.examples.length < examplesAtMost) known.examples.push(example)
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
  readonly unconfirmed = new Counts()
  readonly pollsAfterSuccess = new Counts()

  ended(loginId: string, sat: Sat, { wrong, unconfirmed }: Verdict): void {
    const { dialect, plan, strategy, written, events, calls } = sat
    this.logins++
    this.events += events.length
    const reason = written.outcome?.reason ?? 'NONE'
    this.reasons.add(`${dialect} ${written.state} ${reason}`)
    const story = () =>
      `${loginId} ${dialect} ${strategy} ${plan}: ${events.map(({ __typename }) => __typename).join(' ')} ${reason}; ${calls.map(({ endpoint, fault, began, ended }) => `${endpoint}@${Math.round(began)}+${ended === null ? '…' : Math.round(ended - began)}${fault === null ? '' : `!${fault}`}`).join(' ')}`
    for (const name of wrong) this.wrong.add(`${dialect}: ${name}`, story())
    if (unconfirmed !== null) this.unconfirmed.add(`${dialect} ${unconfirmed}`, story())
  }

  refused(what: string): void {
    this.refusals.add(what)
  }

  broke(error: unknown): void {
    const text = error instanceof Error ? error.message : String(error)
    this.errors.add(text.slice(0, 200))
  }

  polledAfterSuccess(where: string, loginId: string, polls: number): void {
    this.pollsAfterSuccess.add(where, `${loginId}: ${polls}`)
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
      unconfirmed: this.unconfirmed.list(),
      pollsAfterSuccess: this.pollsAfterSuccess.list(),
    }
  }
}

export type Told = ReturnType<Tally['told']>
