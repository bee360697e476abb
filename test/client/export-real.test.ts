// The export command against the true exports, over a network that breaks five times at arbitrary bytes: the file is the one
// that comes whole in one go.

import { readFile } from 'node:fs/promises'
import { gunzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { exporting, exportKey, receive } from '../server/exporting.ts'
import { engines } from '../support/database.ts'
import { aFolder, breakingWay, runExport } from './exporting.ts'

describe.each(engines)('an export on %s that is cut five times', engine => {
  test.each(['csv', 'ndjson', 'csv.gz'])('is the whole one, in %s', async ending => {
    await using server = await exporting(engine, 5_432)
    await using folder = await aFolder()
    const [format] = ending.split('.')
    const query = 'deviceType=IPAD&province=%E5%B9%BF%E4%B8%9C&province=%E5%8C%97%E4%BA%AC'
    const whole = (await receive(server, `/export/logins.${format}?${query}`)).text
    const size = Buffer.byteLength(whole)
    // Heads of answers count as well; the first one is cut before its first row.
    const cuts = [300, size / 3.1, size / 7.7, 2_345, size / 5.3].map(Math.floor)
    await using way = await breakingWay(server.url, cuts)
    const out = folder.at(`logins.${ending}`)
    const where = JSON.stringify({ deviceType: 'IPAD', province: ['广东', '北京'] })
    const run = runExport(['--out', out, '--where', where, '--url', way.url], { key: exportKey })
    expect(await run.status, run.err()).toBe(0)
    const bytes = await readFile(out)
    const text = (ending.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString()
    expect(text === whole).toBe(true)
    expect(way.left()).toBe(0)
    expect(run.pauses.length).toBe(5)
  })
})
