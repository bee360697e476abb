// An upstream with many accounts that are signed in: the simulator in a process of its own. It lets some of them drop without
// a word, and tells what it was asked.

import { performance } from 'node:perf_hooks'
import { type Simulator, startSimulator } from '../../simulator/server.ts'
import { answerParent } from '../support/child.ts'

/** Calls that the log remembers: of more than one stretch. */
const logSize = 200_000

let simulator: Simulator | null = null

const world = () => {
  if (simulator === null) throw new Error('Nobody listens')
  return simulator.world
}

const upstreamId = (number: number): string => `account-${number}`

const verbs = {
  listen: async (accounts: number) => {
    simulator = await startSimulator({ logSize })
    for (let number = 0; number < accounts; number++) {
      const device = world().createDevice(upstreamId(number))
      world().signIn(device, device.person)
    }
    return { url: simulator.url, token: simulator.token }
  },
  /** Answers with the moment on the wall clock. */
  drop: (numbers: readonly number[]) => {
    for (const number of numbers) world().goOffline(world().device(upstreamId(number)), 'noPopup')
    return Date.now()
  },
  /** The number of the newest call. */
  last: () => world().log.last,
  /** Since that call: how many of each endpoint, and the most of those about single accounts within one second. */
  asked: (after: number) => {
    const calls = world().log.calls({ after })
    const singles = calls.flatMap(({ deviceId, began }) => (deviceId === null ? [] : [began]))
    let most = 0
    for (let first = 0, last = 0; last < singles.length; last++) {
      while ((singles[last] ?? 0) - (singles[first] ?? 0) >= 1_000) first++
      most = Math.max(most, last - first + 1)
    }
    return { calls: calls.length, singles: singles.length, mostSinglesASecond: most, now: performance.now() }
  },
}

export type SignedInUpstream = typeof verbs

answerParent(verbs, async () => {
  await simulator?.close()
})
