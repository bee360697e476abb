/**
 * Named moments: what just happened on a device, counted, so that a test can wait for "the third poll" without sleeping.
 * Refuses to know what a moment means.
 */
import type { Endpoint } from './endpoints.ts'

/**
 * What a script or a test can wait for. `scanSeen`: the first poll that told of a scan; `polled`: a confirming poll was answered as meant.
 * `codeTold`, `sliderTold`: an answer that asks for a code or shows a slider got through (`ipad`).
 */
export const HAPPENINGS = [
  'created',
  'reset',
  'recycled',
  'qrIssued',
  'qrFetched',
  'scanned',
  'scanSeen',
  'confirmed',
  'declined',
  'qrDied',
  'codeShown',
  'codeWrong',
  'codeVoid',
  'codeAccepted',
  'newDeviceShown',
  'codeTold',
  'sliderTold',
  'sliderSolved',
  'pushShown',
  'pushRefused',
  'pushLapsed',
  'signedIn',
  'wentOffline',
  'loggedOut',
  'calledBack',
  'tokenDied',
  'polled',
] as const

export type Happening = (typeof HAPPENINGS)[number]
export type Moment = Happening | `asked:${Endpoint}` | `answered:${Endpoint}`

/** One moment on one device (`*`: on none in particular), and how many of its kind there have been there. */
export type MomentSeen = { readonly moment: Moment; readonly deviceId: string; readonly count: number }

export type MomentListener = (seen: MomentSeen) => void

type Waiter = {
  readonly moment: Moment
  readonly deviceId: string
  readonly count: number
  readonly ring: () => void
}

/** Counts moments and rings whoever waits for one. Waiting for what has happened already answers at once. */
export class Moments {
  readonly #counts = new Map<string, Map<Moment, number>>()
  readonly #listeners = new Set<MomentListener>()
  #waiters: Waiter[] = []
  #predicates: { readonly test: () => boolean; readonly ring: () => void }[] = []

  /** Called on the hot path: two map look-ups where nobody waits. */
  emit(moment: Moment, deviceId: string): void {
    let counts = this.#counts.get(deviceId)
    if (counts === undefined) {
      counts = new Map()
      this.#counts.set(deviceId, counts)
    }
    const count = (counts.get(moment) ?? 0) + 1
    counts.set(moment, count)
    for (const listener of this.#listeners) listener({ moment, deviceId, count })
    if (this.#waiters.length > 0) this.#ring(moment, deviceId, count)
    this.check()
  }

  count(moment: Moment, deviceId: string): number {
    return this.#counts.get(deviceId)?.get(moment) ?? 0
  }

  /** Every count of a device, for the control API. */
  counts(deviceId: string): Readonly<Record<string, number>> {
    return Object.fromEntries(this.#counts.get(deviceId) ?? [])
  }

  /** Resolves once `moment` has happened `count` times on that device since the simulator started. */
  when(moment: Moment, deviceId: string, count = 1): Promise<void> {
    if (this.count(moment, deviceId) >= count) return Promise.resolve()
    return new Promise(ring => this.#waiters.push({ moment, deviceId, count, ring }))
  }

  /** Resolves once `test` is true; it is tried now, and after every moment and change. */
  until(test: () => boolean): Promise<void> {
    if (test()) return Promise.resolve()
    return new Promise(ring => this.#predicates.push({ test, ring }))
  }

  /** Tries every waiting predicate: something changed that is no moment. */
  check(): void {
    if (this.#predicates.length === 0) return
    const kept = this.#predicates.filter(waiting => {
      if (!waiting.test()) return true
      waiting.ring()
      return false
    })
    this.#predicates = kept
  }

  listen(listener: MomentListener): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  #ring(moment: Moment, deviceId: string, count: number): void {
    this.#waiters = this.#waiters.filter(waiter => {
      if (waiter.moment !== moment || waiter.deviceId !== deviceId || waiter.count > count) return true
      waiter.ring()
      return false
    })
  }
}
