// Keeps what is believed of signed-in accounts: asks the upstream for everybody at once, about once a minute, and one by one
// only for those in doubt. It knows when to ask and whom to believe; what is written is the store's.

import type { Followed } from '../db/presence-store.ts'
import type { Store } from '../db/store.ts'
import { type PresenceHint, presenceRules } from '../login/presence.ts'
import type { Millis } from '../login/vocabulary.ts'
import type { Provider, SignedInList } from '../provider/port.ts'
import type { Calls } from './calls.ts'
import { Doubts } from './doubts.ts'
import { every } from './every.ts'
import { CalledOffError, failureOf } from './failure.ts'
import type { Log } from './options.ts'
import { Pace } from './pace.ts'
import { Looks } from './presence-looks.ts'
import type { Time } from './time.ts'

/** About a minute apart, each by as much more or less, so that providers and instances do not ask in step. */
const betweenRounds = 60_000
const jitter = 6_000
const betweenTicks = 1_000
/** Looks after an end are owed by the half-minute. */
const ticksBetweenEnds = 5
/** Questions about one account. */
const betweenQuestions = 250
/** What is believed is written down again before it reads UNKNOWN, and no sooner. */
const confirmedFor = 110_000
const confirmedAtOnce = 5_000
const patienceForList = 30_000
const hour = 3_600_000
/** Names that a callback spoke of: a flood of them is made good by the next round. */
const hintsAtOnce = 1_000
const betweenHints = 30_000

export interface PresenceOptions {
  readonly store: Store
  readonly providers: ReadonlyMap<string, Provider>
  readonly calls: Calls
  readonly time: Time
  readonly log: Log
  /** 0: the upstream has no such rule. */
  readonly earlyDropSeconds: number
  /** `number`: of its newest change; 0: none is new. */
  readonly ring: (accountId: string, number: number) => void
  readonly background: (work: () => Promise<void>) => void
}

/** A sign-in whose first minutes are looked at. */
interface Early {
  readonly provider: string
  readonly began: Millis
  next: number
}

export class Presence {
  readonly #options: PresenceOptions
  readonly #doubts = new Doubts()
  readonly #paces = new Map<string, Pace>()
  readonly #looks: Looks
  /** By account. */
  readonly #early = new Map<string, Early>()
  readonly #hints = new Map<string, { readonly wcIds: Set<string>; readonly handles: Set<string> }>()
  /** When an account was last asked after because somebody said so, on this process's clock. */
  readonly #hinted = new Map<string, number>()
  readonly #nextRound = new Map<string, number>()
  readonly #underWay = new Set<string>()
  #chore: (() => Promise<void>) | null = null
  #stopped = false
  #ticks = 0
  /** Lists of everybody that were asked for. */
  lists = 0

  constructor(options: PresenceOptions) {
    this.#options = options
    const { time, providers } = options
    for (const name of providers.keys()) this.#paces.set(name, new Pace(time, betweenQuestions))
    this.#looks = new Looks({
      ...options,
      doubts: this.#doubts,
      turn: ({ name }, wanted) => this.#paces.get(name)?.turn(wanted) ?? Promise.resolve(false),
    })
  }

  /** Questions about single accounts so far. */
  get questions(): number {
    return this.#looks.questions
  }

  start(): void {
    const { time, log } = this.#options
    this.#chore = every(
      time,
      betweenTicks,
      () => this.#tick(),
      error =>
        log.error(
          { error: error instanceof Error ? error.name : 'unknown' },
          'Keeping presence failed; it is tried again',
        ),
    )
  }

  async stop(): Promise<void> {
    this.#stopped = true
    for (const pace of this.#paces.values()) pace.close()
    await this.#chore?.()
  }

  /** An account was signed in on this device just now, by a login or found. */
  signedIn(deviceId: string): void {
    this.#options.background(async () => {
      const followed = await this.#options.store.readFollowedOn(deviceId)
      if (followed === null) return
      this.#options.ring(followed.accountId, followed.number)
      this.#watchFirstMinutes(followed)
    })
  }

  /** A login began where somebody was believed to be, and found nobody: why is asked before its own sign-in makes that unknowable. */
  missedByLogin(deviceId: string, at: Millis): void {
    this.#options.background(async () => {
      const followed = await this.#options.store.readFollowedOn(deviceId)
      const provider = followed === null ? undefined : this.#options.providers.get(followed.provider)
      if (followed?.state !== 'ONLINE' || provider === undefined) return
      this.#doubts.missing(followed, at)
      this.#looks.look(provider, followed, 'LOGIN')
    })
  }

  /** Somebody says that it may have gone: it is looked at, soon and once. */
  hint({ provider, wcId, handle }: PresenceHint): void {
    if (!this.#options.providers.has(provider)) return
    const hints = this.#hints.get(provider) ?? { wcIds: new Set(), handles: new Set() }
    this.#hints.set(provider, hints)
    if (hints.wcIds.size + hints.handles.size >= hintsAtOnce) return
    if (wcId !== null) hints.wcIds.add(wcId)
    // The newest name of a sign-in is the account's; an old one says nothing of it.
    else if (handle !== null) hints.handles.add(handle)
  }

  /** Looks now. Throws ProviderError, GivenUpError or CalledOffError where nobody could be asked. */
  check(provider: string, accountId: string): Promise<void> {
    return this.#looks.check(provider, accountId)
  }

  // ------------------------------------------------------------ when

  async #tick(): Promise<void> {
    const { providers, time, store } = this.#options
    const now = time.now()
    for (const provider of providers.values()) {
      const at = this.#nextRound.get(provider.name)
      if (at === undefined) this.#nextRound.set(provider.name, now)
      if (at === undefined || at <= now) {
        this.#nextRound.set(provider.name, now + betweenRounds + (2 * Math.random() - 1) * jitter)
        this.#once(`round ${provider.name}`, () => this.#round(provider))
      }
    }
    this.#lookEarly(store.clock.now())
    await this.#lookWhereHinted(now)
    if (this.#ticks++ % ticksBetweenEnds === 0) this.#once('after an end', () => this.#looks.afterEnds())
  }

  async #round(provider: Provider): Promise<void> {
    const followed = await this.#options.store.readFollowed([provider.name])
    for (const each of followed) this.#watchFirstMinutes(each)
    if (followed.length > 0) await this.#askList(provider, followed)
  }

  /** S2:33. Those that are due together are asked for together. */
  #lookEarly(now: Millis): void {
    const due = new Map<string, string[]>()
    for (const [accountId, early] of this.#early) {
      const after = presenceRules.looksAfterSignIn[early.next]
      if (after === undefined) this.#early.delete(accountId)
      else if (early.began + after <= now) {
        early.next++
        due.set(early.provider, [...(due.get(early.provider) ?? []), accountId])
      }
    }
    for (const [name, accounts] of due) {
      const provider = this.#options.providers.get(name)
      if (provider !== undefined)
        this.#options.background(async () => {
          const followed = await this.#options.store.readFollowedOf({ provider: name, accounts })
          if (followed.length > 0) await this.#askList(provider, followed)
        })
    }
  }

  #watchFirstMinutes({ accountId, provider, signIn }: Followed): void {
    // S2:33 is about confirmations: nobody knows when one that was found began.
    if (signIn === null || !signIn.made || this.#early.get(accountId)?.began === signIn.began) return
    const age = this.#options.store.clock.now() - signIn.began
    const next = presenceRules.looksAfterSignIn.findIndex(after => after > age)
    if (next !== -1) this.#early.set(accountId, { provider, began: signIn.began, next })
  }

  async #lookWhereHinted(now: number): Promise<void> {
    for (const [account, at] of this.#hinted) if (at + betweenHints <= now) this.#hinted.delete(account)
    for (const [name, { wcIds, handles }] of [...this.#hints]) {
      this.#hints.delete(name)
      const provider = this.#options.providers.get(name)
      if (provider === undefined) continue
      const followed = await this.#options.store.readFollowedOf({
        provider: name,
        wcIds: [...wcIds],
        handles: [...handles],
      })
      for (const each of followed) {
        if (each.state !== 'ONLINE' || this.#hinted.has(each.accountId)) continue
        this.#hinted.set(each.accountId, now)
        this.#looks.look(provider, each, 'HINT')
      }
    }
  }

  // ------------------------------------------------------------ everybody at once

  async #askList(provider: Provider, followed: readonly Followed[]): Promise<void> {
    const { calls, store } = this.#options
    const asked = store.clock.now()
    let list: SignedInList
    this.lists++
    try {
      list = await calls.ask({ held: null, within: patienceForList }, signal => provider.listSignedIn(signal))
    } catch (error) {
      // Nothing changes, and what is believed grows old.
      if (!(error instanceof CalledOffError)) failureOf(error)
      return
    }
    const found = followed.map(each => {
      const told = list.find({ ...each, knownHandles: each.handle === null ? [] : [each.handle] })
      const renamed = told.online && told.handle !== null && told.handle !== each.handle
      return {
        each,
        listed: told.online,
        renamed,
        agrees: each.state === (told.online ? 'ONLINE' : 'OFFLINE'),
      }
    })
    // An empty list is how a broken upstream looks as well: it raises doubts and settles none.
    const isSomebodyListed = found.some(({ listed }) => listed)
    for (const { each, listed, renamed, agrees } of found) {
      if (listed || agrees) this.#doubts.clear(each)
      // P 2.1: the list is all that tells under which name an account is signed in now.
      if (listed && (!agrees || renamed)) this.#looks.meet(provider, each)
      if (!listed && !agrees) this.#missing(provider, each, asked, isSomebodyListed)
    }
    await this.#confirm(
      found.flatMap(({ each, agrees }) => (agrees ? [each] : [])),
      asked,
    )
  }

  #missing(provider: Provider, followed: Followed, asked: Millis, settles: boolean): void {
    if (followed.busy) return
    if (settles || !this.#doubts.isDoubted(followed)) this.#doubts.missing(followed, asked)
    // Nobody saw it there: two lists are enough, and there is no drop to ask the reason of.
    if (followed.state === 'UNKNOWN') this.#looks.neverThere(followed)
    else this.#looks.look(provider, followed, 'DOUBT')
  }

  /** In large parts, and each as seldom as may be: most of it is what was known. */
  async #confirm(followed: readonly Followed[], at: Millis): Promise<void> {
    const old = followed.filter(({ state, asOf }) => state !== 'UNKNOWN' && at - asOf >= confirmedFor)
    const groups = Map.groupBy(old, ({ state, asOf }) =>
      state === 'ONLINE' && isNewHour(asOf, at) ? 'SEEN' : state,
    )
    for (const [group, all] of groups) {
      const accounts = all.map(({ accountId }) => accountId)
      const seen = { state: group === 'SEEN' ? 'ONLINE' : group, at, seenSignedIn: group === 'SEEN' } as const
      for (let from = 0; from < accounts.length; from += confirmedAtOnce)
        await this.#options.store.confirmPresence({
          ...seen,
          accounts: accounts.slice(from, from + confirmedAtOnce),
        })
    }
  }

  #once(what: string, work: () => Promise<void>): void {
    if (this.#underWay.has(what) || this.#stopped) return
    this.#underWay.add(what)
    this.#options.background(() => work().finally(() => this.#underWay.delete(what)))
  }
}

/** Devices are said to have been seen once an hour: their rules count in days. */
const isNewHour = (before: Millis, now: Millis): boolean =>
  Math.floor(before / hour) !== Math.floor(now / hour)
