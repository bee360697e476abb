// Who is nobody learns nothing, on all three transports.

import { describe, expect, it } from 'vitest'
import { recogniseAdmin } from '../../src/server/credentials.ts'
import { post, served, servedKey } from './served.ts'
import { subscribe } from './subscribing.ts'

const strangers = [
  ['no key', {}],
  ['a wrong key', { authorization: 'Bearer not-the-key' }],
  ['another scheme', { authorization: `Basic ${servedKey}` }],
  ['an empty key', { authorization: 'Bearer ' }],
] as const

describe.each(strangers)('with %s', (_, headers) => {
  it('HTTP answers UNAUTHENTICATED and nothing of the schema', async () => {
    await using server = await served()
    for (const query of ['{ fine }', '{ fin }', '{ __schema { types { name } } }', '{']) {
      const { response, text } = await post(server, query, headers)
      expect(response.status).toBe(401)
      expect(response.headers.get('www-authenticate')).toBe('Bearer')
      expect(JSON.parse(text)).toEqual({
        errors: [
          { message: expect.stringContaining('A key is needed'), extensions: { code: 'UNAUTHENTICATED' } },
        ],
      })
    }
  })
})

it.each([null, 'wrong'])('SSE answers UNAUTHENTICATED to the key %s', async key => {
  await using server = await served()
  const { items, end } = await subscribe('events', server.url, key, 'subscription { item }')
  expect(items).toEqual([])
  expect(end).toMatchObject({ status: 401, body: { errors: [{ extensions: { code: 'UNAUTHENTICATED' } }] } })
})

it.each([null, 'wrong'])(
  'a socket with the key %s is closed with 4401, and its client does not come back',
  async key => {
    await using server = await served()
    const { items, end } = await subscribe('socket', server.url, key, 'subscription { item }')
    expect(items).toEqual([])
    expect(end).toMatchObject({ code: 4401, reason: 'UNAUTHENTICATED' })
  },
)

it('a known key is somebody, however the scheme is spelled', () => {
  const recognise = recogniseAdmin('secret')
  for (const header of ['Bearer secret', 'bearer secret', 'BEARER  secret '])
    expect(recognise(header, 'en')).toMatchObject({ tenant: 'default', name: 'admin' })
  for (const header of [null, undefined, '', 'secret', 'Bearer secre', 'Bearer secrets', 'Bearer a secret'])
    expect(recognise(header, 'en')).toBeNull()
})
