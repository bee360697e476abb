/**
 * What really happened, in order and with its moment: so that a test can play history again and hold it against what others
 * remember. Nothing in it changes; the oldest go once there are very many.
 */
import type { Account } from './account.ts'
import type { Device, Dialect } from './device.ts'
import type { DropWay } from './drops.ts'

export type TruthTold =
  | { readonly kind: 'created' }
  /** It ends whatever sign-in there was on the device. */
  | {
      readonly kind: 'signedIn'
      readonly wcId: string
      /** The handle of this sign-in (P 2.4); on `open` only callbacks and pushes tell of it. */
      readonly wId: string
      /** `before`: it was so when the story began. */
      readonly by: 'qr' | 'push' | 'hand' | 'before'
      /** Null: nothing that was issued says so. */
      readonly deviceType: 'ipad' | 'mac' | null
      /** The first on a device that is new, reset or recycled (S2:70, S4:21). */
      readonly first: boolean
      readonly profile: Account
    }
  | {
      readonly kind: 'dropped'
      readonly wcId: string | null
      readonly wId: string | null
      /** Null: by a text of somebody's own. */
      readonly way: DropWay | null
      /** What the phone shows. */
      readonly popup: string | null
    }
  /** By the developer. */
  | { readonly kind: 'loggedOut'; readonly wcId: string | null; readonly wId: string | null }
  /** `wcId`: who was signed in until then. */
  | { readonly kind: 'reset'; readonly wcId: string | null }
  | { readonly kind: 'recycled'; readonly wcId: string | null }
  /** The upstream has forgotten the device. */
  | { readonly kind: 'removed'; readonly wcId: string | null }
  | { readonly kind: 'profileChanged'; readonly wcId: string; readonly profile: Account }
  | { readonly kind: 'proxySet'; readonly proxy: { readonly ip: string; readonly user: string } }

export type Truth = TruthTold & {
  /** From 1, without a gap. */
  readonly number: number
  /** The world's milliseconds. */
  readonly at: number
  readonly deviceId: string
  readonly dialect: Dialect
}

export class Truths {
  readonly #size: number
  #told: Truth[] = []
  #last = 0

  constructor(size: number) {
    this.#size = size
  }

  add(device: Pick<Device, 'id' | 'dialect'>, at: number, told: TruthTold): void {
    this.#told.push({ ...told, number: ++this.#last, at, deviceId: device.id, dialect: device.dialect })
    // Now and then, many at once.
    if (this.#told.length > this.#size * 1.25) this.#told = this.#told.slice(-this.#size)
  }

  /** Oldest first. */
  all(): readonly Truth[] {
    return this.#told.slice(-this.#size)
  }
}
