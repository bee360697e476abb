// What a page costs: the same statements for ten rows as for a hundred, whatever is selected of them.

import { graphql } from 'graphql'
import { expect, it } from 'vitest'
import { createLoaders } from '../../src/resolvers/loaders.ts'
import { schema } from '../../src/schema/schema.ts'
import { type Given, given } from '../resolvers/given.ts'
import { signedInOn } from '../resolvers/signed-in-on.ts'

const page = 'pageInfo { hasNextPage endCursor }'
const login = `id state timings { total } qrCode { url content } scanner { nickName } challenge { __typename } allowedActions
  advisories { code } outcome { message } polling { state }`
const deviceLists = `history(first: 2) { edges { node { validTo } } } signIns(first: 2) { edges { node { from account { wcId } } } }`
const accountLists = `profileHistory(first: 2) { edges { node { nickName } } } presenceHistory(first: 2) { edges { node { at } } }
  signIns(first: 2) { edges { node { to device { deviceKey } login { id } } } }`
const logins = `logins(first: 2) { totalCount ${page} edges { node { ${login} events(first: 3) { edges { node { sequence } } } } } }
  failed: logins(last: 3, where: { state: [FAILED, EXPIRED] }) { totalCount edges { node { id } } }`

const questions = {
  logins: `query ($first: Int) { logins(first: $first) { totalCount ${page} edges { node { ${login}
    device { deviceKey activeLogin { id } operation { id } advisories { code } account { wcId } ${deviceLists} ${logins} }
    account { wcId presence { state } device { deviceKey } ${accountLists} ${logins} }
    continues { id } continuedBy { id }
    events(first: 2) { ${page} edges { node { sequence at state } } } last: events(last: 1) { edges { node { sequence } } } } } } }`,
  devices: `query ($first: Int) { devices(first: $first) { totalCount edges { node { deviceKey activeLogin { ${login} }
    operation { id } advisories { code } account { wcId ${accountLists} } ${deviceLists} ${logins} } } } }`,
  accounts: `query ($first: Int) { accounts(first: $first) { totalCount edges { node { wcId device { deviceKey ${logins} }
    ${accountLists} ${logins} } } } }`,
} as const

it('a page of a hundred sends as many statements as one of ten, with everything that is nested', async () => {
  await using one = await given({}, 'postgres')
  // Every other one signed in, the others wait for a scan.
  for (let n = 0; n < 100; n += 1) {
    if (n % 2 === 0) await signedInOn(one, `device-${n}`, `wxid_${n}`)
    else await one.showQrCode((await one.login(await one.device(`device-${n}`))).loginId)
  }
  for (const [name, source] of Object.entries(questions)) {
    const few = await costOf(one, source, 10)
    const many = await costOf(one, source, 100)
    expect([name, few.rows, many.rows]).toEqual([name, 10, name === 'accounts' ? 50 : 100])
    // Reads on two paths that happen to meet in one turn of the event loop are one statement: a few more or less, never more by row.
    expect([name, Math.abs(many.statements - few.statements) <= 3]).toEqual([name, true])
    expect(few.statements).toBeLessThan(40)
  }
})

const costOf = async (one: Given, source: string, first: number) => {
  const before = one.statements()
  const { data, errors } = await graphql({
    schema,
    source,
    contextValue: { ...one.context, loaders: createLoaders(one.services, 'default') },
    variableValues: { first },
  })
  expect(errors).toBeUndefined()
  const [list] = Object.values(data ?? {}) as { edges: readonly unknown[] }[]
  return { statements: one.statements() - before, rows: list?.edges.length }
}
