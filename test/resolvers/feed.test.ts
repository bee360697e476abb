// A feed over a store that fails, or never answers: what its watchers are handed stays whole.

import { expect, it } from 'vitest'
import { openMemoryBus } from '../../src/bus/memory.ts'
import type { Carried } from '../../src/db/store.ts'
import { Feeds } from '../../src/resolvers/feeds.ts'
import { adminScopes, type Viewer } from '../../src/resolvers/viewer.ts'

const viewer: Viewer = { tenant: 'default', name: 'admin', scopes: adminScopes, language: 'en' }

/** A login that only counts its events. `read` comes before each answer. */
const counting = (read: (after: number) => Promise<void>) => {
  let sequence = 1
  const record = () => ({
    id: 'login',
    tenant: 'default',
    accountId: null,
    sequence,
    version: sequence,
    state: null,
    outcome: null,
    advisories: [],
    scanner: null,
    ended: null,
  })
  const store = {
    clock: { now: () => 0 },
    readLogins: async () => new Map([['login', record()]]),
    readProgress: async (_tenant: string, _login: string, after: number, limit: number) => {
      await read(after)
      const count = Math.max(0, Math.min(limit, sequence - after))
      return {
        login: record(),
        events: Array.from({ length: count }, (_, index) => ({ sequence: after + index + 1 })),
      }
    },
  }
  const feeds = new Feeds({
    store: store as never,
    bus: openMemoryBus<Carried>(() => {}),
    pictureUrl: () => '',
    failed: () => {},
    lookEvery: 3_600_000,
    readPatience: 10,
    bounds: { queue: 1_000, patience: 60_000 },
  })
  const grow = (to: number) => {
    sequence = to
  }
  return { feeds, grow }
}

it('a read that fails half-way through a long part leaves no gap', async () => {
  let failing = false
  const { feeds, grow } = counting(async after => {
    if (failing && after > 100) throw new Error('lost')
  })
  const watch = (await feeds.watch(viewer, 'login', 1))[Symbol.asyncIterator]()
  grow(250)
  failing = true
  await feeds.look()
  await new Promise(resolve => setImmediate(resolve))
  failing = false
  grow(251)
  await feeds.look()
  const numbers: number[] = []
  while (numbers.at(-1) !== 251) numbers.push((await watch.next()).value?.sequence ?? 251)
  expect(numbers).toEqual(Array.from({ length: 250 }, (_, index) => index + 2))
  feeds.stop()
})

it('a read that is never answered does not deafen it', async () => {
  let hanging = false
  const { feeds, grow } = counting(async () => {
    if (hanging) {
      hanging = false
      await new Promise(() => {})
    }
  })
  const watch = (await feeds.watch(viewer, 'login', 1))[Symbol.asyncIterator]()
  hanging = true
  grow(2)
  await feeds.look()
  const heard = watch.next()
  await expect.poll(() => feeds.look().then(() => Promise.race([heard, null]))).not.toBeNull()
  expect((await heard).value?.sequence).toBe(2)
  feeds.stop()
})
