// Wake somebody up. A ring says "look again at this id" and is allowed to get lost, doubled or late: the log is the
// truth. Nothing of ours is imported here, so that every folder may listen.

/** `carried` never crosses a process: what was just recorded, for listeners that can continue without a read. */
export interface Ring<Carried> {
  readonly id: string
  readonly sequence: number
  readonly carried?: Carried
}

export interface Bus<Carried> {
  ring(ring: Ring<Carried>): void
  /** Null listens to every id. Returns how to stop; stopping twice does nothing. */
  listen(id: string | null, heard: (ring: Ring<Carried>) => void): () => void
}
