// A set-up with a real upstream that is wrong: whoever registers the first device is told what, and the log says it once.

import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, it } from 'vitest'
import { running } from './running.ts'

const token = 'a-token-of-the-tests'

/** What answers everything so; null: nothing does, at a port that was free a moment ago. */
const upstream = async (status: number | null, body = '') => {
  const server = createServer((_, response) => response.writeHead(status ?? 500).end(body))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const close = async () => {
    server.closeAllConnections()
    if (server.listening) await new Promise(resolve => server.close(resolve))
  }
  if (status === null) await close()
  return { url: `http://127.0.0.1:${port}`, [Symbol.asyncDispose]: close }
}

it.each([
  ['refuses the token of this gateway (HTTP 401)', 401, '', false, 'UNAUTHORIZED'],
  ['refuses the token of this gateway', 200, '{"code":"1001","message":"token无效"}', false, 'UNAUTHORIZED'],
  ['answers what cannot be read (HTTP 404)', 404, '<h1>Not found</h1>', false, 'UNREADABLE'],
  ['cannot be reached', null, '', true, 'UNREACHABLE'],
] as const)('that %s is told as that', async (said, status, body, retryable, kind) => {
  await using real = await upstream(status, body)
  const providers = JSON.stringify([{ name: 'main', dialect: 'open', baseUrl: real.url, token }])
  await using run = await running({}, { GATEHOUSE_PROVIDERS: providers })
  const { data } = await run.ask(`mutation {
    registerDevice(input: { provider: "main", deviceKey: "one", province: "广东" }) {
      ... on UpstreamError { code message retryable }
    }
  }`)
  expect(data.registerDevice).toMatchObject({ code: 'UPSTREAM_ERROR', retryable })
  expect(data.registerDevice.message).toContain(`The upstream main ${said}`)
  expect(run.logged).toMatchObject([{ level: 'warn', fields: { provider: 'main', kind } }])
  const told = JSON.stringify([data, run.logged])
  expect(told).not.toContain(token)
  expect(told).not.toContain(real.url)
})
