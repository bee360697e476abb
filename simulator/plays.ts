/**
 * Which scenario is played where: on one slot, or on all of its dialect and on those to come.
 * Refuses to know what a scenario does.
 */
import type { Device } from './device.ts'
import type { MomentSeen } from './moments.ts'
import type { Scenario } from './scenario.ts'
import { Playing } from './script.ts'
import type { World } from './world.ts'

export class Plays {
  readonly #world: World
  readonly #playing = new Map<string, Playing>()
  /** Played on every slot of its dialect as it is created. */
  #forNewDevices: Scenario | null = null

  constructor(world: World) {
    this.#world = world
  }

  notice(seen: MomentSeen): void {
    this.#playing.get(seen.deviceId)?.notice(seen)
  }

  play(scenario: Scenario, deviceId: string): Playing {
    this.#playing.get(deviceId)?.stop()
    const playing = new Playing(this.#world, scenario, this.#world.createDevice(deviceId, scenario.dialect))
    this.#playing.set(deviceId, playing)
    playing.start()
    return playing
  }

  /** A slot has just come into being. */
  greet(device: Device): void {
    const scenario = this.#forNewDevices
    if (scenario !== null && scenario.dialect === device.dialect) this.play(scenario, device.id)
  }

  of(deviceId: string): Playing | null {
    return this.#playing.get(deviceId) ?? null
  }

  everywhere(scenario: Scenario | null): void {
    this.#forNewDevices = null
    for (const device of [...this.#world.devices.values()]) {
      if (scenario === null) this.stop(device.id)
      else if (device.dialect === scenario.dialect) this.play(scenario, device.id)
    }
    this.#forNewDevices = scenario
  }

  stop(deviceId: string): void {
    this.#playing.get(deviceId)?.stop()
    this.#playing.delete(deviceId)
  }

  close(): void {
    for (const playing of this.#playing.values()) playing.stop()
  }
}
