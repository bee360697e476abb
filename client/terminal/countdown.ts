// How long until a moment that the gateway named, by the gateway's clock: the local one may be wrong by hours, so only
// the time passed since the last update is taken from this machine. Refuses to know what lapses.

/** The gateway's clock as last told, and the local monotonic reading at that moment. Milliseconds. */
export interface Anchor {
  readonly server: number
  readonly local: number
}

/** Null where the text is no time. `local` is a monotonic reading such as `performance.now()`. */
export function anchorAt(serverTime: string, local: number): Anchor | null {
  const server = Date.parse(serverTime)
  return Number.isNaN(server) ? null : { server, local }
}

/** Whole seconds until `deadline`, never below 0; null where nothing lapses or no clock is known yet. */
export function secondsLeft(deadline: string | null, anchor: Anchor | null, local: number): number | null {
  if (deadline === null || anchor === null) return null
  const at = Date.parse(deadline)
  if (Number.isNaN(at)) return null
  return Math.max(0, Math.ceil((at - anchor.server - (local - anchor.local)) / 1000))
}

/** 125 is `2:05`. */
export function clockFace(seconds: number): string {
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`
}
