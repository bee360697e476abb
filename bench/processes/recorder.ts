// Records what happens in logins, as the poller does, with so many of them in flight; and, as its baseline, inserts rows
// of the same size as its events with a bare postgres.js.

import postgres from 'postgres'
import { openStore } from '../../src/db/open-store.ts'
import type { Store, Turn } from '../../src/db/store.ts'
import type { Observation } from '../../src/login/observation.ts'
import { benchSecret } from '../support/bench-key.ts'
import { answerParent } from '../support/child.ts'
import { gauge } from '../support/gauge.ts'

let store: Store | null = null
let turns: Turn[] = []
let sql: postgres.Sql | null = null
let sequence = 0

/** One life: a scan (a milestone), a code page reported and withdrawn, and an end. One event each. */
const life = (at: number): readonly Observation[] => [
  { kind: 'Polled', at, began: at, answer: { kind: 'SCANNED', nickName: '阿明', avatarUrl: null } },
  { kind: 'CodePromptReported', at },
  { kind: 'CodePromptWithdrawn', at },
  { kind: 'CancelAsked', at, by: 'CANCELLED_BY_CALLER' },
]

export interface Stretch {
  readonly seconds: number
  readonly inFlight: number
}

const inParallel = async ({ seconds, inFlight }: Stretch, once: () => Promise<number>) => {
  const gauged = gauge()
  const end = performance.now() + seconds * 1_000
  let events = 0
  const took: number[] = []
  const work = async () => {
    while (performance.now() < end) {
      const began = performance.now()
      const done = await once()
      events += done
      took.push((performance.now() - began) / done)
    }
  }
  await Promise.all(Array.from({ length: inFlight }, work))
  return { ...gauged.end(), events, took }
}

const live = async (): Promise<number> => {
  const turn = turns.pop()
  if (store === null || turn === undefined) throw new Error('There are not enough logins: give more --logins')
  let from = turn
  let events = 0
  for (const observation of life(store.clock.now())) {
    const recorded = await store.record(turn.loginId, observation, { from, epoch: from.epoch })
    if (recorded.kind !== 'RECORDED') throw new Error(`${observation.kind}: ${recorded.kind}`)
    from = recorded.turn
    events += recorded.events.length
  }
  return events
}

const verbs = {
  /** Takes all the logins that are there. */
  open: async (databaseUrl: string) => {
    store = await openStore({ engine: { kind: 'postgres', url: databaseUrl }, secret: benchSecret })
    turns = [...(await store.claim())]
    return turns.length
  },
  record: (stretch: Stretch) => inParallel(stretch, live),
  openBare: async (databaseUrl: string) => {
    // As many connections as the store has.
    sql = postgres(databaseUrl, { max: 10, onnotice: () => {} })
    await sql`create table bare_event (like login_event including all)`
  },
  insert: (stretch: Stretch) => {
    if (sql === null) throw new Error('Not open')
    const bare = sql
    const login = '01900000-0000-7000-8000-000000000000'
    const body = { nickName: null, avatarUrl: null }
    return inParallel(stretch, async () => {
      await bare`
        insert into bare_event (login_started_month, login_id, sequence, tenant, type, state, body, at)
        values ('2026-11-01', ${login}, ${++sequence}, 'default', 'QrCodeScanned', 'AWAITING_CONFIRMATION',
          ${bare.json(body)}, ${new Date()})`
      return 1
    })
  },
}

export type Recorder = typeof verbs

answerParent(verbs, async () => {
  await store?.close()
  await sql?.end()
})
