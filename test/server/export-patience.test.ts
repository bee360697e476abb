// Exports whose first row is long in coming: who waits for it is no silent connection, and who leaves meanwhile takes
// nobody's place and keeps no search going.

import { once } from 'node:events'
import { createServer, get, type IncomingMessage } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { expect, test } from 'vitest'
import type { Store } from '../../src/db/store.ts'
import type { StreamLogins } from '../../src/db/stream-logins.ts'
import type { Services } from '../../src/resolvers/services.ts'
import { schema } from '../../src/schema/schema.ts'
import { recogniseAdmin } from '../../src/server/credentials.ts'
import { createExports, exportLimits } from '../../src/server/export.ts'
import { createMask } from '../../src/server/mask.ts'
import { type Exporting, exporting, exportKey, receive } from './exporting.ts'

const path = '/export/logins.ndjson'

/** As with a filter that fits few of millions: statement after statement, and no row until `found`. */
const searching = (store: Store, found: Promise<void>, begun: (signal: AbortSignal) => void): Store => ({
  ...store,
  streamLogins: (...args: Parameters<StreamLogins>) => ({
    async *[Symbol.asyncIterator]() {
      const [, , , , signal] = args
      if (signal === undefined) throw new Error('Nobody could tell it to stop')
      begun(signal)
      await found
      yield* store.streamLogins(...args)
    },
  }),
})

const ask = ({ url }: Pick<Exporting, 'url'>, key = exportKey) =>
  get(`${url}${path}`, { headers: { authorization: `Bearer ${key}` }, agent: false }).on('error', () => {})

const aborted = (signal: AbortSignal) => new Promise<unknown>(resolve => (signal.onabort = resolve))

test('a reader who leaves before the first row was found ends its search, and another one has its place', async () => {
  const found = Promise.withResolvers<void>()
  let begun = Promise.withResolvers<AbortSignal>()
  await using gateway = await exporting('pglite', 10, {
    through: store => searching(store, found.promise, signal => begun.resolve(signal)),
  })
  for (let n = 0; n <= exportLimits.atOnce; n++) {
    begun = Promise.withResolvers()
    const request = ask(gateway)
    const stopped = aborted(await begun.promise)
    request.destroy()
    await stopped
  }
  found.resolve()
  expect(await receive(gateway, path)).toMatchObject({ status: 200 })
  expect(gateway.logged).toEqual([])
})

test('a tenant has its places to itself', async () => {
  const found = Promise.withResolvers<void>()
  let begun = Promise.withResolvers<unknown>()
  await using gateway = await exporting('pglite', 10, {
    through: store => searching(store, found.promise, signal => begun.resolve(signal)),
    recognise: authorization => {
      const tenant = authorization === `Bearer ${exportKey}` ? 'default' : 'other'
      return { tenant, name: tenant, scopes: ['LOGIN_READ'], language: 'en' }
    },
  })
  for (let n = 0; n < exportLimits.atOnce; n++) {
    begun = Promise.withResolvers()
    ask(gateway, 'of-another-tenant').on('response', response => response.resume())
    await begun.promise
  }
  expect(await receive(gateway, path, { authorization: 'Bearer of-another-tenant' })).toMatchObject({
    status: 503,
  })
  found.resolve()
  expect(await receive(gateway, path)).toMatchObject({ status: 200 })
})

test('a reader may wait for the first row longer than a silent connection lasts', async () => {
  const found = Promise.withResolvers<void>()
  const begun = Promise.withResolvers<unknown>()
  await using gateway = await exporting('pglite', 10)
  const exports = createExports({
    schema,
    services: { store: searching(gateway.store, found.promise, begun.resolve) } as Services,
    recognise: recogniseAdmin(exportKey),
    mask: createMask({ error: () => {} }),
  })
  const server = createServer((request, response) => void exports.answer(request, response))
  server.setTimeout(100)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  try {
    const request = ask({ url: `http://127.0.0.1:${port}` })
    const answered = once(request, 'response')
    await begun.promise
    // It came later, and is cut off before the reader is answered.
    await once(connect(port, '127.0.0.1').resume(), 'close')
    found.resolve()
    const [response] = (await answered) as [IncomingMessage]
    response.resume()
    await once(response, 'end')
    expect(response.trailers['x-export-rows']).toBe('10')
  } finally {
    server.closeAllConnections()
    server.close()
  }
})
