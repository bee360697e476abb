// Polling when things are not as usual: an upstream that slows down to a second an answer, and a crowd that starts
// within one second. No baseline: what happens to the pace, the memory and the event loop.

import { setTimeout as wait } from 'node:timers/promises'
import { interleaved, type Row, type Settings, type Table } from './benchmark.ts'
import type { Gateway } from './processes/gateway.ts'
import type { OpenUpstream } from './processes/open-upstream.ts'
import { startChild } from './support/child.ts'
import type { Postgres } from './support/postgres.ts'
import { fillDatabase, letGo, letGoAtOnce } from './support/seed.ts'
import { until } from './support/until.ts'

const crowd = 10_000
const slowAnswer = 1_000
const mega = 1_048_576

export const strained = async (postgres: Postgres, settings: Settings): Promise<readonly Table[]> => {
  const rounds = Math.min(settings.rounds ?? 3, 3)
  const logins = Math.min(crowd, settings.logins?.[0] ?? crowd)
  return [
    await slowUpstream(postgres, settings, logins, rounds),
    await startedAtOnce(postgres, settings, logins, rounds),
  ]
}

const withGateway = async <Result>(
  postgres: Postgres,
  from: string,
  work: (parts: {
    readonly gateway: Awaited<ReturnType<typeof startChild<Gateway>>>
    readonly upstream: Awaited<ReturnType<typeof startChild<OpenUpstream>>>
    readonly databaseUrl: string
  }) => Promise<Result>,
): Promise<Result> => {
  await using database = await postgres.fresh(from)
  await using upstream = await startChild<OpenUpstream>('open-upstream', 'LOAD')
  const { url } = await upstream.ask('listen')
  await using gateway = await startChild<Gateway>('gateway', 'MEASURED')
  const databaseUrl = database.url
  await gateway.ask('start', { databaseUrl, upstreams: [{ name: 'upstream', dialect: 'open', url }] })
  return await work({ gateway, upstream, databaseUrl })
}

const phases = ['quick', 'slow', 'quick again'] as const

const slowUpstream = async (
  postgres: Postgres,
  settings: Settings,
  logins: number,
  rounds: number,
): Promise<Table> => {
  settings.say(`polling: ${logins} logins, whose upstream slows down`)
  await using filled = await fillDatabase(postgres, { logins })
  const seconds = settings.seconds ?? 60
  const { runs } = await interleaved(rounds, ['runs'] as const, (_name, round) =>
    withGateway(postgres, filled.url, async ({ gateway, upstream, databaseUrl }) => {
      await letGo(databaseUrl, async () => (await gateway.ask('counts')).live)
      await wait(4_000)
      const stretches = []
      for (const phase of phases) {
        await upstream.ask('slowDown', phase === 'slow' ? slowAnswer : 0)
        const stretch = await gateway.ask('measure', seconds)
        const { resident } = await gateway.ask('memory')
        settings.say(`polling: round ${round + 1}, ${phase}: ${stretch.polls} polls`)
        stretches.push({ ...stretch, resident })
      }
      return stretches
    }),
  )
  const rows = phases.map((phase, index): Row => {
    const stretches = runs.flatMap(stretches => stretches[index] ?? [])
    return {
      label: phase,
      cells: {
        'polls/s': stretches.map(({ polls, wallMs }) => polls / (wallMs / 1_000)),
        's between two polls of a login': stretches.map(
          ({ polls, wallMs }) => (logins * wallMs) / 1_000 / polls,
        ),
        'lag p99 ms': stretches.map(({ lagP99 }) => lagP99),
        'lag most ms': stretches.map(({ lagMost }) => lagMost),
        'CPU %': stretches.map(({ cpuMs, wallMs }) => (cpuMs / wallMs) * 100),
        'resident MB': stretches.map(({ resident }) => resident / mega),
        'failed calls': stretches.map(({ failures }) => failures),
      },
    }
  })
  return {
    title: `polling: ${logins} logins, an upstream that answers at once, after ${slowAnswer} ms, and at once again`,
    rows,
  }
}

const startedAtOnce = async (
  postgres: Postgres,
  settings: Settings,
  logins: number,
  rounds: number,
): Promise<Table> => {
  settings.say(`polling: ${logins} logins that start at once`)
  const { runs } = await interleaved(rounds, ['runs'] as const, async (_name, round) => {
    // Anew for each: who is starting has ninety seconds for it.
    await using filled = await fillDatabase(postgres, { logins, state: 'STARTING' })
    return await withGateway(postgres, filled.url, async ({ gateway, upstream, databaseUrl }) => {
      await upstream.ask('tellApart')
      await gateway.ask('begin')
      const began = performance.now()
      const since = () => (performance.now() - began) / 1_000
      await letGoAtOnce(databaseUrl)
      let claimed: number | null = null
      let asked: number | null = null
      let left = logins
      await until(async () => {
        const { live } = await gateway.ask('counts')
        const { qrCodes, polledDevices } = await upstream.ask('counts')
        if (live >= logins) claimed ??= since()
        if (claimed !== null) left = live
        if (qrCodes >= left) asked ??= since()
        // Those that waited too long for their turn have ended.
        return claimed !== null && polledDevices >= left
      }, 600_000)
      const polled = since()
      const stretch = await gateway.ask('end')
      const { qrCodes } = await upstream.ask('counts')
      settings.say(`polling: round ${round + 1}: all of them polled after ${polled.toFixed(1)} s`)
      return {
        ...stretch,
        claimed: claimed ?? polled,
        asked: asked ?? polled,
        polled,
        qrCodes,
        given: logins - left,
      }
    })
  })
  const row: Row = {
    label: `${logins} logins`,
    cells: {
      'all owned, s': runs.map(({ claimed }) => claimed),
      'all QR codes asked for, s': runs.map(({ asked }) => asked),
      'all polled, s': runs.map(({ polled }) => polled),
      'CPU ms a login': runs.map(({ cpuMs }) => cpuMs / logins),
      'lag p99 ms': runs.map(({ lagP99 }) => lagP99),
      'lag most ms': runs.map(({ lagMost }) => lagMost),
      'statements a login': runs.map(({ reads, writes }) => (reads + writes) / logins),
      'QR codes a login': runs.map(({ qrCodes }) => qrCodes / logins),
      'ended before': runs.map(({ given }) => given),
      'failed calls': runs.map(({ failures }) => failures),
      'thrown errors': runs.map(({ errors }) => errors),
    },
  }
  return { title: `polling: ${logins} logins that begin in one moment, to the first poll`, rows: [row] }
}
