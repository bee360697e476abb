// Lists, ids and cursors: pages after the Relay specification, and nothing read as what it is not.

import { describe, expect, it } from 'vitest'
import {
  eventCursor,
  markOf,
  momentCursor,
  parseEventCursor,
  parseMomentCursor,
} from '../../src/resolvers/cursor.ts'
import { findNode, findNodes } from '../../src/resolvers/find.ts'
import { globalId, idOf, parseGlobalId } from '../../src/resolvers/global-id.ts'
import { listAccounts } from '../../src/resolvers/list-accounts.ts'
import { listDevices } from '../../src/resolvers/list-devices.ts'
import { listEvents } from '../../src/resolvers/list-events.ts'
import { listLogins } from '../../src/resolvers/list-logins.ts'
import type { PageArgs } from '../../src/resolvers/page.ts'
import { type Given, given } from './given.ts'

const uuid = '01a1fc01-ef3e-7e81-a660-567065fb541a'

const devices = async (one: Given, count: number) => {
  const ids: string[] = []
  for (let index = 0; index < count; index += 1) ids.push(await one.device(`device-${index}`))
  return ids
}

const keysOf = async (one: Given, args: PageArgs) => {
  const { edges, pageInfo } = await listDevices(one.context, args)
  return { keys: edges.map(({ node }) => Number(node.deviceKey.slice(7))), edges, pageInfo }
}

describe('an id', () => {
  it('names a thing among all things, and nothing where it is malformed', () => {
    expect(parseGlobalId(globalId('Login', uuid))).toEqual({ type: 'Login', id: uuid })
    const spoilt = [
      '',
      'x',
      uuid,
      Buffer.from(`Secret:${uuid}`).toString('base64'),
      Buffer.from(`Login:${uuid}:1`).toString('base64'),
      Buffer.from('Login:1').toString('base64'),
      `${globalId('Login', uuid)}=`,
      globalId('Login', uuid).replace('=', ''),
      'x'.repeat(1_000),
    ].filter(text => text !== globalId('Login', uuid))
    for (const text of spoilt) expect(parseGlobalId(text)).toBeNull()
    expect(idOf('Device', globalId('Login', uuid))).toBeNull()
  })

  it('is found by `node`, whatever it names', async () => {
    await using one = await given()
    const deviceId = await one.device('one')
    const { id } = await one.login(deviceId)
    expect(await findNode(one.context, deviceId)).toMatchObject({ deviceKey: 'one' })
    expect(await findNode(one.context, id)).toMatchObject({ record: { stateName: 'STARTING' } })
    expect(await findNode(one.context, globalId('Account', uuid))).toBeNull()
    expect(await findNodes(one.context, [id, 'nonsense', deviceId])).toMatchObject([
      { record: {} },
      null,
      { deviceKey: 'one' },
    ])
  })

  it('is asked for a hundred at most', async () => {
    await using one = await given()
    const ids = Array.from({ length: 101 }, () => globalId('Login', uuid))
    expect(() => findNodes(one.context, ids)).toThrow('100')
  })
})

describe('a page', () => {
  it('goes forward and backward over everything, none twice and none missing', async () => {
    await using one = await given()
    await devices(one, 7)
    const forward: number[] = []
    let after: string | null = null
    let more = true
    while (more) {
      const page: Awaited<ReturnType<typeof keysOf>> = await keysOf(one, { first: 3, after })
      forward.push(...page.keys)
      after = page.pageInfo.endCursor
      more = page.pageInfo.hasNextPage
    }
    expect(forward).toEqual([6, 5, 4, 3, 2, 1, 0])
    const last = await keysOf(one, { last: 3 })
    expect(last).toMatchObject({ keys: [2, 1, 0], pageInfo: { hasPreviousPage: true, hasNextPage: false } })
    const before = await keysOf(one, { last: 3, before: last.pageInfo.startCursor })
    expect(before).toMatchObject({ keys: [5, 4, 3], pageInfo: { hasPreviousPage: true, hasNextPage: true } })
  })

  it('has twenty unless asked, a hundred at most, and none where none is asked for', async () => {
    await using one = await given()
    await devices(one, 22)
    expect((await keysOf(one, {})).keys).toHaveLength(20)
    expect((await keysOf(one, { first: 100 })).keys).toHaveLength(22)
    expect(await keysOf(one, { first: 0 })).toMatchObject({
      keys: [],
      pageInfo: { hasNextPage: true, endCursor: null },
    })
  })

  it.each([
    [{ first: 1, last: 1 }],
    [{ first: -1 }],
    [{ first: 101 }],
    [{ last: 101 }],
    [{ last: -1 }],
    [{ after: 'nonsense' }],
    [{ before: '' }],
    [{ after: momentCursor('login', markOf({ retired: false }), { at: 1, id: uuid }) }],
    [{ after: momentCursor('device', markOf({ retired: true }), { at: 1, id: uuid }) }],
  ])('refuses %j', async args => {
    await using one = await given()
    await expect(listDevices(one.context, args)).rejects.toMatchObject({ code: 'BAD_USER_INPUT' })
  })

  it('counts only when it is asked to', async () => {
    await using one = await given()
    await devices(one, 3)
    const before = one.statements()
    const page = await listDevices(one.context, { first: 2 })
    expect(one.statements() - before).toBe(1)
    expect(await page.count()).toBe(3)
  })

  it('of events begins above a number, or after a cursor', async () => {
    await using one = await given()
    const { id, loginId } = await one.login(await one.device('one'))
    await one.showQrCode(loginId)
    await one.hiccup(loginId, 2)
    const login = (await findNode(one.context, id)) as never
    const sequences = async (args: object) =>
      (await listEvents(one.context, login, args)).edges.map(({ node }) => node.event.sequence)
    expect(await sequences({})).toEqual([1, 2, 3, 4, 5, 6])
    expect(await sequences({ afterSequence: 4 })).toEqual([5, 6])
    expect(await sequences({ last: 2 })).toEqual([5, 6])
    const [edge] = (await listEvents(one.context, login, { first: 1, afterSequence: 1 })).edges
    expect(await sequences({ after: edge?.cursor, first: 1 })).toEqual([3])
    await expect(listEvents(one.context, login, { afterSequence: -1 })).rejects.toMatchObject({
      code: 'BAD_USER_INPUT',
    })
  })
})

describe('a cursor', () => {
  it('says of which list it is', () => {
    const mark = markOf({})
    const cursor = momentCursor('device', mark, { at: 5, id: uuid })
    expect(parseMomentCursor('device', mark, cursor)).toEqual({ at: 5, id: uuid })
    expect(() => parseMomentCursor('login', mark, cursor)).toThrow('`after` is no cursor of this list')
    expect(() => parseMomentCursor('device', markOf({ retired: true }), cursor, 'before')).toThrow(
      '`before` is a cursor of another query',
    )
    expect(() => parseEventCursor(uuid, cursor)).toThrow()
    expect(() => parseEventCursor(uuid.replace('541a', '541b'), eventCursor(uuid, 1))).toThrow(
      'another query',
    )
  })

  it('holds for the same query however it is spelled, and for no other', async () => {
    await using one = await given()
    const [here = '', there = ''] = await devices(one, 2)
    await one.login(here)
    await one.login(there)
    const province = ['广东', '北京']
    const where = { province, live: true }
    const { pageInfo } = await listLogins(one.context, { first: 1, where })
    const after = pageInfo.endCursor
    const again = (args: object, within = {}) => listLogins(one.context, { first: 1, after, ...args }, within)
    const spelled = { live: true, reference: null, province: province.toReversed() }
    expect((await again({ where: spelled, orderBy: 'STARTED_AT_DESC' })).edges).toHaveLength(1)
    const others: readonly Promise<unknown>[] = [
      again({ where, orderBy: 'STARTED_AT_ASC' }),
      again({ where: { ...where, live: false } }),
      again({ where: { province } }),
      again({ where: { ...where, province: ['广东'] } }),
      again({}),
      again({ where: { ...where, device: here } }),
      again({ where }, { device: idOf('Device', here) ?? '' }),
    ]
    for (const asked of others)
      await expect(asked).rejects.toMatchObject({
        code: 'BAD_USER_INPUT',
        message: expect.stringContaining('`after` is a cursor of another query'),
      })
  })

  it('of the logins of one device is none of another device', async () => {
    await using one = await given()
    const [here = '', there = ''] = await devices(one, 2)
    await one.login(here)
    const within = (id: string) => ({ device: idOf('Device', id) ?? '' })
    const { pageInfo } = await listLogins(one.context, {}, within(here))
    const args = { after: pageInfo.endCursor }
    expect((await listLogins(one.context, args, within(here))).edges).toEqual([])
    await expect(listLogins(one.context, args, within(there))).rejects.toThrow('another query')
  })
})

describe('a filter', () => {
  it('takes ids of the API, and refuses what is none of that kind', async () => {
    await using one = await given()
    const [here = '', there = ''] = await devices(one, 2)
    await one.login(here)
    const count = async (where: object) => (await listLogins(one.context, { where })).edges.length
    expect(await count({ device: here })).toBe(1)
    expect(await count({ device: there })).toBe(0)
    for (const device of ['nonsense', globalId('Account', idOf('Device', here) ?? ''), ''])
      await expect(count({ device })).rejects.toMatchObject({
        code: 'BAD_USER_INPUT',
        message: '`where.device` is no id of a device.',
      })
    await expect(count({ account: here })).rejects.toMatchObject({
      message: '`where.account` is no id of an account.',
    })
    expect(await count({ live: true, state: ['STARTING'], reference: null })).toBe(1)
    expect(await count({ live: false })).toBe(0)
  })

  it('on a device stays on that device', async () => {
    await using one = await given()
    const [here = '', there = ''] = await devices(one, 2)
    await one.login(here)
    const within = { device: idOf('Device', here) ?? '' }
    const on = async (where: object) => (await listLogins(one.context, { where }, within)).edges.length
    expect(await on({})).toBe(1)
    expect(await on({ device: there })).toBe(0)
  })

  it('of devices leaves the retired out, unless either is asked for', async () => {
    await using one = await given()
    await devices(one, 1)
    for (const [where, count] of [
      [{}, 1],
      [{ retired: true }, 0],
      [{ retired: null }, 1],
    ] as const)
      expect((await listDevices(one.context, { where })).edges).toHaveLength(count)
  })
})

describe('bounds the wrong way round', () => {
  it.each([
    ['`where.startedFrom` is later than `where.startedTo`', { startedFrom: 2, startedTo: 1 }],
    ['`where.endedFrom` is later than `where.endedTo`', { endedFrom: 2, endedTo: 1 }],
  ])('are refused: %s', async (message, where) => {
    await using one = await given()
    await expect(listLogins(one.context, { where })).rejects.toMatchObject({
      code: 'BAD_USER_INPUT',
      message: expect.stringContaining(message),
    })
  })
})

describe('what no database can hold', () => {
  it.each([
    ['logins', (one: Given) => listLogins(one.context, { where: { reference: 'a\0b' } })],
    ['logins by a list', (one: Given) => listLogins(one.context, { where: { province: ['a\0b'] } })],
    ['devices', (one: Given) => listDevices(one.context, { where: { deviceKey: 'a\0b' } })],
    ['accounts', (one: Given) => listAccounts(one.context, { where: { search: 'a\0b' } })],
    ['half a character', (one: Given) => listLogins(one.context, { where: { startedBy: ['\ud83d'] } })],
    ['a text without end', (one: Given) => listLogins(one.context, { where: { wcId: 'x'.repeat(201) } })],
    [
      'a list without end',
      (one: Given) => listLogins(one.context, { where: { province: Array(101).fill('广东') } }),
    ],
    [
      'a cursor beyond all time',
      (one: Given) =>
        listLogins(one.context, {
          after: Buffer.from(`login:${markOf({}, 'STARTED_AT_DESC', {})}:999999999999999:${uuid}`).toString(
            'base64url',
          ),
        }),
    ],
  ])('is refused by %s as the input that it is', async (_, ask) => {
    await using one = await given()
    await expect(ask(one)).rejects.toMatchObject({ code: 'BAD_USER_INPUT' })
  })
})
