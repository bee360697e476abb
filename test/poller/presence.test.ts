// Presence over time: who is asked after and when, what makes an account offline, and what never does (P 2.1, P 3.2, S2:33).

import { describe, expect, test } from 'vitest'
import type { Target } from '../../src/provider/port.ts'
import { aProfile } from '../support/fake-provider.ts'
import { presence, signIn, silent, Upstream } from './accounts.ts'
import { aGateway, type Gateway, second } from './gateway.ts'

const minute = 60 * second

describe('a signed-in account', () => {
  test('is asked after with everybody else, once a minute, and stays as it is', async () => {
    await using gateway = await aGateway()
    const upstream = new Upstream(gateway)
    const accounts = [await signIn(gateway, upstream, 'wxid_ann'), await signIn(gateway, upstream, 'wxid_bo')]
    await gateway.pass(3 * minute)
    const before = upstream.asked.length
    await gateway.pass(10 * minute)
    const lists = upstream.asked.length - before
    expect(lists).toBeGreaterThanOrEqual(9)
    expect(lists).toBeLessThanOrEqual(11)
    expect(upstream.asked.every(({ what }) => what === 'listSignedIn' || what === 'whoIsSignedIn')).toBe(true)
    for (const account of accounts)
      expect(await presence(gateway, account)).toMatchObject({ state: 'ONLINE', reason: 'SIGNED_IN' })
  })

  test('is looked at after 20, 40, 60 and 80 seconds', async () => {
    await using gateway = await aGateway()
    const upstream = new Upstream(gateway)
    await gateway.pass(30 * second)
    const began = gateway.clock.now()
    await signIn(gateway, upstream, 'wxid_ann')
    await gateway.pass(2 * minute)
    const after = upstream.asked
      .filter(({ what }) => what === 'listSignedIn')
      .map(({ at }) => (at - began) / second)
    for (const moment of [20, 40, 60, 80])
      expect(after.some(at => at >= moment && at <= moment + 5)).toBe(true)
  })

  test('that is gone by then came from an exit that the upstream rejects', async () => {
    await using gateway = await aGateway()
    const upstream = new Upstream(gateway)
    const account = await signIn(gateway, upstream, 'wxid_ann')
    upstream.reasons.set(account.upstreamId, { reason: 'NETWORK_CHECK', words: '设备网络异常，请重新登录' })
    await gateway.pass(45 * second)
    upstream.online.clear()
    await gateway.pass(40 * second)
    expect(await presence(gateway, account)).toMatchObject({
      state: 'OFFLINE',
      reason: 'NETWORK_CHECK',
      upstreamReason: '设备网络异常，请重新登录',
      dropTags: ['WITHIN_60_SECONDS', 'FIRST_DAY'],
    })
    const now = gateway.now.store.clock.now()
    const facts = await gateway.now.store.readStartFacts('default', account.deviceId, now)
    expect(facts?.exitRejected).not.toBeNull()
  })

  test('that drops later in its first day does as first days do', async () => {
    await using gateway = await aGateway()
    const upstream = new Upstream(gateway)
    const account = await signIn(gateway, upstream, 'wxid_ann')
    await gateway.pass(10 * minute)
    upstream.online.clear()
    const dropped = gateway.now.store.clock.now()
    await gateway.pass(2 * minute)
    const { state, since, dropTags } = await presence(gateway, account)
    expect({ state, dropTags }).toEqual({ state: 'OFFLINE', dropTags: ['FIRST_DAY'] })
    expect(since - dropped).toBeLessThan(70 * second)
    expect(upstream.count('offlineReason')).toBe(1)
  })

  test('that somebody signed out on the phone is no drop', async () => {
    await using gateway = await aGateway()
    const upstream = new Upstream(gateway)
    const account = await signIn(gateway, upstream, 'wxid_ann')
    upstream.reasons.set(account.upstreamId, { reason: 'LOGGED_OUT_ON_PHONE', words: '你已退出微信' })
    upstream.online.clear()
    await gateway.pass(minute)
    expect(await presence(gateway, account)).toMatchObject({ state: 'OFFLINE', dropTags: [] })
  })

  test('is not offline where nobody can be asked: it grows old, and whoever really dropped is found then', async () => {
    await using gateway = await aGateway()
    const upstream = new Upstream(gateway)
    const accounts = [
      await signIn(gateway, upstream, 'wxid_ann'),
      await signIn(gateway, upstream, 'wxid_bo'),
      await signIn(gateway, upstream, 'wxid_cy'),
    ]
    const [dropped] = accounts
    if (dropped === undefined) throw new Error('Nobody')
    await gateway.pass(5 * minute)
    upstream.fails = silent
    await gateway.pass(3 * minute)
    upstream.online.delete(dropped.upstreamId)
    await gateway.pass(17 * minute)
    for (const account of accounts)
      expect(await presence(gateway, account)).toMatchObject({ state: 'UNKNOWN', reason: 'SIGNED_IN' })
    const before = upstream.asked.length
    upstream.fails = null
    await gateway.pass(70 * second)
    expect((await presence(gateway, dropped)).state).toBe('OFFLINE')
    for (const account of accounts.slice(1)) expect((await presence(gateway, account)).state).toBe('ONLINE')
    const questions = upstream.asked.slice(before).map(({ what }) => what)
    expect(
      questions.filter(what => what === 'listSignedIn' || what === 'isSignedIn').length,
    ).toBeLessThanOrEqual(3)
  })

  test('is not offline by a list of nobody alone, however often that is told', async () => {
    await using gateway = await aGateway()
    const upstream = new Upstream(gateway)
    const account = await signIn(gateway, upstream, 'wxid_ann')
    await gateway.pass(2 * minute)
    upstream.empty = true
    await gateway.pass(10 * minute)
    expect((await presence(gateway, account)).state).toBe('ONLINE')
  })

  test('is not offline by lists of nobody while single questions go unanswered', async () => {
    await using gateway = await aGateway()
    const upstream = new Upstream(gateway)
    const account = await signIn(gateway, upstream, 'wxid_ann')
    await gateway.pass(2 * minute)
    upstream.empty = true
    upstream.failing.add('isSignedIn')
    await gateway.pass(10 * minute)
    expect((await presence(gateway, account)).state).toBe('UNKNOWN')
    expect(upstream.count('offlineReason')).toBe(0)
  })

  test('is not offline by one list where single questions go unanswered, and is by two that agree', async () => {
    await using gateway = await aGateway()
    const upstream = new Upstream(gateway)
    const account = await signIn(gateway, upstream, 'wxid_ann')
    await signIn(gateway, upstream, 'wxid_bo')
    await gateway.pass(2 * minute)
    upstream.failing.add('isSignedIn')
    upstream.online.delete(account.upstreamId)
    const lists = () => upstream.count('listSignedIn')
    const before = lists()
    while (lists() === before) await gateway.pass(second)
    expect((await presence(gateway, account)).state).toBe('ONLINE')
    await gateway.pass(70 * second)
    expect((await presence(gateway, account)).state).toBe('OFFLINE')
  })

  test('that the upstream calls online when asked why it is gone is believed so once', async () => {
    await using gateway = await aGateway()
    const upstream = new Upstream(gateway)
    const account = await signIn(gateway, upstream, 'wxid_ann')
    await signIn(gateway, upstream, 'wxid_bo')
    await gateway.pass(2 * minute)
    upstream.reasons.set(account.upstreamId, 'ONLINE')
    upstream.online.delete(account.upstreamId)
    while (upstream.count('offlineReason') === 0) await gateway.pass(second)
    await gateway.pass(5 * second)
    expect((await presence(gateway, account)).state).toBe('ONLINE')
    await gateway.pass(2 * minute)
    expect(await presence(gateway, account)).toMatchObject({ state: 'OFFLINE', reason: 'NO_POPUP' })
  })

  test('is gone without a reason where nobody can say why', async () => {
    await using gateway = await aGateway()
    const upstream = new Upstream(gateway)
    const account = await signIn(gateway, upstream, 'wxid_ann')
    await gateway.pass(2 * minute)
    upstream.failing.add('offlineReason')
    upstream.online.clear()
    await gateway.pass(5 * minute)
    expect(await presence(gateway, account)).toMatchObject({ state: 'OFFLINE', reason: null })
    expect(upstream.count('offlineReason')).toBe(3)
  })

  test('that is there again without a login of ours is found', async () => {
    await using gateway = await aGateway()
    const upstream = new Upstream(gateway)
    const account = await signIn(gateway, upstream, 'wxid_ann')
    upstream.online.clear()
    await gateway.pass(2 * minute)
    upstream.online.set(account.upstreamId, 'wxid_ann')
    await gateway.pass(70 * second)
    expect(await presence(gateway, account)).toMatchObject({
      state: 'ONLINE',
      reason: 'FOUND_ONLINE',
      dropTags: [],
    })
  })

  test('whose drop nobody saw before a login began there is told why before that login ends', async () => {
    await using gateway = await aGateway()
    const upstream = new Upstream(gateway)
    const account = await signIn(gateway, upstream, 'wxid_ann')
    await gateway.pass(3 * minute)
    upstream.reasons.set(account.upstreamId, {
      reason: 'SECURITY_CHECK',
      words: '为了你的账号安全，请重新登录',
    })
    upstream.online.clear()
    const loginId = await gateway.startLogin({ seenOnline: true }, account.deviceId)
    await gateway.pass(3 * second)
    expect(await presence(gateway, account)).toMatchObject({ state: 'OFFLINE', reason: 'SECURITY_CHECK' })
    expect(upstream.count('offlineReason')).toBe(1)
    expect((await gateway.login(loginId)).ended).toBeNull()
  })

  test('is left alone while a login has its device', async () => {
    await using gateway = await aGateway()
    const upstream = new Upstream(gateway)
    const account = await signIn(gateway, upstream, 'wxid_ann')
    await gateway.pass(2 * minute)
    const asked = await gateway.now.store.requestOperation({
      tenant: 'default',
      deviceId: account.deviceId,
      kind: 'LOGOUT',
      accountId: account.accountId,
      requestedBy: 'test',
    })
    expect(asked).toMatchObject({ state: 'PENDING' })
    upstream.failing.add('logOut')
    upstream.failing.add('isSignedIn')
    upstream.online.clear()
    await gateway.pass(2 * minute)
    expect((await presence(gateway, account)).state).toBe('ONLINE')
    gateway.errorsExpected = true
    await gateway.pass(3 * minute)
  })

  test('a crowd that is in doubt is asked about one by one, at the pace', async () => {
    await using gateway = await aGateway()
    const upstream = new Upstream(gateway)
    for (let each = 0; each < 12; each++) await signIn(gateway, upstream, `wxid_${each}`)
    await gateway.pass(2 * minute)
    const before = upstream.asked.length
    upstream.online.clear()
    await gateway.pass(3 * minute)
    const singles = upstream.asked.slice(before).filter(({ what }) => what !== 'listSignedIn')
    expect(singles.length).toBeGreaterThanOrEqual(24)
    for (const [index, { at }] of singles.entries()) {
      const fifth = singles[index + 5]
      if (fifth !== undefined) expect(fifth.at - at).toBeGreaterThanOrEqual(second)
    }
  })
})

describe('a hint', () => {
  test('has the account looked at soon, and once however often it is said', async () => {
    await using gateway = await aGateway()
    const upstream = new Upstream(gateway)
    const account = await signIn(gateway, upstream, 'wxid_ann')
    await gateway.pass(2 * minute)
    const before = upstream.count('isSignedIn')
    const hint = { provider: gateway.provider.name, wcId: 'wxid_ann', handle: null }
    for (let said = 0; said < 10_000; said++) gateway.now.poller.hintPresence(hint)
    await gateway.pass(3 * second)
    for (let said = 0; said < 10_000; said++) gateway.now.poller.hintPresence(hint)
    await gateway.pass(3 * second)
    expect(upstream.count('isSignedIn') - before).toBe(1)
    expect((await presence(gateway, account)).state).toBe('ONLINE')
    upstream.online.clear()
    await gateway.pass(30 * second)
    gateway.now.poller.hintPresence(hint)
    await gateway.pass(3 * second)
    expect((await presence(gateway, account)).state).toBe('OFFLINE')
  })

  test('about nobody, or of a provider that is none, asks nothing', async () => {
    await using gateway = await aGateway()
    const upstream = new Upstream(gateway)
    await signIn(gateway, upstream, 'wxid_ann')
    await gateway.pass(2 * minute)
    const before = upstream.count('isSignedIn')
    for (const [provider, wcId] of [
      [gateway.provider.name, 'wxid_nobody'],
      ['nowhere', 'wxid_ann'],
    ])
      gateway.now.poller.hintPresence({ provider: provider ?? '', wcId: wcId ?? null, handle: null })
    gateway.now.poller.hintPresence({ provider: gateway.provider.name, wcId: null, handle: 'stale' })
    await gateway.pass(5 * second)
    expect(upstream.count('isSignedIn')).toBe(before)
  })
})

describe('a check', () => {
  test('asks at once, and twice where the answer is no', async () => {
    await using gateway = await aGateway()
    const upstream = new Upstream(gateway)
    const account = await signIn(gateway, upstream, 'wxid_ann')
    await gateway.now.poller.checkPresence(gateway.provider.name, account.accountId)
    expect(upstream.count('isSignedIn')).toBe(1)
    upstream.online.clear()
    await gateway.now.poller.checkPresence(gateway.provider.name, account.accountId)
    expect(upstream.count('isSignedIn')).toBe(3)
    expect((await presence(gateway, account)).state).toBe('OFFLINE')
  })

  test('that nobody answers says so, and changes nothing', async () => {
    await using gateway = await aGateway()
    const upstream = new Upstream(gateway)
    const account = await signIn(gateway, upstream, 'wxid_ann')
    upstream.fails = silent
    const check = gateway.now.poller.checkPresence(gateway.provider.name, account.accountId)
    await expect(check).rejects.toBe(silent)
    expect((await presence(gateway, account)).state).toBe('ONLINE')
  })
})

describe('after the end of a login', () => {
  test('whoever confirmed all the same is found after half a minute', async () => {
    await using gateway = await aGateway()
    const upstream = new Upstream(gateway)
    const loginId = await gateway.startLogin()
    gateway.provider.answerPolls({ kind: 'SCANNED', nickName: 'Ann', avatarUrl: null })
    await gateway.pass(10 * second)
    const at = gateway.now.store.clock.now()
    await gateway.caller(loginId, { kind: 'CancelAsked', at, by: 'CANCELLED_BY_CALLER' })
    const { deviceId } = await gateway.login(loginId)
    const device = (await gateway.now.store.readDevices('default', [deviceId])).get(deviceId)
    upstream.online.set(device?.upstreamId ?? '', 'wxid_ann')
    await gateway.pass(25 * second)
    expect(await gateway.now.store.readFollowedOn(deviceId)).toBeNull()
    await gateway.pass(15 * second)
    expect(await gateway.now.store.readFollowedOn(deviceId)).toMatchObject({
      wcId: 'wxid_ann',
      state: 'ONLINE',
    })
    const standings = await gateway.now.store.readDeviceStandings('default', [deviceId])
    expect(standings.get(deviceId)).toMatchObject({ open: true, foundBy: 'AFTER_END' })
    expect((await gateway.login(loginId)).stateName).toBe('CANCELLED')
  })

  test('nobody is asked once something else has the device', async () => {
    await using gateway = await aGateway()
    gateway.errorsExpected = true
    const upstream = new Upstream(gateway)
    gateway.provider.answerPolls({ kind: 'SCANNED', nickName: 'Ann', avatarUrl: null })
    const logins: string[] = []
    for (let each = 0; each < 20; each++) logins.push(await gateway.startLogin())
    await gateway.pass(10 * second)
    const { store } = gateway.now
    const at = store.clock.now()
    for (const loginId of logins)
      await gateway.caller(loginId, { kind: 'CancelAsked', at, by: 'CANCELLED_BY_CALLER' })
    const before = upstream.count('whoIsSignedIn')
    // All of them are due together, and asked about one after another.
    while (upstream.count('whoIsSignedIn') === before) await gateway.pass(100)
    const asked = upstream.asked.length
    upstream.failing.add('resetDevice')
    const taken = new Set<string>()
    for (const loginId of logins) {
      const { deviceId } = await gateway.login(loginId)
      const device = (await store.readDevices('default', [deviceId])).get(deviceId)
      await store.requestOperation({
        tenant: 'default',
        deviceId,
        kind: 'RESET',
        accountId: null,
        requestedBy: 'test',
      })
      taken.add(device?.upstreamId ?? '')
    }
    await gateway.pass(8 * second)
    const late = upstream.asked.slice(asked).filter(({ what }) => what === 'whoIsSignedIn')
    // One may have been on its way.
    expect(late.filter(({ upstreamId }) => taken.has(upstreamId)).length).toBeLessThanOrEqual(1)
  })

  test('nobody is looked for where nobody scanned', async () => {
    await using gateway = await aGateway()
    const upstream = new Upstream(gateway)
    const loginId = await gateway.startLogin()
    await gateway.pass(5 * second)
    const at = gateway.now.store.clock.now()
    await gateway.caller(loginId, { kind: 'CancelAsked', at, by: 'CANCELLED_BY_CALLER' })
    const before = upstream.count('whoIsSignedIn')
    await gateway.pass(6 * minute)
    expect(upstream.count('whoIsSignedIn')).toBe(before)
  })
})

describe('what was believed', () => {
  test('of one who was found says nothing of the exit when it drops soon', async () => {
    await using gateway = await aGateway()
    const upstream = new Upstream(gateway)
    const account = await signIn(gateway, upstream, 'wxid_ann')
    await signIn(gateway, upstream, 'wxid_bo')
    await gateway.pass(10 * minute)
    upstream.online.delete(account.upstreamId)
    await gateway.pass(2 * minute)
    upstream.online.set(account.upstreamId, 'wxid_ann')
    while ((await presence(gateway, account)).state !== 'ONLINE') await gateway.pass(second)
    await gateway.pass(25 * second)
    upstream.online.delete(account.upstreamId)
    await gateway.pass(2 * minute)
    expect(await presence(gateway, account)).toMatchObject({ state: 'OFFLINE', dropTags: ['FIRST_DAY'] })
  })

  test('of one who was taken over and is not there becomes OFFLINE, without a question', async () => {
    await using gateway = await aGateway()
    const upstream = new Upstream(gateway)
    await signIn(gateway, upstream, 'wxid_bo')
    const { store } = gateway.now
    await store.importDevices({
      tenant: 'default',
      provider: gateway.provider.name,
      accountsAreDevices: false,
      devices: [imported('up-x', 'wxid_ann', false)],
      asked: store.clock.now(),
      changedBy: 'test',
      dryRun: false,
    })
    await gateway.pass(4 * minute)
    const [followed] = await store.readFollowedOf({ provider: gateway.provider.name, wcIds: ['wxid_ann'] })
    expect(followed?.state).toBe('OFFLINE')
    expect(upstream.count('isSignedIn') + upstream.count('offlineReason')).toBe(0)
  })

  test('is in doubt no more once somebody saw it there', async () => {
    await using gateway = await aGateway()
    const upstream = new Upstream(gateway)
    const account = await signIn(gateway, upstream, 'wxid_ann')
    await signIn(gateway, upstream, 'wxid_bo')
    await gateway.pass(2 * minute)
    upstream.failing.add('isSignedIn')
    upstream.online.delete(account.upstreamId)
    const lists = upstream.count('listSignedIn')
    while (upstream.count('listSignedIn') === lists) await gateway.pass(second)
    upstream.failing.delete('isSignedIn')
    const { store } = gateway.now
    const accounts = [account.accountId]
    await store.confirmPresence({ accounts, state: 'ONLINE', at: store.clock.now(), seenSignedIn: false })
    await gateway.pass(1)
    const asked = upstream.count('isSignedIn')
    await gateway.now.poller.checkPresence(gateway.provider.name, account.accountId)
    expect(upstream.count('isSignedIn') - asked).toBe(2)
  })

  test('is asked about no more once a list has cleared the doubt', async () => {
    await using gateway = await aGateway()
    const upstream = new Upstream(gateway)
    const { store } = gateway.now
    const names = Array.from({ length: 800 }, (_, each) => `up-${each}`)
    await store.importDevices({
      tenant: 'default',
      provider: gateway.provider.name,
      accountsAreDevices: false,
      devices: names.map(name => imported(name, `wxid_${name}`, true)),
      asked: store.clock.now(),
      changedBy: 'test',
      dryRun: false,
    })
    for (const name of names) upstream.online.set(name, `wxid_${name}`)
    const list = async () => {
      const before = upstream.count('listSignedIn')
      while (upstream.count('listSignedIn') === before) await gateway.pass(second)
    }
    await list()
    upstream.empty = true
    await list()
    upstream.empty = false
    await list()
    const cleared = upstream.count('isSignedIn')
    upstream.online.delete('up-799')
    await list()
    await gateway.pass(5 * second)
    const [dropped] = await store.readFollowedOf({ provider: gateway.provider.name, wcIds: ['wxid_up-799'] })
    expect(dropped?.state).toBe('OFFLINE')
    expect(upstream.count('isSignedIn') - cleared).toBeLessThanOrEqual(2)
  })
})

describe('where each sign-in has a name of its own', () => {
  const renamed = async (gateway: Gateway) => {
    const loginId = await gateway.startLogin()
    const { deviceId } = await gateway.login(loginId)
    const profile = (instanceId: string) => aProfile({ wcId: 'wxid_ann', instanceId })
    gateway.provider.answerPolls({ kind: 'SIGNED_IN', profile: profile('w-1') })
    while ((await gateway.login(loginId)).ended === null) await gateway.pass(100)
    gateway.provider.answerPolls()
    const named: (string | null)[] = []
    // P 2.1: the list tells the name of now, single questions go by the name that they are given.
    Object.assign(gateway.provider, {
      handle: 'SIGN_IN',
      listSignedIn: async () => ({ find: () => ({ online: true, handle: 'w-2' }) }),
      isSignedIn: async ({ handle }: Target) => handle === 'w-2',
      offlineReason: async () => ({ kind: 'ONLINE' }),
      whoIsSignedIn: async () => profile('w-2'),
      logOut: async ({ handle }: Target) => void named.push(handle),
    })
    await gateway.pass(3 * minute)
    const followed = await gateway.now.store.readFollowedOn(deviceId)
    if (followed === null) throw new Error('Nobody is followed')
    return { followed, named }
  }

  test('a new one that the list tells is learnt, and the account stays where it is', async () => {
    await using gateway = await aGateway()
    const { followed } = await renamed(gateway)
    expect(followed).toMatchObject({ state: 'ONLINE', handle: 'w-2' })
    for (let each = 0; each < 2; each++)
      await gateway.now.poller.checkPresence(gateway.provider.name, followed.accountId)
    expect(await gateway.now.store.readFollowedOn(followed.deviceId)).toMatchObject({
      state: 'ONLINE',
      number: 1,
    })
  })

  test('a log-out goes by the name of now', async () => {
    await using gateway = await aGateway()
    gateway.errorsExpected = true
    const { followed, named } = await renamed(gateway)
    const { store, bus } = gateway.now
    const { deviceId, accountId } = followed
    const asked = { tenant: 'default', deviceId, kind: 'LOGOUT', accountId, requestedBy: 'test' } as const
    const operation = await store.requestOperation(asked)
    if (operation === null || typeof operation === 'string') throw new Error('It was refused')
    bus.ring({ id: operation.id, sequence: 0 })
    await gateway.pass(5 * second)
    expect(named).toEqual(['w-2'])
    await gateway.pass(4 * minute)
  })
})

const imported = (upstreamId: string, wcId: string, online: boolean) => ({
  upstreamId,
  wcId,
  handle: null,
  online,
  lastLogin: null,
  inputHash: upstreamId,
})
