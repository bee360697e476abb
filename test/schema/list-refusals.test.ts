// What a list refuses: by BAD_USER_INPUT, in a sentence that names the argument, at the place of the field.

import { graphql } from 'graphql'
import { expect, it } from 'vitest'
import { createLoaders } from '../../src/resolvers/loaders.ts'
import { schema } from '../../src/schema/schema.ts'
import { type Given, given } from '../resolvers/given.ts'

const refusalOf = async (one: Given, source: string) => {
  const { errors } = await graphql({
    schema,
    source,
    contextValue: { ...one.context, loaders: createLoaders(one.services, 'default') },
  })
  const [error] = errors ?? []
  return {
    code: (error?.originalError as { code?: string } | null)?.code,
    message: error?.message,
    path: error?.path,
  }
}

it('says what is wrong with a page or a filter, and where', async () => {
  await using one = await given()
  const deviceId = await one.device('one')
  await one.login(deviceId)
  const edges = 'edges { node { id } }'
  const device = `device(id: "${deviceId}")`
  const refused: readonly (readonly [string, string, readonly string[]])[] = [
    [`{ logins(first: 101) { ${edges} } }`, '`first` is 101, and a page has 100 at most', ['logins']],
    [`{ mine: logins(last: 101) { ${edges} } }`, '`last` is 101', ['mine']],
    [`{ devices(first: -1) { ${edges} } }`, '`first` is -1', ['devices']],
    [`{ accounts(first: 1, last: 1) { ${edges} } }`, '`first` or `last`, not for both', ['accounts']],
    [`{ logins(before: "x") { ${edges} } }`, '`before` is no cursor of this list', ['logins']],
    [`{ ${device} { logins(first: 101) { ${edges} } } }`, '`first` is 101', ['device', 'logins']],
    [`{ ${device} { signIns(first: 101) { edges { cursor } } } }`, '`first` is 101', ['device', 'signIns']],
    [
      '{ logins(where: { startedFrom: "2026-02-01T00:00:00Z", startedTo: "2026-01-01T00:00:00Z" }) { totalCount } }',
      '`where.startedFrom` is later than `where.startedTo`',
      ['logins'],
    ],
    [
      '{ logins(where: { reference: "a\\u0000b" }) { totalCount } }',
      '`where.reference` holds a NUL',
      ['logins'],
    ],
    [
      `{ accounts(where: { search: "${'x'.repeat(201)}" }) { totalCount } }`,
      '`where.search` has more than 200 characters',
      ['accounts'],
    ],
  ]
  for (const [source, message, path] of refused)
    expect(await refusalOf(one, source)).toEqual({
      code: 'BAD_USER_INPUT',
      message: expect.stringContaining(message),
      path,
    })
})
