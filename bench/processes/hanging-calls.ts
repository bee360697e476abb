// The `ipad` adapter alone: so many polls that hang, and short calls beside them.

import { setTimeout as wait } from 'node:timers/promises'
import { openProvider } from '../../src/provider/dialects.ts'
import type { Provider, Target } from '../../src/provider/port.ts'
import { answerParent } from '../support/child.ts'
import { gauge, memory } from '../support/gauge.ts'

let provider: Provider | null = null
let issued = 0

const opened = (): Provider => {
  if (provider === null) throw new Error('Not open')
  return provider
}

const target = (number: number): Target => ({
  upstreamId: `bench-${number}`,
  deviceType: 'IPAD',
  province: '广东',
  city: null,
  proxy: null,
  ttuid: null,
  wcId: null,
  handle: `0000016e-63ef-3a9c-0001-${String(number).padStart(12, '0')}`,
  knownHandles: [],
})

const verbs = {
  open: (url: string) => {
    provider = openProvider({ name: 'upstream', dialect: 'ipad', baseUrl: url, token: 'bench-token' })
  },
  memory,
  hang: async (calls: number) => {
    const { polling } = opened()
    for (let number = 0; number < calls; number++) {
      polling.send(polling.prepare(target(number)), answer => {
        process.stderr.write(`hanging calls: one was answered: ${answer.kind}\n`)
      })
      // Not more of them at once than a server takes that begins to listen.
      if (number % 100 === 99) await wait(10)
    }
  },
  idle: async (seconds: number) => {
    const gauged = gauge()
    await wait(seconds * 1_000)
    return gauged.end()
  },
  /** How long each took, in milliseconds: evenly, `perSecond` of them. */
  short: async ({ seconds, perSecond }: { readonly seconds: number; readonly perSecond: number }) => {
    const { signal } = new AbortController()
    const took: number[] = []
    const calls: Promise<void>[] = []
    const ask = async (): Promise<void> => {
      const began = performance.now()
      // A device of its own for each, or they would be held apart.
      await opened().issueQrCode(target(1_000_000 + ++issued), signal)
      took.push(performance.now() - began)
    }
    const began = performance.now()
    for (let asked = 0; asked < seconds * perSecond; asked++) {
      const due = began + (asked * 1_000) / perSecond
      if (due > performance.now()) await wait(due - performance.now())
      calls.push(ask())
    }
    await Promise.all(calls)
    return took
  },
}

export type HangingCalls = typeof verbs

answerParent(verbs)
