// When: who is due, and nothing about who that is. Slots of ten milliseconds, one turn about forty seconds, one aligned
// timer for all of them, which rests while the wheel is empty.

import type { Time } from './time.ts'

/** What stands on a wheel carries its own place, so that nothing is allocated when it is put there. */
export interface OnWheel {
  due: number
  /** Number of the tick in whose slot it stands; `offWheel`: nowhere. */
  tick: number
}

export const offWheel = -1

export interface WheelOptions<Item extends OnWheel> {
  readonly time: Time
  /** Called once for each item, never before its moment. */
  readonly ready: (item: Item) => void
  readonly tick?: number
  readonly slots?: number
}

export class Wheel<Item extends OnWheel> {
  readonly #time: Time
  readonly #ready: (item: Item) => void
  readonly #length: number
  readonly #slots: Item[][]
  readonly #due: Item[] = []
  #now: number
  /** Entries in the slots, those of moved and dropped items included. */
  #entries = 0
  #cancel: (() => void) | null = null
  #stopped = false

  constructor({ time, ready, tick = 10, slots = 4096 }: WheelOptions<Item>) {
    this.#time = time
    this.#ready = ready
    this.#length = tick
    this.#slots = Array.from({ length: slots }, () => [])
    this.#now = Math.floor(time.now() / tick)
  }

  /** Puts it there, or moves it. `due` is a moment of the given time; one in the past means the next tick. */
  put(item: Item, due: number): void {
    if (this.#stopped) return
    if (this.#entries === 0) this.#now = Math.max(this.#now, Math.floor(this.#time.now() / this.#length))
    this.#place(item, due)
    this.#arm()
  }

  drop(item: Item): void {
    // Its entry stays in the slot and is known as stale by its tick when the slot comes up.
    item.tick = offWheel
    item.due = Number.POSITIVE_INFINITY
  }

  stop(): void {
    this.#stopped = true
    this.#cancel?.()
    this.#cancel = null
  }

  #place(item: Item, due: number): void {
    item.due = due
    // Rounded up: rounded to the nearest, something would be due up to five milliseconds early.
    const wanted = Math.ceil(due / this.#length)
    const tick = Math.min(Math.max(wanted, this.#now + 1), this.#now + this.#slots.length - 1)
    if (item.tick === tick) return
    item.tick = tick
    this.#slots[tick % this.#slots.length]?.push(item)
    this.#entries++
  }

  #arm(): void {
    if (this.#cancel !== null || this.#entries === 0 || this.#stopped) return
    const now = this.#time.now()
    const next = (Math.floor(now / this.#length) + 1) * this.#length
    // A timer cuts fractions off, and would then come before its tick.
    this.#cancel = this.#time.setTimer(Math.ceil(next - now), () => {
      this.#cancel = null
      this.#turn()
      this.#arm()
    })
  }

  #turn(): void {
    const now = this.#time.now()
    const due = this.#due
    for (const end = Math.floor(now / this.#length); this.#now < end && this.#entries > 0; ) {
      this.#now++
      const slot = this.#slots[this.#now % this.#slots.length]
      if (slot === undefined || slot.length === 0) continue
      this.#entries -= slot.length
      for (const item of slot) {
        if (item.tick !== this.#now) continue
        item.tick = offWheel
        // Further away than one turn, it was put as far ahead as the wheel reaches.
        if (item.due > now) this.#place(item, item.due)
        else due.push(item)
      }
      slot.length = 0
    }
    for (const item of due) if (item.tick === offWheel && item.due <= now) this.#ready(item)
    due.length = 0
  }
}
