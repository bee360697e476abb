// The records of one login run one after another within this process, so that only another process can move its
// version between a read and a write. Logins do not wait for each other.

import type { Turn } from './store.ts'

export interface LoginQueue {
  /** `latest`: what the work before this one left behind, where it ran just before. */
  run<Result>(loginId: string, work: (line: Line) => Promise<Result>): Promise<Result>
}

export interface Line {
  latest: Turn | null
}

export const loginQueue = (): LoginQueue => {
  const lines = new Map<string, Line & { tail: Promise<unknown>; waiting: number }>()
  return {
    run: (loginId, work) => {
      const line = lines.get(loginId) ?? { tail: Promise.resolve(), waiting: 0, latest: null }
      lines.set(loginId, line)
      line.waiting += 1
      const result = line.tail.then(() => work(line))
      line.tail = result
        .catch(() => {})
        .then(() => {
          line.waiting -= 1
          if (line.waiting === 0) lines.delete(loginId)
        })
      return result
    },
  }
}
