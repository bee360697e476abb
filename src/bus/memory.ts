// The bus of one process. Rings are delivered in a microtask that follows, so that whoever rings never runs a listener.

import type { Bus, Ring } from './bus.ts'

type Heard<Carried> = (ring: Ring<Carried>) => void

/** `failed` is told of a listener that threw; the others still hear. */
export const openMemoryBus = <Carried>(
  failed: (error: unknown) => void,
): Bus<Carried> & { readonly listeners: number } => {
  /** Lists are replaced, never changed: who goes through one is not disturbed. */
  const byId = new Map<string | null, readonly Heard<Carried>[]>()

  /** To be delivered in the microtask that is under way. */
  let ringing: Ring<Carried>[] = []

  const deliver = (ring: Ring<Carried>, listeners: readonly Heard<Carried>[] | undefined) => {
    if (listeners === undefined) return
    for (const heard of listeners) {
      try {
        heard(ring)
      } catch (error) {
        failed(error)
      }
    }
  }

  const deliverAll = () => {
    const rings = ringing
    ringing = []
    for (const ring of rings) {
      deliver(ring, byId.get(null))
      deliver(ring, byId.get(ring.id))
    }
  }

  return {
    ring: ring => {
      if (!byId.has(ring.id) && !byId.has(null)) return
      if (ringing.push(ring) === 1) queueMicrotask(deliverAll)
    },
    listen: (id, heard) => {
      // One listener may be given twice; each registration is its own.
      const own: Heard<Carried> = ring => heard(ring)
      byId.set(id, [...(byId.get(id) ?? []), own])
      return () => {
        const left = (byId.get(id) ?? []).filter(one => one !== own)
        if (left.length === 0) byId.delete(id)
        else byId.set(id, left)
      }
    },
    get listeners() {
      let count = 0
      for (const listeners of byId.values()) count += listeners.length
      return count
    },
  }
}
