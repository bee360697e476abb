// Another instance, as far as watchers know it: records what happens in logins, and says so by NOTIFY.

import { setTimeout as wait } from 'node:timers/promises'
import postgres from 'postgres'
import { openStore } from '../../src/db/open-store.ts'
import type { Store, Turn } from '../../src/db/store.ts'
import { benchSecret } from '../support/bench-key.ts'
import { answerParent } from '../support/child.ts'

let store: Store | null = null
let sql: postgres.Sql | null = null
let turns: Turn[] = []

/** The person says that the phone asks for a code, and that it does not after all. */
const tell = async (turn: Turn): Promise<Turn> => {
  if (store === null) throw new Error('Not open')
  const kind = turn.state.kind === 'AWAITING_CODE' ? 'CodePromptWithdrawn' : 'CodePromptReported'
  const recorded = await store.record(turn.loginId, { kind, at: store.clock.now() }, { from: turn })
  if (recorded.kind !== 'RECORDED') throw new Error(`${kind}: ${recorded.kind}`)
  return recorded.turn
}

const verbs = {
  /** Takes all the logins that are there, or the one that is meant. */
  open: async ({ databaseUrl, only }: { readonly databaseUrl: string; readonly only: string | null }) => {
    store = await openStore({ engine: { kind: 'postgres', url: databaseUrl }, secret: benchSecret })
    sql = postgres(databaseUrl, { max: 1, onnotice: () => {} })
    turns = (await store.claim()).filter(({ loginId }) => only === null || loginId === only)
    return turns.length
  },
  /** One event of every login, so often and so far apart in milliseconds. Gives how many in all. */
  ring: async ({
    times,
    every,
    channel,
  }: {
    readonly times: number
    readonly every: number
    readonly channel: string
  }) => {
    for (let time = 0; time < times; time++) {
      const next = wait(every)
      turns = await Promise.all(turns.map(tell))
      // As an instance coalesces its rings: one statement for all of them.
      await sql?.unsafe(
        `select pg_notify('${channel}', id) from unnest(array[${turns.map(({ loginId }) => `'${loginId}'`).join()}]) as id`,
      )
      await next
    }
    return times * turns.length
  },
}

export type Teller = typeof verbs

answerParent(verbs, async () => {
  await sql?.end()
  await store?.close()
})
