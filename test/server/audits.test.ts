// GraphQL over HTTP as others wrote it down: every audit of graphql-http, against the gateway as `npm start` serves it.

import { serverAudits } from 'graphql-http'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Running, running, testKey } from '../app/running.ts'

let run: Running
beforeAll(async () => {
  run = await running()
})
afterAll(() => run[Symbol.asyncDispose]())

describe('GraphQL over HTTP', () => {
  const audits = serverAudits({
    url: () => run.endpoint,
    fetchFn: (url: string, init: RequestInit = {}) =>
      fetch(url, { ...init, headers: { ...init.headers, authorization: `Bearer ${testKey}` } }),
  })

  it('has 61 audits', () => {
    expect(audits).toHaveLength(61)
  })

  it.each(audits.map(audit => [`${audit.id} ${audit.name}`, audit] as const))('%s', async (_, audit) => {
    const result = await audit.fn()
    expect('reason' in result ? result.reason : result.status).toBe('ok')
  })
})
