// The gateway as it is started anywhere: its own assembly, on a real Postgres, against an upstream of another process.
// It measures itself, and nothing else happens in here.

import { setTimeout as wait } from 'node:timers/promises'
import { type Gatehouse, startGatehouse } from '../../src/app.ts'
import { readConfig } from '../../src/config.ts'
import { noLimits } from '../../src/login/terms.ts'
import { benchKey, benchSecret } from '../support/bench-key.ts'
import { answerParent } from '../support/child.ts'
import { gauge, memory } from '../support/gauge.ts'
import { profiled } from '../support/profile.ts'

/** Longer than any run, so that nothing ends by the clock. */
const hours = 3_600_000

export interface GatewayStart {
  readonly databaseUrl: string
  readonly upstreams: readonly {
    readonly name: string
    readonly dialect: string
    readonly url: string
    readonly token?: string
  }[]
  /** Logins end as they do in earnest. By default none of them ends by its clock. */
  readonly usualDeadlines?: boolean
}

let gatehouse: Gatehouse | null = null
let complaints = 0
let stretch: {
  readonly before: ReturnType<typeof counts>
  readonly gauged: ReturnType<typeof gauge>
} | null = null

const running = (): Gatehouse => {
  if (gatehouse === null) throw new Error('The gateway was not started')
  return gatehouse
}

const complain = (fields: object, message: string) => {
  // The first few tell what is wrong; a flood of them would be measured.
  if (complaints++ < 5) process.stderr.write(`gateway: ${message} ${JSON.stringify(fields)}\n`)
}

const counts = () => {
  const { polling, store } = running()
  return { ...polling, writes: store.statistics.writes, reads: store.statistics.reads }
}

const begin = (): void => {
  stretch = { before: counts(), gauged: gauge() }
}

/** Of the stretch since `begin`. */
const end = () => {
  if (stretch === null) throw new Error('No stretch has begun')
  const { before, gauged } = stretch
  const ended = gauged.end()
  const after = counts()
  stretch = null
  return {
    ...ended,
    polls: after.polls - before.polls,
    writes: after.writes - before.writes,
    reads: after.reads - before.reads,
    failures: after.failures - before.failures,
    errors: after.errors - before.errors,
    live: after.live,
  }
}

const verbs = {
  start: async ({ databaseUrl, upstreams, usualDeadlines = false }: GatewayStart) => {
    const config = readConfig({
      PORT: '0',
      GATEHOUSE_PROFILE: 'development',
      GATEHOUSE_ADMIN_KEY: benchKey,
      GATEHOUSE_SECRET: Buffer.from(benchSecret).toString('hex'),
      DATABASE_URL: databaseUrl,
      GATEHOUSE_PROVIDERS: JSON.stringify(
        upstreams.map(({ name, dialect, url, token = 'bench-token' }) => ({
          name,
          dialect,
          baseUrl: url,
          token,
        })),
      ),
      LOGIN_LIMITS: JSON.stringify(noLimits),
    })
    gatehouse = await startGatehouse(config, {
      log: { warn: complain, error: complain },
      ...(usualDeadlines ? {} : { deadlines: { qrCode: 24 * hours, slider: 24 * hours, whole: 24 * hours } }),
      grace: 500,
    })
    return { url: gatehouse.url }
  },
  counts,
  memory,
  /** As it stands, without a collection. */
  held: () => {
    const { rss, heapUsed } = process.memoryUsage()
    return {
      resident: rss,
      heap: heapUsed,
      handles: process.getActiveResourcesInfo().length,
      live: running().polling.live,
    }
  },
  profile: ({ file, seconds }: { readonly file: string; readonly seconds: number }) =>
    profiled(file, () => wait(seconds * 1_000)),
  begin,
  end,
  measure: async (seconds: number) => {
    begin()
    await wait(seconds * 1_000)
    return end()
  },
}

export type Gateway = typeof verbs

answerParent(verbs, async () => {
  await gatehouse?.close()
})
