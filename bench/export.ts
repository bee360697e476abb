// What it costs to hand a million logins out: memory and CPU of the gateway, rows a second beside `COPY … TO STDOUT` of the same
// columns, and whether a run that was cut and gone on with is the same file.

import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { get, type IncomingMessage } from 'node:http'
import { createGunzip } from 'node:zlib'
import postgres from 'postgres'
import { type Benchmark, interleaved, type Settings, type Table } from './benchmark.ts'
import type { Gateway } from './processes/gateway.ts'
import { benchKey } from './support/bench-key.ts'
import { startChild } from './support/child.ts'
import { startPostgres } from './support/postgres.ts'

const mega = 1_048_576
const pageSize = 4_096
const cuts = 5
const runs = ['COPY', 'ndjson', 'csv', 'csv, gzip'] as const
type Run = (typeof runs)[number]

export const exportBenchmark: Benchmark = {
  name: 'export',
  says: 'a million logins as a file: memory above idle, rows a second beside COPY, and cut five times beside one whole run',
  onlyByName: true,
  run: async settings => {
    const logins = settings.logins?.[0] ?? 1_000_000
    await using servers = await startPostgres()
    await using database = await servers.fresh()
    settings.say(`export: making ${logins} logins`)
    await fill(database.url, logins)
    await using gateway = await startChild<Gateway>('gateway', 'MEASURED')
    const nowhere = { name: 'nowhere', dialect: 'open', url: 'http://127.0.0.1:9' }
    const { url } = await gateway.ask('start', { databaseUrl: database.url, upstreams: [nowhere] })
    // Once unmeasured: what is compiled and cached is so for every round.
    await receive(url, 'ndjson', false)
    const results = await interleaved(settings.rounds ?? 3, runs, async run => {
      settings.say(`export: ${run}`)
      return run === 'COPY' ? await copied(database.url) : await exported(url, gateway, run)
    })
    const wrong = runs.filter(run => run !== 'COPY' && results[run].some(({ rows }) => rows !== logins))
    if (wrong.length > 0) throw new Error(`Not every login came: ${wrong.join(', ')}`)
    settings.say(`export: cut ${cuts} times`)
    const same = await cutAndWhole(url, settings)
    return [tableOf(logins, results, same)]
  },
}

/** Of two years, over a thousand devices. */
const fill = async (databaseUrl: string, logins: number): Promise<void> => {
  const sql = postgres(databaseUrl, { max: 1, onnotice: () => {} })
  try {
    await sql`
      insert into device (id, tenant, provider, device_key, upstream_id, device_type, province, input_hash, created, version,
        settings_version)
      select md5('device ' || n)::uuid, 'default', 'nowhere', 'device ' || n, 'upstream ' || n, 'IPAD', '广东', '', now(), 1, 1
      from generate_series(1, 1000) n`
    await sql`
      insert into login (id, tenant, device_id, provider, strategy, method, first_method, confirmed_by, device_type, province,
        proxied, first_on_device, started_by, reference, state, sequence, version, reason, upstream_code, upstream_message,
        next_step, advisories, qr_codes_asked, started, updated, ended, qr_code_issued, scanned, confirmed)
      select md5(n::text)::uuid, 'default', md5('device ' || (1 + n % 1000))::uuid, 'nowhere', 'AUTO', 'QR_CODE', 'QR_CODE',
        case when n % 3 > 0 then 'QR_CODE' end, case when n % 9 = 0 then 'MAC' else 'IPAD' end,
        (array['广东', '北京', '江苏', '浙江', null])[1 + n % 5], n % 2 = 0, n % 7 = 0, 'frontend',
        case when n % 4 = 0 then 'order-' || n end, case when n % 3 > 0 then 'CONFIRMED' else 'FAILED' end, 6, 6,
        case when n % 3 > 0 then 'SIGNED_IN' else 'UPSTREAM_ERROR' end, case when n % 3 = 0 then '1001' end,
        case when n % 3 = 0 then '当前登录环境异常，请"稍后"再试' end, 'NONE', '[]', '[]', at, at, at + interval '41.3 second',
        at + interval '1.52 second', case when n % 3 > 0 then at + interval '17.81 second' end,
        case when n % 3 > 0 then at + interval '41.3 second' end
      from generate_series(1, ${logins}::int) n,
        lateral (select (now() - interval '730 days' + n * (interval '729 days' / ${logins}::int))::timestamptz(3) as at) given`
    await sql`vacuum (analyze) login`
  } finally {
    await sql.end()
  }
}

/** The same columns in the same order, as the server's own text. */
const copied = async (databaseUrl: string) => {
  const sql = postgres(databaseUrl, { max: 1, onnotice: () => {} })
  try {
    const began = performance.now()
    const readable = await sql`
      copy (select id, state, reason, upstream_code, upstream_message, strategy, method, first_method, confirmed_by, provider,
        device_type, province, proxied, first_on_device, started_by, reference, device_id, account_id, started, ended,
        qr_code_issued, scanned, confirmed, extract(epoch from qr_code_issued - started), extract(epoch from scanned - started),
        extract(epoch from confirmed - started), extract(epoch from ended - started)
      from login where tenant = 'default' order by started, id) to stdout (format csv)`.readable()
    let bytes = 0
    let rows = 0
    for await (const chunk of readable) {
      bytes += (chunk as Buffer).length
      rows += linesIn(chunk as Buffer)
    }
    return {
      rows,
      bytes,
      seconds: (performance.now() - began) / 1_000,
      above: null,
      cpuMs: null,
      lagP99: null,
    }
  } finally {
    await sql.end()
  }
}

const exported = async (url: string, gateway: Awaited<ReturnType<typeof startGateway>>, run: Run) => {
  await gateway.ask('memory')
  const idle = residentOf(gateway.pid)
  let most = idle
  const look = setInterval(() => {
    most = Math.max(most, residentOf(gateway.pid))
  }, 20)
  try {
    await gateway.ask('begin')
    const began = performance.now()
    const { rows, bytes } = await receive(url, run === 'ndjson' ? 'ndjson' : 'csv', run === 'csv, gzip')
    const seconds = (performance.now() - began) / 1_000
    const { cpuMs, lagP99 } = await gateway.ask('end')
    return { rows, bytes, seconds, above: (most - idle) / mega, cpuMs, lagP99 }
  } finally {
    clearInterval(look)
  }
}

const startGateway = () => startChild<Gateway>('gateway', 'MEASURED')

/** In bytes, as the kernel counts it. */
const residentOf = (pid: number): number =>
  Number(readFileSync(`/proc/${pid}/statm`, 'utf8').split(' ')[1]) * pageSize

const ask = async (url: string, format: string, query: string, gzip: boolean): Promise<IncomingMessage> => {
  const request = get(`${url}/export/logins.${format}${query}`, {
    headers: { authorization: `Bearer ${benchKey}`, ...(gzip ? { 'accept-encoding': 'gzip' } : {}) },
  })
  const [response] = (await once(request, 'response')) as [IncomingMessage]
  if (response.statusCode !== 200) throw new Error(`The gateway answered ${response.statusCode}`)
  return response
}

const receive = async (url: string, format: string, gzip: boolean) => {
  const response = await ask(url, format, '', gzip)
  let bytes = 0
  let rows = format === 'csv' ? -1 : 0
  response.on('data', (chunk: Buffer) => {
    bytes += chunk.length
  })
  for await (const chunk of gzip ? response.pipe(createGunzip()) : response) rows += linesIn(chunk as Buffer)
  if (Number(response.trailers['x-export-rows']) !== rows) throw new Error('The trailer counts otherwise')
  return { rows, bytes }
}

const linesIn = (chunk: Buffer): number => {
  let count = 0
  for (let at = chunk.indexOf(10); at >= 0; at = chunk.indexOf(10, at + 1)) count++
  return count
}

/** Whether a run that was cut by breaking its connection, each time somewhere else, is byte for byte the whole one. */
const cutAndWhole = async (url: string, settings: Settings): Promise<boolean> => {
  const whole = createHash('sha256')
  let size = 0
  for await (const chunk of await ask(url, 'ndjson', '', false)) {
    size += (chunk as Buffer).length
    whole.update(chunk as Buffer)
  }
  const pieces = createHash('sha256')
  let [taken, after] = [0, '']
  for (let piece = 0; piece <= cuts; piece++) {
    const stopAt = piece < cuts ? ((piece + 1) * size) / (cuts + 1.3) : Number.POSITIVE_INFINITY
    let rest = Buffer.alloc(0)
    const response = await ask(url, 'ndjson', after === '' ? '' : `?after=${after}`, false)
    for await (const chunk of response) {
      const bytes = Buffer.concat([rest, chunk as Buffer])
      const end = bytes.lastIndexOf(10) + 1
      pieces.update(bytes.subarray(0, end))
      taken += end
      const [last] = /\{"cursor":"[^"]+"[^\n]*\n$/.exec(bytes.toString('utf8', 0, end)) ?? []
      if (last !== undefined) after = String((JSON.parse(last) as { cursor: unknown }).cursor)
      rest = bytes.subarray(end)
      if (taken + rest.length >= stopAt) break
    }
    settings.say(
      `export: ${piece < cuts ? 'cut' : 'ended'} after ${taken} bytes, ${rest.length} of a row lost`,
    )
  }
  return pieces.digest('hex') === whole.digest('hex')
}

type Result = Awaited<ReturnType<typeof copied>> | Awaited<ReturnType<typeof exported>>

const tableOf = (logins: number, results: Readonly<Record<Run, readonly Result[]>>, same: boolean): Table => {
  const copies = results.COPY.map(({ rows, seconds }) => rows / seconds)
  const above = runs.flatMap(run => results[run].flatMap(({ above }) => above ?? []))
  return {
    title: `export of ${logins} logins`,
    rows: runs.map(run => ({
      label: run === 'COPY' ? 'COPY … TO STDOUT (csv)' : `this gateway, ${run}`,
      cells: {
        'rows/s': results[run].map(({ rows, seconds }) => rows / seconds),
        '× COPY': results[run].map(({ rows, seconds }, round) => rows / seconds / (copies[round] ?? 1)),
        'MB on the wire': results[run].map(({ bytes }) => bytes / mega),
        ...(run === 'COPY'
          ? {}
          : {
              'MB above idle': results[run].map(({ above }) => above ?? 0),
              'µs of CPU a row': results[run].map(({ cpuMs, rows }) => ((cpuMs ?? 0) * 1_000) / rows),
              'lag p99 ms': results[run].map(({ lagP99 }) => lagP99 ?? 0),
            }),
      },
    })),
    goals: [
      { what: 'resident MB above idle', reached: above, atMost: 100 },
      {
        what: `cut ${cuts} times and gone on with: the same bytes as one whole run`,
        reached: [same ? 1 : 0],
        atLeast: 1,
      },
    ],
  }
}
