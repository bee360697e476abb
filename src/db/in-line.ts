// Few work at a time, the others wait in line, and whoever waits too long is told so: questions that take seconds must not
// pile up behind a pool that would take the silence for a lost connection. Tenants take turns, and askers within each.

import { DatabaseError } from './errors.ts'

/**
 * `asker`: whose many questions take turns with those of others, such as one operation. Rejects with a DatabaseError that is
 * `busy` where the waiting is over.
 */
export type InLine = <Result>(tenant: string, asker: object, work: () => Promise<Result>) => Promise<Result>

type Called = () => void

/** `patience`: milliseconds in line. */
export const inLine = (places: number, patience: number): InLine => {
  let free = places
  /** Whose turn is next comes first, in both. */
  const tenants = new Map<string, Map<object, Set<Called>>>()

  const join = (tenant: string, asker: object, called: Called) => {
    const askers = tenants.get(tenant) ?? new Map<object, Set<Called>>()
    const line = askers.get(asker) ?? new Set<Called>()
    tenants.set(tenant, askers.set(asker, line.add(called)))
  }

  const leave = (tenant: string, asker: object, called: Called) => {
    const askers = tenants.get(tenant)
    const line = askers?.get(asker)
    line?.delete(called)
    if (line?.size === 0) askers?.delete(asker)
    if (askers?.size === 0) tenants.delete(tenant)
  }

  const turn = (tenant: string, asker: object): Promise<void> => {
    if (free > 0) {
      free -= 1
      return Promise.resolve()
    }
    return new Promise((resolve, reject) => {
      const called = () => {
        clearTimeout(timer)
        leave(tenant, asker, called)
        resolve()
      }
      const timer = setTimeout(() => {
        leave(tenant, asker, called)
        reject(tooMany())
      }, patience)
      join(tenant, asker, called)
    })
  }

  const callNext = () => {
    const [called] = next(next(tenants) ?? new Map<object, Set<Called>>()) ?? []
    if (called === undefined) free += 1
    else called()
  }

  return async (tenant, asker, work) => {
    await turn(tenant, asker)
    try {
      return await work()
    } finally {
      callNext()
    }
  }
}

/** The first, which goes to the end, behind whoever else waits. */
const next = <Key, Value>(waiting: Map<Key, Value>): Value | undefined => {
  const [first] = waiting
  if (first === undefined) return undefined
  const [key, value] = first
  waiting.delete(key)
  waiting.set(key, value)
  return value
}

const tooMany = () =>
  new DatabaseError('Too many questions wait for the database', {
    code: null,
    constraint: null,
    lost: false,
    busy: true,
  })
