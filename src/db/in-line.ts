// Few work at a time, the others wait in line, tenant by tenant, and whoever waits too long is told so: questions that take
// seconds must not pile up behind a pool that would take the silence for a lost connection.

import { DatabaseError } from './errors.ts'

export type InLine = <Result>(tenant: string, work: () => Promise<Result>) => Promise<Result>

/** `patience`: milliseconds in line. Rejects with a DatabaseError that is `busy` where that is over. */
export const inLine = (places: number, patience: number): InLine => {
  let free = places
  /** The tenant whose turn is next comes first. */
  const lines = new Map<string, Set<() => void>>()

  const leave = (tenant: string, called: () => void) => {
    const line = lines.get(tenant)
    line?.delete(called)
    if (line?.size === 0) lines.delete(tenant)
  }

  const turn = (tenant: string): Promise<void> => {
    if (free > 0) {
      free -= 1
      return Promise.resolve()
    }
    return new Promise((resolve, reject) => {
      const called = () => {
        clearTimeout(timer)
        leave(tenant, called)
        resolve()
      }
      const timer = setTimeout(() => {
        leave(tenant, called)
        reject(tooMany())
      }, patience)
      const line = lines.get(tenant) ?? new Set()
      lines.set(tenant, line.add(called))
    })
  }

  const callNext = () => {
    const [first] = lines
    if (first === undefined) {
      free += 1
      return
    }
    const [tenant, line] = first
    // To the end, behind whoever else waits.
    lines.delete(tenant)
    lines.set(tenant, line)
    const [next] = line
    next?.()
  }

  return async (tenant, work) => {
    await turn(tenant)
    try {
      return await work()
    } finally {
      callNext()
    }
  }
}

const tooMany = () =>
  new DatabaseError('Too many questions wait for the database', {
    code: null,
    constraint: null,
    lost: false,
    busy: true,
  })
