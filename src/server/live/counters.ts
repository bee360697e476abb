// What went over the sockets on the short way, since the start.

export interface LiveCounters {
  /** Updates written to a socket. */
  delivered: number
  /** Of those: whose text was made for another watcher already. */
  shared: number
  /** Of those: made by graphql-js, for one watcher, because the plan does not cover them. */
  interpreted: number
}

export const noneYet = (): LiveCounters => ({ delivered: 0, shared: 0, interpreted: 0 })
