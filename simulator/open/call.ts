/**
 * What a handler of the `open` dialect is given, and how one that hangs waits.
 * Refuses to know sockets: the server says when the client has gone.
 */
import type { Device } from '../device.ts'
import type { Parameters } from '../http/body.ts'
import type { Pictures } from '../pictures.ts'
import type { World } from '../world.ts'

export type OpenCall = {
  readonly world: World
  readonly pictures: Pictures
  readonly params: Parameters
  /** Called once when the client goes away or the simulator closes before an answer. */
  readonly onGone: (stop: () => void) => void
}

/** Answers the JSON text; HTTP status is 200 for failures too (P 1). */
export type Handler = (call: OpenCall) => string | Promise<string>

/** A handler about one device that exists. */
export type DeviceHandler = (call: OpenCall, device: Device) => string | Promise<string>

/** Waits until `look` finds an answer: tried now, at each change of the device, and once more when `ms` have passed. */
export const hang = (
  call: OpenCall,
  device: Device,
  ms: number,
  look: (timeIsUp: boolean) => string | null,
): string | Promise<string> => {
  const now = look(false)
  if (now !== null) return now
  return new Promise(resolve => {
    const stop = (): void => {
      cancel()
      device.hanging.delete(again)
    }
    const settle = (answer: string | null): void => {
      if (answer === null) return
      stop()
      resolve(answer)
    }
    const again = (): void => settle(look(false))
    const cancel = call.world.timers.set(ms, () => settle(look(true)))
    device.hanging.add(again)
    call.onGone(stop)
  })
}
