// A connection that breaks while it is being made is nobody's query yet: it must not end the process.

import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'
import { sql } from 'drizzle-orm'
import { expect, it } from 'vitest'
import { connectPostgres } from '../../src/db/connection/postgres.ts'
import { freshDatabase } from '../support/database.ts'

it('asks nothing of its own that a broken connection would leave unanswered', async () => {
  await using database = await freshDatabase('postgres')
  const behind = new URL(database.url ?? '')
  const asked: string[] = []
  const sockets = new Set<Socket>()
  const between = createServer(client => {
    const server = connect(Number(behind.port), behind.hostname)
    for (const socket of [client, server]) sockets.add(socket.on('error', () => {}))
    client.on('data', bytes => {
      const text = bytes.toString('latin1')
      if (text.includes('pg_type')) asked.push(text)
      if (!text.includes('pg_type')) return void server.write(bytes)
      for (const socket of [client, server]) socket.destroy()
    })
    server.on('data', bytes => client.write(bytes))
  }).listen(0, '127.0.0.1')
  await once(between, 'listening')
  const through = new URL(behind)
  through.port = String((between.address() as { port: number }).port)

  const connection = await connectPostgres({ url: through.href, statements: 1 })
  expect(await connection.rows(sql`select 1 as one`)).toEqual([{ one: 1 }])
  expect(asked).toEqual([])
  await connection.close()
  for (const socket of sockets) socket.destroy()
  between.close()
})
