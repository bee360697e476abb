// The export command as a person meets it, a gateway whose answers a test writes down, and a network that breaks.

import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { type AddressInfo, connect, createServer as createTcpServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type ExitStatus, run } from '../../client/export/run.ts'
import { type Commanded, commanding, KEY, type Person, type Served, serving } from './commanding.ts'

export const runExport = (
  argv: readonly string[],
  { now, ...person }: Person & { readonly now?: () => number } = {},
): Commanded<ExitStatus> =>
  commanding(around => run({ ...around, ...(now === undefined ? {} : { now }) }), argv, person)

export const aFolder = async () => {
  const path = await mkdtemp(join(tmpdir(), 'gatehouse-export-'))
  return {
    at: (name: string) => join(path, name),
    [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }),
  }
}

/** What an export is answered with: some of the rows and then a break, all of them, or no. */
export type Answer =
  | { readonly breaksAfter: number }
  | 'WHOLE'
  | 'HANGS'
  /** It searches, and has nothing to say yet. */
  | 'SEARCHES'
  | 'BREAKS'
  /** As a proxy would: no trailer, and a proper end wherever it is cut. */
  | { readonly endsAfter: number }
  | { readonly status: number; readonly error?: object; readonly retryAfter?: number }

/** Rows as a gateway has them; `answers` in order, and whole ones afterwards. Calls are the queries of exports. */
export const answering = (
  rows: readonly string[],
  ...answers: readonly Answer[]
): Promise<Served<URLSearchParams>> => {
  const left = [...answers]
  return serving(count => (request, response) => {
    if (request.url?.startsWith('/graphql')) {
      response.setHeader('content-type', 'application/json')
      return void response.end(JSON.stringify({ data: { logins: { totalCount: rows.length } } }))
    }
    count(new URL(request.url ?? '/', 'http://gateway').searchParams)
    if (request.headers.authorization !== `Bearer ${KEY}`) return void response.writeHead(401).end('{}')
    answer(request, response, rows, left.shift() ?? 'WHOLE')
  })
}

const answer = (request: IncomingMessage, response: ServerResponse, rows: readonly string[], how: Answer) => {
  if (how === 'SEARCHES') return
  if (how === 'BREAKS') return void request.socket.resetAndDestroy()
  if (typeof how === 'object' && 'status' in how) {
    const { status, error, retryAfter } = how
    response.writeHead(status, retryAfter === undefined ? {} : { 'retry-after': String(retryAfter) })
    return void response.end(error === undefined ? 'no JSON' : JSON.stringify({ error }))
  }
  const { pathname, searchParams } = new URL(request.url ?? '/', 'http://gateway')
  response.setHeader('content-type', pathname.endsWith('.csv') ? 'text/csv' : 'application/x-ndjson')
  const after = searchParams.get('after')
  const left = rows.slice(after === null ? 0 : Number(after.slice(1)))
  const text = left.join('')
  if (how === 'HANGS') {
    response.writeHead(200).write(left.slice(0, 2).join(''))
    return
  }
  if (typeof how === 'object' && 'breaksAfter' in how) {
    response.writeHead(200).write(text.slice(0, how.breaksAfter), () => request.socket.destroy())
    return
  }
  if (typeof how === 'object') return void response.writeHead(200).end(text.slice(0, how.endsAfter))
  response.writeHead(200, { trailer: 'x-export-rows' })
  response.write(text)
  // The header of a CSV file is none.
  const told = text.startsWith('cursor,') ? left.length - 1 : left.length
  response.addTrailers({ 'x-export-rows': String(told) })
  response.end()
}

/** A way to a server that breaks after so many bytes of each connection, in order; then it holds. */
export const breakingWay = async (url: string, after: readonly number[]) => {
  const { hostname, port } = new URL(url)
  const left = [...after]
  const sockets = new Set<Socket>()
  const server = createTcpServer(near => {
    const far = connect(Number(port), hostname)
    let room = Number.POSITIVE_INFINITY
    let isExport = false
    for (const socket of [near, far]) {
      sockets.add(socket)
      socket.on('error', () => {})
      socket.on('close', () => {
        sockets.delete(socket)
        near.destroy()
        far.destroy()
      })
    }
    near.on('data', bytes => {
      if (!isExport && bytes.toString('latin1').startsWith('GET ')) {
        isExport = true
        room = left.shift() ?? Number.POSITIVE_INFINITY
      }
      far.write(bytes)
    })
    far.on('data', bytes => {
      const part = bytes.subarray(0, Math.max(0, room))
      room -= bytes.length
      if (room > 0) return void near.write(part)
      near.end(part)
      far.destroy()
    })
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    /** How many breaks were left unused. */
    left: () => left.length,
    [Symbol.asyncDispose]: async () => {
      for (const socket of sockets) socket.destroy()
      server.close()
      await once(server, 'close')
    },
  }
}
