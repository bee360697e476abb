/**
 * What a handler of the `ipad` dialect is given, and how one that hangs waits.
 * Refuses to know sockets: the server says when the client has gone.
 */
import type { Device } from '../device.ts'
import type { Parameters } from '../http/body.ts'
import type { Pictures } from '../pictures.ts'
import type { World } from '../world.ts'
import type { Instance } from './instances.ts'

export type IpadCall = {
  readonly world: World
  readonly pictures: Pictures
  /** The slot that the call is about, whether there is one yet or not; null: none in particular. */
  readonly slotId: string | null
  readonly params: Parameters
  readonly onGone: (stop: () => void) => void
  /** What is to be done once the answer got through, or turned out not to. */
  readonly outcome: Outcome
}

export type Outcome = {
  /** The answer shows this to the client for the first time. */
  tells: 'code' | 'slider' | null
  /** The answer is the only one that ever told of this sign-in. */
  signedIn: { readonly instance: Instance; readonly first: boolean } | null
  /** The client has gone without an answer. */
  unheard: boolean
}

/** Answers the JSON text; HTTP status is 200 for failures too (P 1). */
export type Handler = (call: IpadCall) => string | Promise<string>

/** `look`: an answer, or null: go on waiting. It is tried now, at each change, at `lapses`, and once more when `ms` have passed. */
export type Wait = {
  readonly ms: number
  /** When time alone changes something before that. */
  readonly lapses: () => number
  readonly look: (timeIsUp: boolean) => string | null
  /** Goes on when the client has gone: nobody hears what it finds. */
  readonly goesOn: boolean
}

export const hang = (
  { world, onGone }: IpadCall,
  device: Device,
  { ms, lapses, look, goesOn }: Wait,
): string | Promise<string> => {
  const found = look(false)
  if (found !== null) return found
  const until = world.now() + ms
  return new Promise(resolve => {
    let cancel = (): void => {}
    const stop = (): void => {
      cancel()
      device.hanging.delete(again)
    }
    const settle = (answer: string | null): boolean => {
      if (answer === null) return false
      stop()
      resolve(answer)
      return true
    }
    const wait = (): void => {
      const now = world.now()
      const next = lapses()
      cancel = world.timers.set((next > now ? Math.min(next, until) : until) - now, () => {
        if (!settle(look(world.now() >= until)) && device.hanging.has(again)) wait()
      })
    }
    const again = (): void => void settle(look(false))
    device.hanging.add(again)
    wait()
    if (!goesOn) onGone(stop)
  })
}
