/**
 * The ways in which an account drops, and when one does so by itself: some time after a sign-in, or every so many minutes one
 * of so many. Refuses to know who is told of it.
 */
import type { Device } from './device.ts'
import type { PopupName } from './words.ts'
import type { World } from './world.ts'

type Way = {
  readonly popup: PopupName
  /** False: no callback tells of it, by whatever switch. */
  readonly told: boolean
}

/** Each popup of P 3.4 can be reached; some ways are told apart by when they happen. */
export const DROPS = {
  /** S2:70, S4:21: in the small hours after the first sign-in on a new device. */
  firstNight: { popup: 'securityCheck', told: true },
  /** S2:33: the exit is not the account's own. */
  within60Seconds: { popup: 'securityCheck', told: true },
  security: { popup: 'securityCheck', told: true },
  environment: { popup: 'environmentCheck', told: true },
  network: { popup: 'networkCheck', told: true },
  loggedOutOnPhone: { popup: 'loggedOutOnPhone', told: true },
  /** S2:7: a PC or a real iPad. */
  kickedByOtherClient: { popup: 'signedInElsewhere', told: true },
  passwordChanged: { popup: 'passwordChanged', told: true },
  paymentPasswordChanged: { popup: 'paymentPasswordChanged', told: true },
  faceDataChanged: { popup: 'faceDataChanged', told: true },
  unexplained: { popup: 'noPopup', told: true },
  /** No popup and no callback: only whoever asks will know. */
  silent: { popup: 'noPopup', told: false },
} as const satisfies Record<string, Way>

export type DropWay = keyof typeof DROPS

export const DROP_WAYS = Object.keys(DROPS) as [DropWay, ...DropWay[]]

/** Told apart by when they happen. */
const timed: readonly DropWay[] = ['firstNight', 'within60Seconds']

/** The commonest way to a popup. */
export const wayTo = (popup: PopupName): DropWay =>
  DROP_WAYS.find(way => DROPS[way].popup === popup && !timed.includes(way)) ?? 'unexplained'

const DAY = 86_400_000
/** Four in the morning in Shanghai, past the upstream's own quarter of an hour (P 3.6), as UTC has it. */
const SMALL_HOURS = 20 * 3_600_000

/** How long after a sign-in that way of dropping comes, where nothing else is said. */
export const usualWait = (way: DropWay, now: number): number => {
  if (way === 'firstNight') return DAY - ((now - SMALL_HOURS) % DAY)
  return way === 'within60Seconds' ? 45_000 : 300_000
}

export class Drops {
  readonly #world: World
  /** What is to come for the sign-in of now, by device. */
  readonly #due = new Map<string, () => void>()
  #rounds = 0
  #rhythm = ''
  #stopRounds = (): void => {}

  constructor(world: World) {
    this.#world = world
  }

  /** `first`: on a new device. */
  signedIn(device: Device, first: boolean): void {
    this.over(device)
    const { dropsAfterSignIn: way } = device.switches
    if (way === 'never' || (way === 'firstNight' && !first)) return
    this.#due.set(device.id, this.after(device, way, device.timings.dropAfterMs))
  }

  /** The sign-in has ended. */
  over(device: Device): void {
    this.#due.get(device.id)?.()
    this.#due.delete(device.id)
  }

  /** Drops the sign-in of now so many milliseconds from here, if it still stands then; 0: as usual for that way. The answer calls it off. */
  after(device: Device, way: DropWay, ms: number): () => void {
    const handle = device.handles.at(-1)
    return this.#world.timers.set(ms > 0 ? ms : usualWait(way, this.#world.now()), () => {
      if (device.online && device.handles.at(-1) === handle) this.#world.drop(device.id, way)
    })
  }

  /** Called at every change of the settings: one account in `dropEvery` drops each `dropPeriodMs`, in turns. */
  keepTime(): void {
    const { switches, timings } = this.#world
    const rhythm = `${switches.dropEvery}/${timings.dropPeriodMs}`
    if (rhythm === this.#rhythm) return
    this.#rhythm = rhythm
    this.#stopRounds()
    if (switches.dropEvery > 0 && timings.dropPeriodMs > 0) this.#nextRound(timings.dropPeriodMs)
  }

  #nextRound(ms: number): void {
    this.#stopRounds = this.#world.timers.set(ms, () => {
      this.#nextRound(ms)
      const { dropEvery, dropWay } = this.#world.switches
      const turn = this.#rounds++ % dropEvery
      let index = 0
      for (const device of [...this.#world.devices.values()])
        if (index++ % dropEvery === turn && device.online) this.#world.drop(device.id, dropWay)
    })
  }
}
