// History as the schema shows it: names, masks, links, and what a page costs.

import { readFileSync } from 'node:fs'
import { graphql, parse, validate } from 'graphql'
import { describe, expect, it } from 'vitest'
import type { Context } from '../../src/resolvers/context.ts'
import { globalId } from '../../src/resolvers/global-id.ts'
import { createLoaders } from '../../src/resolvers/loaders.ts'
import { schema } from '../../src/schema/schema.ts'
import { type Given, given } from '../resolvers/given.ts'
import { signedInOn } from '../resolvers/signed-in-on.ts'

const asked = (context: Context, source: string, variableValues: object = {}) =>
  graphql({
    schema,
    source,
    contextValue: { ...context, loaders: createLoaders(context.services, context.viewer.tenant) },
    variableValues: { ...variableValues },
  })

const ask = async (context: Context, source: string, variableValues: object = {}) => {
  const { data, errors } = await asked(context, source, variableValues)
  if (errors !== undefined) throw new AggregateError(errors, errors.map(({ message }) => message).join(' '))
  // biome-ignore lint/suspicious/noExplicitAny: a test says what it expects where it looks.
  return data as any
}

const goesOff = async (one: Given, deviceId: string, reason = 'SECURITY_CHECK'): Promise<void> => {
  const followed = await one.store.readFollowedOn(deviceId)
  if (followed === null) throw new Error('Nobody is followed there')
  const missed = one.store.clock.now() + 1
  const gone = {
    followed,
    missed,
    reason: reason as 'OTHER',
    words: '请重新登录',
    dropTags: ['FIRST_DAY'],
  } as const
  expect(await one.store.recordGone(gone)).not.toBeNull()
}

describe('history', () => {
  it('tells who was signed in where, by which login, and how it ended', async () => {
    await using one = await given()
    const { device, loginId } = await signedInOn(one, 'one')
    await goesOff(one, device.id)
    const { signIns, presenceChanges } = await ask(
      one.context,
      `{ signIns { edges { node { account { wcId } device { deviceKey } login { id } from to endReason dropTags } } }
         presenceChanges { edges { node { account { wcId } from to reason upstreamReason dropTags at } } } }`,
    )
    const [stay] = signIns.edges
    expect(stay.node).toMatchObject({
      account: { wcId: 'wxid_ada' },
      device: { deviceKey: 'one' },
      login: { id: globalId('Login', loginId) },
      endReason: 'SECURITY_CHECK',
      dropTags: ['FIRST_DAY'],
    })
    expect(Date.parse(stay.node.to)).toBeGreaterThan(Date.parse(stay.node.from))
    const changes = presenceChanges.edges.map(({ node }: { node: unknown }) => node)
    expect(changes).toMatchObject([
      { from: 'ONLINE', to: 'OFFLINE', upstreamReason: '请重新登录', dropTags: ['FIRST_DAY'] },
      { from: 'UNKNOWN', to: 'ONLINE', reason: 'SIGNED_IN', upstreamReason: null, dropTags: [] },
    ])
    expect(changes[0].at).toBe(stay.node.to)
  })

  it('reads a reason that it does not know as OTHER', async () => {
    await using one = await given()
    const { device } = await signedInOn(one, 'one')
    await goesOff(one, device.id, 'FROM_LATER')
    const data = await ask(
      one.context,
      `{ signIns(where: { endReason: [OTHER] }) { edges { node { endReason } } }
         presenceChanges(where: { reason: [OTHER] }) { edges { node { reason } } } }`,
    )
    expect(data).toEqual({
      signIns: { edges: [{ node: { endReason: 'OTHER' } }] },
      presenceChanges: { edges: [{ node: { reason: 'OTHER' } }] },
    })
  })

  it('masks phone numbers, serves pictures itself, and never tells a password', async () => {
    await using one = await given()
    const { device, account } = await signedInOn(one, 'one')
    await one.store.attachAccountPicture('default', 'fake', 'wxid_ada', 'picture-1')
    await goesOff(one, device.id)
    const proxy = { host: '10.0.0.1', port: 1080, username: 'lin', password: 'not to be told' }
    await one.store.updateDevice({
      tenant: 'default',
      deviceId: device.id,
      change: { proxy },
      changedBy: 'shop',
    })
    const query = `query ($a: ID!, $d: ID!) {
      account(id: $a) { profileHistory { edges { node {
        nickName wAccount country sex mobilePhone avatarUrl validFrom validTo } } } }
      device(id: $d) { history { edges { node {
        cause changedBy deviceType province proxy { host port username } validFrom validTo } } } } }`
    const variables = { a: globalId('Account', account.id), d: globalId('Device', device.id) }
    const all = await ask(one.context, query, variables)
    expect(all.account.profileHistory.edges[0].node).toMatchObject({
      nickName: 'Ada',
      mobilePhone: '13812345678',
      avatarUrl: 'https://gateway.example/pictures/picture-1',
      validTo: null,
    })
    const [now, then] = all.device.history.edges
    expect(now.node).toMatchObject({
      cause: 'UPDATED',
      changedBy: 'shop',
      proxy: { host: '10.0.0.1', port: 1080, username: 'lin' },
      validFrom: then.node.validTo,
      validTo: null,
    })
    expect(then.node).toMatchObject({ cause: 'REGISTERED', proxy: null, province: '广东' })
    expect(JSON.stringify(all)).not.toContain('not to be told')
    const masked = await ask(one.as(['LOGIN_READ', 'HISTORY_READ']), query, variables)
    expect(masked.account.profileHistory.edges[0].node.mobilePhone).toBe('138******78')
  })

  it('alone does not open accounts, devices and logins', async () => {
    await using one = await given()
    await signedInOn(one, 'one')
    const reader = one.as(['HISTORY_READ'])
    expect((await ask(reader, '{ signIns { edges { node { from } } } }')).signIns.edges).toHaveLength(1)
    for (const field of ['account { wcId }', 'device { deviceKey }', 'login { id }']) {
      const { errors } = await asked(reader, `{ signIns { edges { node { ${field} } } } }`)
      expect(errors?.map(({ message }) => message)).toEqual([expect.stringContaining('LOGIN_READ')])
    }
    const { errors } = await asked(reader, '{ presenceChanges { edges { node { account { wcId } } } } }')
    expect(errors).toHaveLength(1)
  })

  it('of a tenant is nobody else’s', async () => {
    await using one = await given()
    await signedInOn(one, 'one')
    const stranger: Context = { ...one.context, viewer: { ...one.context.viewer, tenant: 'another' } }
    const query = '{ signIns { edges { node { from } } } presenceChanges { edges { node { at } } } }'
    expect(await ask(stranger, query)).toEqual({ signIns: { edges: [] }, presenceChanges: { edges: [] } })
  })

  it('costs a page a bounded number of statements, whatever it selects', async () => {
    await using one = await given()
    for (let index = 0; index < 6; index += 1) {
      const { device } = await signedInOn(one, `device-${index}`, `wxid_${index}`)
      if (index % 2 === 0) await goesOff(one, device.id)
    }
    const cost = async (query: string, first: number) => {
      const before = one.statements()
      await ask(one.context, `query ($first: Int) ${query}`, { first })
      return one.statements() - before
    }
    const stay = 'edges { node { from account { wcId } device { deviceKey } login { id } } }'
    const change = 'edges { node { at account { wcId } } }'
    const queries: readonly (readonly [string, number])[] = [
      [`{ signIns(first: $first) { ${stay} } }`, 4],
      [`{ presenceChanges(first: $first) { ${change} } }`, 2],
      [
        `{ devices(first: $first) { edges { node {
          history(first: 3) { edges { node { cause } } } signIns(first: 3) { ${stay} } } } } }`,
        6,
      ],
      [
        `{ accounts(first: $first) { edges { node { signIns(first: 3) { ${stay} }
          profileHistory { edges { node { nickName } } } presenceHistory { ${change} } } } } }`,
        // The lists come in one turn of the event loop; what hangs on them may come in two.
        9,
      ],
    ]
    for (const [query, most] of queries) {
      const ofSix = await cost(query, 6)
      expect(ofSix).toBeLessThanOrEqual(most)
      expect(ofSix).toBeLessThanOrEqual((await cost(query, 2)) + 1)
    }
  })
})

describe('the examples of docs/history.md', () => {
  it('can be asked', () => {
    const page = readFileSync(new URL('../../docs/history.md', import.meta.url), 'utf8')
    const examples = [...page.matchAll(/```graphql\n(.*?)```/gs)].map(([, example = '']) => example)
    expect(examples).toHaveLength(3)
    for (const example of examples) expect(validate(schema, parse(example))).toEqual([])
  })
})
