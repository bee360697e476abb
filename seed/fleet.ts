// The devices of a history: they come one by one, some are used more than others, labels and exits change, and now and
// then one is given up. Knows nothing of logins.

import type { Millis } from '../src/login/vocabulary.ts'
import { day, hour, minute, type Quota } from './calendar.ts'
import { type Device, moveExit, registerDevice, rename, retire } from './device.ts'
import type { ProviderName } from './dialect.ts'
import { type Person, somebody } from './person.ts'
import { type Random, randomFrom } from './random.ts'
import type { Rows } from './rows.ts'

export interface FleetWish {
  readonly seed: string
  readonly tenant: string
  readonly providers: readonly ProviderName[]
  readonly days: number
  /** How many are planned; where all are busy more are registered. */
  readonly devices: number
  /** Milliseconds since 1970. */
  readonly from: Millis
  readonly last: Millis
}

export class Fleet {
  readonly #wish: FleetWish
  readonly #people: Random
  readonly #all: Device[] = []
  readonly #byId = new Map<string, Device>()
  /** Those that nobody has given up. */
  readonly #active: Device[] = []
  /** When devices are registered, the next one last. */
  readonly #arrivals: Millis[]

  constructor(wish: FleetWish) {
    this.#wish = wish
    this.#people = randomFrom(`${wish.seed}/people`)
    this.#arrivals = arrivalsOf(wish)
  }

  get all(): readonly Device[] {
    return this.#all
  }

  byId(id: string): Device | undefined {
    return this.#byId.get(id)
  }

  /** Registers those that have come by then. */
  arrive(rows: Rows, at: Millis): void {
    while ((this.#arrivals.at(-1) ?? Number.POSITIVE_INFINITY) <= at)
      this.register(rows, this.#arrivals.pop() ?? at)
  }

  register(rows: Rows, at: Millis): Device {
    const provider = this.#people.pick(this.#wish.providers)
    const device = registerDevice(this.#people, { tenant: this.#wish.tenant, rows }, provider, at)
    this.#all.push(device)
    this.#byId.set(device.row.id, device)
    this.#active.push(device)
    return device
  }

  /** Where somebody signs in next. Null: there is none, or its second try is due. */
  somewhere(random: Random): Device | null {
    if (this.#active.length === 0) return null
    const index = Math.floor(random.next() ** 1.25 * this.#active.length)
    const device = this.#active[index]
    return device === undefined || device.awaited ? null : device
  }

  /** Who scans though another account is meant: mostly nobody that was seen before, now and then somebody of another device. */
  stranger(random: Random, device: Device, at: Millis): Person {
    const other = this.#active.length > 0 && random.chance(0.3) ? random.pick(this.#active) : null
    const isFree =
      other !== null &&
      other !== device &&
      other.provider === device.provider &&
      !other.awaited &&
      other.free < at &&
      other.person.free < at &&
      other.person.wcId !== device.row.knownWcId
    return isFree ? other.person : somebody(this.#people, device.provider)
  }

  /** Once a day: labels, exits, devices that are given up. */
  housekeeping(random: Random, rows: Rows, { from }: Quota): void {
    const some = (share: number) => {
      const count = (this.#active.length * share) / this.#wish.days
      return Math.floor(count) + (random.chance(count % 1) ? 1 : 0)
    }
    const idle = () => {
      const device = this.#active.length === 0 ? undefined : random.pick(this.#active)
      return device !== undefined &&
        device.open === null &&
        !device.awaited &&
        !device.neglected &&
        device.free < from
        ? device
        : undefined
    }
    const soon = () => from + random.below(5 * minute)
    for (let left = some(0.3); left > 0; left -= 1) {
      const device = idle()
      if (device !== undefined) rename(random, rows, device, soon())
    }
    for (let left = some(0.4); left > 0; left -= 1) {
      const device = idle()
      if (device !== undefined && device.row.lastLogin !== null) moveExit(random, rows, device, soon())
    }
    for (let left = some(0.12); left > 0; left -= 1) {
      const device = idle()
      if (device === undefined || device.row.lastLogin === null || this.#active.length < 3) continue
      retire(random, rows, device, soon())
      this.#forget(device)
    }
  }

  #forget(device: Device): void {
    const index = this.#active.indexOf(device)
    const last = this.#active.pop()
    if (last !== undefined && last !== device && index >= 0) this.#active[index] = last
  }
}

/** A good third is there when the history begins, the others come one by one. */
const arrivalsOf = ({ seed, devices, from, last }: FleetWish): Millis[] => {
  const random = randomFrom(`${seed}/arrivals`)
  return Array.from({ length: devices }, (_, index) =>
    Math.floor(
      index < Math.max(2, devices * 0.4)
        ? from - random.between(hour, 2 * day)
        : random.between(from, last - minute),
    ),
  ).toSorted((one, other) => other - one)
}
