// The bus of one process. Rings are delivered in a microtask of their own, so that whoever rings never runs a listener.

import type { Bus, Ring } from './bus.ts'

type Heard<Carried> = (ring: Ring<Carried>) => void

/** `failed` is told of a listener that threw; the others still hear. */
export const openMemoryBus = <Carried>(
  failed: (error: unknown) => void,
): Bus<Carried> & { readonly listeners: number } => {
  const byId = new Map<string | null, Set<Heard<Carried>>>()

  const deliver = (ring: Ring<Carried>, listeners: Set<Heard<Carried>> | undefined) => {
    if (listeners === undefined) return
    for (const heard of [...listeners]) {
      try {
        heard(ring)
      } catch (error) {
        failed(error)
      }
    }
  }

  return {
    ring: ring => {
      if (!byId.has(ring.id) && !byId.has(null)) return
      queueMicrotask(() => {
        deliver(ring, byId.get(null))
        deliver(ring, byId.get(ring.id))
      })
    },
    listen: (id, heard) => {
      const listeners = byId.get(id) ?? new Set()
      // One listener may be given twice; each registration is its own.
      const own: Heard<Carried> = ring => heard(ring)
      listeners.add(own)
      byId.set(id, listeners)
      return () => {
        listeners.delete(own)
        if (listeners.size === 0 && byId.get(id) === listeners) byId.delete(id)
      }
    },
    get listeners() {
      let count = 0
      for (const listeners of byId.values()) count += listeners.size
      return count
    },
  }
}
