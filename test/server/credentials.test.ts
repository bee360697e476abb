// Who is nobody learns nothing, on all three transports.

import { describe, expect, it } from 'vitest'
import { recogniseAdmin } from '../../src/server/credentials.ts'
import { post, served, servedKey } from './served.ts'
import { subscribe } from './subscribing.ts'

const needed = 'A key is needed: send `Authorization: Bearer <key>`.'
const unknown = 'This key is not known here: check that it is whole, and of this gateway.'

const strangers = [
  ['no key', {}, needed],
  ['a wrong key', { authorization: 'Bearer not-the-key' }, unknown],
  ['half of the key', { authorization: `Bearer ${servedKey.slice(0, -1)}` }, unknown],
  ['another scheme', { authorization: `Basic ${servedKey}` }, needed],
  ['no scheme', { authorization: servedKey }, needed],
  ['an empty key', { authorization: 'Bearer ' }, needed],
] as const

describe.each(strangers)('with %s', (_, headers, message) => {
  it('HTTP answers UNAUTHENTICATED and nothing of the schema', async () => {
    await using server = await served()
    for (const query of ['{ fine }', '{ fin }', '{ __schema { types { name } } }', '{']) {
      const { response, text } = await post(server, query, headers)
      expect(response.status).toBe(401)
      expect(response.headers.get('www-authenticate')).toBe('Bearer')
      expect(JSON.parse(text)).toEqual({
        errors: [{ message, extensions: { code: 'UNAUTHENTICATED' } }],
      })
    }
  })
})

it.each([
  [null, needed],
  ['wrong', unknown],
])('SSE answers UNAUTHENTICATED to the key %s', async (key, message) => {
  await using server = await served()
  const { items, end } = await subscribe('events', server.url, key, 'subscription { item }')
  expect(items).toEqual([])
  expect(end).toMatchObject({
    status: 401,
    body: { errors: [{ message, extensions: { code: 'UNAUTHENTICATED' } }] },
  })
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
