// What the circuit learns from calls that have to wait for a line.

import { afterEach, beforeEach, expect, it } from 'vitest'
import { type Connection, openConnection } from '../../src/provider/connection.ts'
import { RareCalls } from '../../src/provider/rare-calls.ts'
import { never, Upstream } from './upstream.ts'

let now = 0
let upstream: Upstream
let connection: Connection
let calls: RareCalls
beforeEach(async () => {
  now = 1_000
  upstream = await Upstream.start(never)
  const options = { name: 'upstream', baseUrl: upstream.origin, token: 'token', monotonic: () => now }
  connection = openConnection(options, 'application/json')
  const lines = () => connection.lines({ max: 1, patience: 10_000, idle: 1_000 })
  calls = new RareCalls(connection, { short: lines(), hanging: lines() })
  // One more, and it opens.
  for (let times = 0; times < 4; times++) connection.circuit.failed(connection.circuit.pass(), 'TIMEOUT')
})
afterEach(async () => {
  await calls.close()
  await upstream.stop()
})

const ask = (whom: string, within: number, asked = new AbortController().signal) =>
  calls.ask({ endpoint: 'isOnline', whom, body: '{}', asked, within, read: () => null })

it('a call whose time runs out says that the upstream is silent', async () => {
  const silent = ask('anna', 100)
  await upstream.asked
  now += 100
  await expect(silent).rejects.toMatchObject({ kind: 'TIMEOUT', sent: true })
  expect(connection.circuit.reachable).toBe(false)
})

it('a call that spent its time waiting for a line says nothing of the upstream', async () => {
  const holder = new AbortController()
  const first = ask('anna', 10_000, holder.signal)
  await upstream.asked
  const second = ask('bob', 500)
  now += 400
  holder.abort()
  await expect(first).rejects.toMatchObject({ kind: 'TIMEOUT', sent: true })
  await expect(second).rejects.toMatchObject({ kind: 'TIMEOUT', sent: true })
  expect(upstream.requests).toBe(2)
  expect(connection.circuit.reachable).toBe(true)
})
