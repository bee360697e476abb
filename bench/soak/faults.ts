// What goes wrong on the way: a share of all calls, now this one and now that one, and the rare calls more often.

import type { FaultKind, FaultSpec } from '../../simulator/faults.ts'
import type { World } from '../../simulator/world.ts'
import type { Chance } from './random.ts'

const kinds = {
  delay: 4,
  reset: 3,
  answerLost: 2,
  html502: 2,
  hang: 1,
  cutJson: 2,
} as const satisfies Partial<Record<FaultKind, number>>
const endpoints = {
  '*': 40,
  getLoginQrCode: 2,
  iPadLogin: 2,
  getIPadLoginInfo: 4,
  loginVerifyCode: 1,
  loginAgain: 1,
  secondLogin: 1,
  isOnline: 2,
  queryLoginWx: 2,
  qrPicture: 2,
} as const satisfies Partial<Record<FaultSpec['endpoint'], number>>

const often = 200
/** So that they do not wait for calls that seldom come. */
const atMost = 60

/** `share` of the calls that come, as far as chance goes. Returns how to stop, which clears them. */
export const letFaultsHappen = (world: World, chance: Chance, share: number): (() => void) => {
  let seen = world.log.last
  let owed = 0
  const timer = setInterval(() => {
    const calls = world.log.last - seen
    seen += calls
    owed += calls * share
    for (; owed >= 1; owed--) {
      if (world.faults.list().length >= atMost) continue
      const kind = chance.pick(kinds)
      world.faults.add({
        endpoint: chance.pick(endpoints),
        kind,
        times: 1,
        skip: Math.floor(chance.between(0, 20)),
        ...(kind === 'delay' ? { ms: chance.between(200, 4_000) } : {}),
      })
    }
  }, often)
  return () => {
    clearInterval(timer)
    world.faults.clear()
  }
}
