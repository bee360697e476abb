/**
 * A scenario being played on one device: brings the world to where it starts, then does each step when its moment comes.
 * Refuses to know what the gateway makes of it.
 */
import type { Account } from './account.ts'
import { type Device, namesOn } from './device.ts'
import type { Moment, MomentSeen } from './moments.ts'
import type { Deed, Scenario, Step } from './scenario.ts'
import { popupText } from './words.ts'
import type { World } from './world.ts'

export class Playing {
  readonly scenario: Scenario
  readonly deviceId: string
  /** Steps that could not be done, with the phone's reason: a test asserts that there are none. */
  readonly problems: string[] = []
  readonly #world: World
  readonly #device: Device
  readonly #due: Set<Step>
  readonly #seen = new Map<Moment, number>()
  readonly #cancels = new Set<() => void>()
  #signIns = 0
  #live = false

  constructor(world: World, scenario: Scenario, device: Device) {
    this.#world = world
    this.#device = device
    this.scenario = scenario
    this.deviceId = device.id
    this.#due = new Set(scenario.script)
  }

  /** Steps that have not been done. */
  get due(): readonly Step[] {
    return [...this.#due]
  }

  start(): void {
    const device = this.#device
    const { switches, timings, faults, startsWith } = this.scenario
    this.#world.faults.clear({ deviceId: device.id })
    this.#world.unset(device.id)
    this.#world.set({ switches, timings }, device.id)
    for (const fault of faults ?? []) this.#world.faults.add({ ...fault, deviceId: device.id })
    const before = device.online ? namesOn(device) : null
    device.attempt = null
    device.generation = 0
    device.recycled = startsWith?.device === 'recycled'
    if (startsWith?.device === 'new') device.account = null
    if (startsWith?.account !== undefined) this.#world.remember(device, this.#named(startsWith.account))
    device.online = startsWith?.online ?? false
    device.unlisted = false
    if (device.dialect === 'ipad' && device.online && device.wId === null)
      this.#world.instances.handOver(device)
    device.popup = popupText(
      startsWith?.popup ?? 'noPopup',
      device.switches.popups === 'filled',
      this.#world.now(),
    )
    this.#live = true
    this.#world.sceneSet(device, before)
    if (device.online) this.#dropLater()
    if (startsWith?.device === 'unknown') this.#world.removeDevice(device.id)
    this.#world.changed(device)
  }

  /** Ends the script; what it set for the device stays. */
  stop(): void {
    this.#live = false
    for (const cancel of this.#cancels) cancel()
    this.#cancels.clear()
  }

  /** Called by the world at each moment of this device. */
  notice(seen: MomentSeen): void {
    if (!this.#live) return
    const count = (this.#seen.get(seen.moment) ?? 0) + 1
    this.#seen.set(seen.moment, count)
    if (seen.moment === 'signedIn') {
      this.#signIns++
      this.#dropLater()
    }
    for (const step of this.#due) {
      if (step.when !== seen.moment) continue
      if (step.nth !== undefined && step.nth !== count) continue
      if (step.generation !== undefined && step.generation !== this.#device.generation) continue
      this.#due.delete(step)
      this.#schedule(step)
    }
  }

  #dropLater(): void {
    for (const { way, after, signIn = 1 } of this.scenario.drops ?? [])
      if (signIn === this.#signIns) this.#cancels.add(this.#world.dropAfter(this.#device, way, after ?? 0))
  }

  #schedule(step: Step): void {
    const cancel = this.#world.timers.set(step.after ?? 0, () => {
      this.#cancels.delete(cancel)
      try {
        this.#perform(step.deed)
      } catch (error) {
        this.problems.push(
          `${step.when} → ${step.deed.do}: ${error instanceof Error ? error.message : String(error)}`,
        )
      }
      this.#world.moments.check()
    })
    this.#cancels.add(cancel)
  }

  #perform(deed: Deed): void {
    perform(this.#world, this.deviceId, deed)
  }

  #named(name: string): Account {
    return name === 'owner' ? this.#device.person : this.#world.person(this.#device, name)
  }
}

/** Does one deed on a device, for a script or for the control API. Throws where the phone cannot. */
export const perform = (world: World, deviceId: string, deed: Deed): unknown => {
  switch (deed.do) {
    case 'scan':
      return world.phone(deviceId).scan(deed.as)
    case 'confirm':
      return world.phone(deviceId).confirm()
    case 'decline':
      return world.phone(deviceId).decline()
    case 'askForCode':
      return world.phone(deviceId).askForCode(deed.code)
    case 'askForNewDevice':
      return world.phone(deviceId).askForNewDevice()
    case 'solveSlider':
      return world.phone(deviceId).solveSlider()
    case 'goOffline':
      return world.phone(deviceId).goOffline(deed.popup)
    case 'drop':
      return world.drop(deviceId, deed.way)
    case 'changeProfile':
      return world.changeProfile(world.phone(deviceId).holder().wcId, deed.profile)
    case 'chat':
      return world.callbacks.chat(world.device(deviceId), deed)
    case 'killQr':
      return world.phone(deviceId).killQr()
    case 'forget':
      return world.phone(deviceId).forget()
    case 'recycle':
      return world.recycle(world.device(deviceId))
    case 'killToken':
      return world.replaceToken()
    case 'set':
      return world.set({ switches: deed.switches, timings: deed.timings }, deviceId)
    case 'addFault':
      return world.faults.add({ ...deed.fault, deviceId })
    case 'clearFaults':
      return world.faults.clear({ deviceId })
  }
}
