// The baseline of polling: the shortest loop over undici's `request` that keeps the same pace. It reads each answer as
// text and JSON and forgets it; it has no state, no time-outs, no store.

import { setTimeout as wait } from 'node:timers/promises'
import { Pool } from 'undici'
import { answerParent } from '../support/child.ts'
import { gauge, memory } from '../support/gauge.ts'
import { profiled } from '../support/profile.ts'

export interface BareStart {
  readonly url: string
  readonly logins: number
  /** Connections at most. */
  readonly connections: number
  /** Milliseconds between two polls of one login. */
  readonly every: number
}

/** As often as the gateway looks who is due. */
const tick = 10
let polls = 0

const verbs = {
  memory,
  profile: ({ file, seconds }: { readonly file: string; readonly seconds: number }) =>
    profiled(file, () => wait(seconds * 1_000)),
  start: ({ url, logins, connections, every }: BareStart) => {
    const pool = new Pool(url, { connections, pipelining: 1 })
    const headers = { authorization: 'bench-token', 'content-type': 'application/x-www-form-urlencoded' }
    const bodies = Array.from({ length: logins }, (_, number) => `deviceId=bench-${number}`)
    const poll = async (body: string | undefined) => {
      polls++
      const answer = await pool.request({
        method: 'POST',
        path: '/open/checkLoginShort',
        headers,
        body: body ?? '',
      })
      JSON.parse(await answer.body.text())
    }
    const began = performance.now()
    let asked = 0
    setInterval(() => {
      const due = Math.floor(((performance.now() - began) * logins) / every)
      while (asked < due) poll(bodies[asked++ % logins]).catch(fail)
    }, tick)
  },
  measure: async (seconds: number) => {
    const before = polls
    const gauged = gauge()
    await wait(seconds * 1_000)
    return { ...gauged.end(), polls: polls - before }
  },
}

const fail = (error: unknown): void => {
  process.stderr.write(`bare polls: ${String(error)}\n`)
  process.exit(1)
}

export type BarePolls = typeof verbs

answerParent(verbs)
