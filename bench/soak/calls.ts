// What the upstream was asked of each desk, gathered from its log as it goes: the log forgets, and a login's judge needs
// all of its calls. Polls that return at once are left out, unless they met a fault.

import type { LoggedCall } from '../../simulator/call-log.ts'
import type { World } from '../../simulator/world.ts'

/** Too many to keep; those of the other dialect hang, and are few. */
const often = 'checkLoginShort'

export class Calls {
  readonly #world: World
  readonly #bySlot = new Map<string, LoggedCall[]>()
  #read = 0
  readonly faults = new Map<string, number>()

  constructor(world: World) {
    this.#world = world
  }

  /** Often enough for the log's size. */
  read(): void {
    for (const call of this.#world.log.calls({ after: this.#read })) {
      this.#read = call.id
      if (call.fault !== null) this.faults.set(call.fault, (this.faults.get(call.fault) ?? 0) + 1)
      if (call.deviceId === null) continue
      if (call.endpoint === often && call.fault === null) continue
      const calls = this.#bySlot.get(call.deviceId)
      if (calls === undefined) this.#bySlot.set(call.deviceId, [call])
      else calls.push(call)
    }
  }

  /** Those since the last time, oldest first. */
  take(slot: string): readonly LoggedCall[] {
    this.read()
    const calls = this.#bySlot.get(slot) ?? []
    this.#bySlot.delete(slot)
    return calls
  }
}
