// History by the verbs of the API: which pages, whose, for whom, and at what cost.

import { describe, expect, it } from 'vitest'
import { changeCursor, markOf, momentCursor, versionCursor } from '../../src/resolvers/cursor.ts'
import { causeOf, knownDropTags } from '../../src/resolvers/history-view.ts'
import { listPresenceChanges, listPresenceChangesOf } from '../../src/resolvers/list-presence-changes.ts'
import { listSignIns, listSignInsOfAccount, listSignInsOnDevice } from '../../src/resolvers/list-sign-ins.ts'
import { listDeviceVersions, listProfiles } from '../../src/resolvers/list-versions.ts'
import { given } from './given.ts'
import { signedInOn } from './signed-in-on.ts'

const other = '01a1fc01-ef3e-7e81-a660-567065fb541a'

describe('history', () => {
  it('is for keys that may read it', async () => {
    await using one = await given()
    const { device, account } = await signedInOn(one, 'one')
    const reads = [
      (context: typeof one.context) => listSignIns(context, {}),
      (context: typeof one.context) => listPresenceChanges(context, {}),
      (context: typeof one.context) => listSignInsOnDevice(context, device.id, {}),
      (context: typeof one.context) => listSignInsOfAccount(context, account.id, {}),
      (context: typeof one.context) => listPresenceChangesOf(context, account.id, {}),
      (context: typeof one.context) => listDeviceVersions(context, device, {}),
      (context: typeof one.context) => listProfiles(context, account, {}),
    ]
    for (const read of reads) {
      expect((await read(one.as(['HISTORY_READ']))).edges).toHaveLength(1)
      await expect(read(one.as(['LOGIN_READ', 'LOGIN_LINK']))).rejects.toMatchObject({ code: 'FORBIDDEN' })
    }
  })

  it('is walked by cursors of its own', async () => {
    await using one = await given()
    const { device } = await signedInOn(one, 'one')
    for (const label of ['a', 'b'])
      await one.store.updateDevice({
        tenant: 'default',
        deviceId: device.id,
        change: { label },
        changedBy: 'shop',
      })
    const first = await listDeviceVersions(one.context, device, { first: 2 })
    expect(first.edges.map(({ node }) => node.label)).toEqual(['b', 'a'])
    expect(first.pageInfo).toMatchObject({ hasNextPage: true, hasPreviousPage: false })
    const rest = await listDeviceVersions(one.context, device, { first: 2, after: first.pageInfo.endCursor })
    expect(rest.edges.map(({ node }) => [node.label, node.cause])).toEqual([[null, 'REGISTERED']])
    expect(rest.pageInfo).toMatchObject({ hasNextPage: false, hasPreviousPage: true })
    expect(rest.edges[0]?.node.validTo).toBe(first.edges[1]?.node.validFrom)
  })

  it('refuses what no page is, and a cursor of another list', async () => {
    await using one = await given()
    const { device, account } = await signedInOn(one, 'one')
    const moment = momentCursor('login', markOf({}), { at: 5, id: other })
    const ofDevice = (id: string) => versionCursor('settings', id, 3)
    const changeOf = (...of: readonly unknown[]) =>
      changeCursor(markOf(...of), { at: 5, accountId: other, number: 1 })
    const change = changeOf('account', other)
    const refused: readonly (readonly [string, Promise<unknown>])[] = [
      ['at most', listSignIns(one.context, { first: 101 })],
      ['at most', listSignInsOnDevice(one.context, device.id, { first: 101 })],
      ['negative', listPresenceChanges(one.context, { first: -1 })],
      ['cursor', listSignIns(one.context, { after: 'nonsense' })],
      ['cursor', listSignIns(one.context, { after: moment })],
      ['cursor', listSignIns(one.context, { after: change })],
      ['cursor', listPresenceChanges(one.context, { after: moment })],
      ['cursor', listDeviceVersions(one.context, device, { after: ofDevice(other) })],
      ['cursor', listProfiles(one.context, account, { after: ofDevice(account.id) })],
      ['another query', listPresenceChanges(one.context, { after: changeOf({ to: ['ONLINE'] }) })],
      ['cursor', listPresenceChangesOf(one.context, account.id, { after: change })],
      ['`where.from` is later than `where.to`', listSignIns(one.context, { where: { from: 2, to: 1 } })],
      ['later than `where.until`', listPresenceChanges(one.context, { where: { from: 2, until: 1 } })],
      ['NUL', listSignIns(one.context, { where: { provider: ['a\0b'] } })],
    ]
    for (const [words, asked] of refused)
      await expect(asked).rejects.toMatchObject({
        code: 'BAD_USER_INPUT',
        message: expect.stringMatching(new RegExp(words.replaceAll('.', '\\.'), 'i')),
      })
    expect((await listSignIns(one.context, { where: { from: 1, to: 1 } })).edges).toEqual([])
    expect((await listPresenceChangesOf(one.context, other, { after: change })).edges).toEqual([])
  })

  it('takes a null of a filter for nothing asked', async () => {
    await using one = await given()
    await signedInOn(one, 'one')
    const where = { provider: null, ended: null, from: null }
    expect((await listSignIns(one.context, { where })).edges).toHaveLength(1)
    expect((await listSignIns(one.context, { where: { ended: true } })).edges).toHaveLength(0)
    expect((await listPresenceChanges(one.context, { where: { to: ['ONLINE'] } })).edges).toHaveLength(1)
    expect((await listPresenceChanges(one.context, { where: { to: [] } })).edges).toHaveLength(0)
  })

  it('of other things than were asked about together is not mixed up', async () => {
    await using one = await given()
    const both = [await signedInOn(one, 'one', 'wxid_1'), await signedInOn(one, 'two', 'wxid_2')]
    const before = one.statements()
    const [here, there, longer] = await Promise.all([
      listSignInsOnDevice(one.context, both[0]?.device.id ?? '', { first: 1 }),
      listSignInsOnDevice(one.context, both[1]?.device.id ?? '', { first: 1 }),
      listSignInsOnDevice(one.context, both[1]?.device.id ?? '', { first: 2 }),
    ])
    expect(one.statements() - before).toBe(2)
    expect(here?.edges.map(({ node }) => node.accountId)).toEqual([both[0]?.account.id])
    expect(there?.edges.map(({ node }) => node.accountId)).toEqual([both[1]?.account.id])
    expect(longer).toEqual({ ...there, count: expect.anything() })
  })
})

describe('words of a newer instance', () => {
  it('are left out, or read as the nearest that is known', () => {
    expect(knownDropTags(['FIRST_DAY', 'FROM_LATER' as never])).toEqual(['FIRST_DAY'])
    expect(causeOf('FROM_LATER' as never)).toBe('UPDATED')
    expect(causeOf('RESET')).toBe('RESET')
  })
})
