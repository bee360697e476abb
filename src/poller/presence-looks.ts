// Questions about one account: is it there, why is it not, who is. Each waits for its turn, and each believes what was read
// after that turn came.

import type { DueLook, Followed } from '../db/presence-store.ts'
import type { Store } from '../db/store.ts'
import { dropTagsOf, type PresenceReason } from '../login/presence.ts'
import type { Millis } from '../login/vocabulary.ts'
import { type Provider, ProviderError, type Target } from '../provider/port.ts'
import type { Calls } from './calls.ts'
import type { Doubts } from './doubts.ts'
import { CalledOffError, GivenUpError } from './failure.ts'

const patience = 10_000
/** A look after an end that nobody could answer is given up then. */
const lookedFor = 300_000

export interface LooksOptions {
  readonly store: Store
  readonly providers: ReadonlyMap<string, Provider>
  readonly calls: Calls
  readonly doubts: Doubts
  readonly earlyDropSeconds: number
  readonly ring: (accountId: string, number: number) => void
  readonly background: (work: () => Promise<void>) => void
  /** False: the poller stops, or it was not `wanted` any more when it came. */
  readonly turn: (provider: Provider, wanted?: () => boolean) => Promise<boolean>
}

export class Looks {
  readonly #options: LooksOptions
  /** By account: one at a time. */
  readonly #underWay = new Map<string, Promise<void>>()
  #questions = 0

  constructor(options: LooksOptions) {
    this.#options = options
  }

  get questions(): number {
    return this.#questions
  }

  /** Is it there? Until two answers agree, or one says yes. For a doubt that is over when its turn comes, nobody is asked. */
  look(provider: Provider, { accountId }: Followed, because: 'DOUBT' | 'HINT' | 'LOGIN'): void {
    this.#soon(accountId, () => this.#look(provider, accountId, because))
  }

  /** It was taken over as one that is not signed in. */
  neverThere(followed: Followed): void {
    const { store, doubts, ring } = this.#options
    const missed = doubts.missedAt(followed)
    if (missed === null || !doubts.isGone(followed)) return
    this.#soon(followed.accountId, async () => {
      const number = await store.recordGone({ followed, missed, reason: null, words: null, dropTags: [] })
      doubts.clear(followed)
      if (number !== null) ring(followed.accountId, number)
    })
  }

  /** Somebody is signed in where nobody was believed to be, or under another name. */
  meet(provider: Provider, { accountId, state, handle }: Followed): void {
    this.#soon(accountId, async () => {
      if (!(await this.#options.turn(provider))) return
      const followed = await this.#read(provider, accountId)
      if (followed === null) return
      const isNews = followed.state !== 'ONLINE' || (state === 'ONLINE' && followed.handle === handle)
      if (isNews) await this.#meet(provider, followed)
    })
  }

  /** At once, for somebody who waits. Throws ProviderError, GivenUpError or CalledOffError. */
  async check(name: string, accountId: string): Promise<void> {
    const provider = this.#options.providers.get(name)
    if (provider === undefined) throw notConfigured()
    await this.#underWay.get(accountId)?.catch(() => {})
    await this.#look(provider, accountId, 'CHECK')
  }

  /** S2: whoever confirmed behind the end of a login. */
  async afterEnds(): Promise<void> {
    const { providers, background } = this.#options
    for (const due of await this.#due()) {
      const provider = providers.get(due.provider)
      const key = `${due.deviceId} after its login`
      if (provider === undefined || this.#underWay.has(key)) continue
      const work = this.#lookAfterEnd(provider, due).finally(() => this.#underWay.delete(key))
      this.#underWay.set(key, work)
      background(() => work)
    }
  }

  #soon(accountId: string, work: () => Promise<void>): void {
    if (this.#underWay.has(accountId)) return
    const done = work()
      .catch(error => {
        // Not being able to ask is not being offline: the next round raises the doubt anew.
        if (!isFailure(error)) throw error
      })
      .finally(() => this.#underWay.delete(accountId))
    this.#underWay.set(accountId, done)
    this.#options.background(() => done)
  }

  async #look(
    provider: Provider,
    accountId: string,
    because: 'DOUBT' | 'HINT' | 'LOGIN' | 'CHECK',
  ): Promise<void> {
    const { store, doubts, turn } = this.#options
    // The phone forgets why with the next sign-in (P 3.2), which a login under way is about to make.
    const inTurn = because !== 'CHECK' && because !== 'LOGIN'
    const wanted = () => because !== 'DOUBT' || doubts.has(accountId)
    for (;;) {
      if (inTurn && !(await turn(provider, wanted))) return
      const followed = await this.#read(provider, accountId)
      // What is under way there tells more.
      if (followed === null || (followed.busy && because !== 'LOGIN')) return
      if (because === 'DOUBT' && !doubts.isDoubted(followed)) return
      if (doubts.isGone(followed)) return await this.#gone(provider, followed, inTurn)
      const asked = store.clock.now()
      const isThere = await this.#ask(signal => provider.isSignedIn(targetOf(followed), signal))
      if (isThere) {
        doubts.clear(followed)
        return followed.state === 'ONLINE'
          ? await this.#confirm(followed, asked)
          : await this.#meet(provider, followed)
      }
      if (followed.state === 'OFFLINE') return await this.#confirm(followed, asked)
      doubts.missing(followed, asked)
    }
  }

  /** Two answers agree. Why is asked once, while it can be (P 3.2). */
  async #gone(provider: Provider, followed: Followed, inTurn: boolean): Promise<void> {
    const { store, doubts, earlyDropSeconds, ring } = this.#options
    const told = await this.#reason(provider, followed, inTurn)
    const missed = doubts.missedAt(followed)
    if (told === null || missed === null) return
    const { reason, words } = told
    const { signIn, probationUntil } = followed
    const dropTags =
      signIn === null
        ? []
        : dropTagsOf(
            {
              reason: reason ?? 'OTHER',
              began: signIn.made ? signIn.began : null,
              missed,
              probationUntil,
            },
            earlyDropSeconds,
          )
    const number = await store.recordGone({ followed, missed, reason, words, dropTags })
    doubts.clear(followed)
    if (number !== null) ring(followed.accountId, number)
  }

  /** Null: it is not gone after all, or not known yet. */
  async #reason(
    provider: Provider,
    followed: Followed,
    inTurn: boolean,
  ): Promise<{ readonly reason: PresenceReason | null; readonly words: string | null } | null> {
    const { doubts, turn } = this.#options
    if (inTurn && !(await turn(provider))) return null
    try {
      const told = await this.#ask(signal => provider.offlineReason(targetOf(followed), signal))
      if (told.kind === 'TOLD') return told
      return doubts.contradicted(followed) ? { reason: 'NO_POPUP', words: null } : null
    } catch (error) {
      if (!isFailure(error)) throw error
      if (error instanceof CalledOffError) return null
      return doubts.reasonFailed(followed) ? { reason: null, words: null } : null
    }
  }

  async #meet(provider: Provider, followed: Followed): Promise<void> {
    const { store } = this.#options
    if (followed.busy) return
    const began = store.clock.now()
    const profile = await this.#ask(signal => provider.whoIsSignedIn(targetOf(followed), signal))
    if (profile === null) return
    const at = store.clock.now()
    if (await store.recordFound({ deviceId: followed.deviceId, profile, began, at, by: 'LIST' }))
      await this.#ringWhoIsOn(followed.deviceId)
  }

  async #lookAfterEnd(provider: Provider, due: DueLook): Promise<void> {
    const { store, turn } = this.#options
    if (!(await turn(provider))) return
    // Whoever took the device meanwhile looks for itself, and has a prompt out that this question could complete (S2:18).
    const isOwed = (await this.#due()).some(
      ({ deviceId, due: at }) => deviceId === due.deviceId && at === due.due,
    )
    if (!isOwed) return
    const { code: _, ...target } = due.target
    const began = store.clock.now()
    try {
      const profile = await this.#ask(signal =>
        provider.whoIsSignedIn({ ...target, handle: due.handle }, signal),
      )
      if (profile !== null) {
        const at = store.clock.now()
        const found = { deviceId: due.deviceId, profile, began, at, by: 'AFTER_END' as const }
        if (await store.recordFound(found)) await this.#ringWhoIsOn(due.deviceId)
      }
    } catch (error) {
      if (!isFailure(error)) throw error
      if (store.clock.now() - due.due < lookedFor) return
    }
    await store.lookDone(due)
  }

  #due(): Promise<readonly DueLook[]> {
    const { store, providers } = this.#options
    return store.readDueLooks(store.clock.now(), [...providers.keys()])
  }

  async #confirm({ accountId, state }: Followed, at: Millis): Promise<void> {
    const { store, ring } = this.#options
    await store.confirmPresence({ accounts: [accountId], state, at, seenSignedIn: state === 'ONLINE' })
    ring(accountId, 0)
  }

  async #ringWhoIsOn(deviceId: string): Promise<void> {
    const { store, ring } = this.#options
    const followed = await store.readFollowedOn(deviceId)
    if (followed !== null) ring(followed.accountId, followed.number)
  }

  async #read({ name }: Provider, accountId: string): Promise<Followed | null> {
    const [followed = null] = await this.#options.store.readFollowedOf({
      provider: name,
      accounts: [accountId],
    })
    return followed
  }

  #ask<Answer>(send: (signal: AbortSignal) => Promise<Answer>): Promise<Answer> {
    this.#questions++
    return this.#options.calls.ask({ held: null, within: patience }, send)
  }
}

const isFailure = (error: unknown): boolean =>
  error instanceof ProviderError || error instanceof GivenUpError || error instanceof CalledOffError

const notConfigured = (): ProviderError =>
  new ProviderError({ kind: 'UNREACHABLE', sent: false, answered: false })

/** By its names alone: nothing that is asked here needs more. */
const targetOf = ({ upstreamId, wcId, handle }: Followed): Target => ({
  upstreamId,
  deviceType: 'IPAD',
  province: null,
  city: null,
  proxy: null,
  ttuid: null,
  wcId,
  handle,
  knownHandles: handle === null ? [] : [handle],
})
