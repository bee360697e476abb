/**
 * The login instances of the `ipad` dialect: what each wId stands for, and on which slot an attempt begins.
 * The vendor has no devices, and makes a new one for each call that names no account (P 2.4): so a slot is our word for a phone.
 */
import { randomUUID } from 'node:crypto'
import type { Device, QrAttempt } from '../device.ts'
import type { Parameters } from '../http/body.ts'
import type { World } from '../world.ts'

/** One QR code: new with every issue (P 2.4). */
export type Instance = {
  readonly wId: string
  readonly device: Device
  readonly attempt: QrAttempt
  /** Polls of it that a client is waiting for. */
  polls: number
}

export class Instances {
  readonly #world: World
  readonly #issued = new Map<string, Instance>()
  /** The log still says whose they were. */
  readonly #forgotten = new Map<string, Device>()
  /** Sign-ins by their wId, also those that are over. */
  readonly #signIns = new Map<string, Device>()
  /** Slots by the page of a slider that was handed out for them. */
  readonly #sliderPages = new Map<string, Device>()
  #slots = 0

  constructor(world: World) {
    this.#world = world
  }

  /**
   * The slot that a QR issue means, by the first of these that is given: the account (the slot where it signed in last),
   * `proxyUser` (the same line: the same desk), `ttuid`, an account that nobody has met; else a new slot for each call.
   */
  slotFor({ wcId = '', proxyUser = '', ttuid = '' }: Parameters): string {
    const signedInOn = wcId === '' ? null : this.#world.lastSlotOf(wcId)
    if (signedInOn !== null) return signedInOn.id
    const key = [proxyUser, ttuid, wcId].find(given => given !== '')
    return key === undefined ? `ipad-${++this.#slots}` : `ipad:${key}`
  }

  begin(device: Device, attempt: QrAttempt): Instance {
    const instance: Instance = { wId: randomUUID(), device, attempt, polls: 0 }
    this.#issued.set(instance.wId, instance)
    return instance
  }

  find(wId: string): Instance | null {
    return this.#issued.get(wId) ?? null
  }

  forget(wId: string): void {
    const instance = this.#issued.get(wId)
    if (instance === undefined) return
    this.#issued.delete(wId)
    this.#forgotten.set(wId, instance.device)
  }

  /** Gives the sign-in on a slot its handle. */
  handOver(device: Device, wId: string = randomUUID()): void {
    device.wId = wId
    this.#signIns.set(wId, device)
  }

  /** Whose slot this wId is or was about, for the log; null: there was never such a one. */
  slotOf(wId: string): Device | null {
    return this.#issued.get(wId)?.device ?? this.#signIns.get(wId) ?? this.#forgotten.get(wId) ?? null
  }

  /** The slot whose sign-in of now has this wId; null: none, or no longer. */
  signedIn(wId: string): Device | null {
    const device = this.#signIns.get(wId)
    return device?.online === true && device.wId === wId ? device : null
  }

  /** A new slider page for what is under way on a slot; the answer is its name. */
  openSlider(device: Device, attempt: QrAttempt): string {
    const page = attempt.sliderPage ?? randomUUID()
    attempt.sliderPage = page
    this.#sliderPages.set(page, device)
    return page
  }

  /** The slot of a page whose slider is still to be solved; null: none. */
  sliderOn(page: string): Device | null {
    const device = this.#sliderPages.get(page)
    const attempt = device?.attempt
    return device !== undefined && attempt?.kind === 'qr' && attempt.sliderPage === page ? device : null
  }
}
