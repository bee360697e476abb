// Watching every login for a wall, as the contract's comments on `loginActivity` tell it, over a real store.

import { describe, expect, it } from 'vitest'
import type { Context } from '../../src/resolvers/context.ts'
import { activityCursor, eventCursor } from '../../src/resolvers/cursor.ts'
import { watchActivity } from '../../src/resolvers/watch-activity.ts'
import { aProfile } from '../db/given.ts'
import { type Given, given } from './given.ts'
import { handedOver, movable, PageWithWall } from './wall.ts'

const many = 1_000

/** So many logins that wait for their first answer. */
const logins = async (one: Given, count: number, key = 'device') => {
  const made: string[] = []
  for (let index = 0; index < count; index += 1)
    made.push((await one.login(await one.device(`${key}-${index}`))).loginId)
  return made
}

const login = async (one: Given, key?: string) => (await logins(one, 1, key))[0] ?? ''

const cancel = (one: Given, loginId: string, ring = true) =>
  one.tell(loginId, { kind: 'CancelAsked', by: 'CANCELLED_BY_CALLER' }, ring)

const signIn = (one: Given, loginId: string) =>
  one.tell(loginId, {
    kind: 'Polled',
    began: one.store.clock.now(),
    answer: { kind: 'SIGNED_IN', profile: aProfile() },
  })

/** Rung or not, what was recorded is known, and was handed over. */
const looked = async (one: Given) => {
  await one.services.feeds.look()
  await handedOver()
}

const said = (page: PageWithWall) =>
  page.came.map(
    ({ event, login: { record } }) => `${event?.event.body.kind ?? 'snapshot'} ${record.stateName}`,
  )

const refusal = (context: Context, after: string | null) =>
  watchActivity(context, null, after).then(
    () => 'watched',
    error => error.code,
  )

describe('a new wall', () => {
  it('has each live login as it is, and then what happens, whole', async () => {
    await using one = await given({ ringsWait: 0 })
    const [first = '', second = ''] = await logins(one, 2)
    await cancel(one, second)
    const page = (await new PageWithWall().come(one.context)).take(many)
    await handedOver()
    expect(said(page)).toEqual(['snapshot STARTING'])
    await one.showQrCode(first)
    await looked(one)
    await expect.poll(() => page.picture).toEqual({ [first]: 'AWAITING_SCAN 2' })
    const third = await login(one, 'third')
    await expect.poll(() => page.picture[third]).toBe('STARTING 1')
    await signIn(one, first)
    await expect.poll(() => page.picture[first]).toBe('CONFIRMED 3')
    expect(said(page).at(-1)).toBe('LoginEnded CONFIRMED')
    expect(page.came.at(-1)?.login.account?.wcId).toBe('wxid_lin')
    expect(page.came.every(({ resync }) => !resync)).toBe(true)
    page.leave()
  })

  it('is told once more of a login that no longer fits', async () => {
    await using one = await given({ ringsWait: 0 })
    const loginId = await login(one)
    const page = (await new PageWithWall({ state: ['STARTING'] }).come(one.context)).take(many)
    await handedOver()
    expect(page.picture).toEqual({ [loginId]: 'STARTING 1' })
    await one.showQrCode(loginId)
    await cancel(one, loginId)
    await looked(one)
    expect(page.picture).toEqual({})
    expect(page.came).toHaveLength(2)
    page.leave()
  })

  it('hears nothing of what never fits, of operations and of accounts', async () => {
    await using one = await given({ ringsWait: 0 })
    const page = (await new PageWithWall({ reference: 'mine' }).come(one.context)).take(many)
    const loginId = await login(one)
    await cancel(one, loginId)
    one.bus.ring({ id: `account:${loginId}`, sequence: 1 })
    one.bus.ring({ id: 'no id at all', sequence: 1 })
    await looked(one)
    expect(page.came).toEqual([])
    page.leave()
  })

  it('of a filter that can name nothing is refused', async () => {
    await using one = await given()
    await expect(watchActivity(one.context, { device: 'nonsense' }, null)).rejects.toMatchObject({
      code: 'BAD_USER_INPUT',
      message: '`where.device` is no id of a device.',
    })
  })

  it('takes a province as people write it', async () => {
    await using one = await given()
    await expect(watchActivity(one.context, { province: ['Guangdong', '广冬'] }, null)).rejects.toMatchObject(
      {
        message: '`where.province` has "广冬", which is none of the 34 provinces (did you mean 广东, 广西?).',
      },
    )
  })

  it('has the logins of its own tenant only', async () => {
    await using one = await given({ ringsWait: 0 })
    const loginId = await login(one)
    const elsewhere = { ...one.context, viewer: { ...one.context.viewer, tenant: 'elsewhere' } }
    const page = (await new PageWithWall().come(elsewhere)).take(many)
    await one.showQrCode(loginId)
    await looked(one)
    expect(page.came).toEqual([])
    page.leave()
  })

  it('hears by the next look what was not rung', async () => {
    await using one = await given()
    const loginId = await login(one)
    const page = (await new PageWithWall().come(one.context)).take(many)
    await cancel(one, loginId, false)
    await handedOver()
    expect(page.picture).toEqual({ [loginId]: 'STARTING 1' })
    await looked(one)
    expect(page.picture).toEqual({ [loginId]: 'CANCELLED 2' })
    page.leave()
  })

  it('takes what a ring carries without asking the database', async () => {
    await using one = await given()
    const loginId = await login(one)
    const page = (await new PageWithWall().come(one.context)).take(many)
    const recorded = await one.tell(
      loginId,
      { kind: 'OnlineChecked', began: one.store.clock.now(), profile: null },
      false,
    )
    const intended = await one.tell(loginId, { kind: 'Intended', intent: 'qr-1' }, false)
    const secret = { url: 'https://upstream.example/qr.png', image: null, content: null }
    const shown = await one.tell(
      loginId,
      { kind: 'QrCodeReceived', intent: 'qr-1', handle: null, secret },
      false,
    )
    const before = one.statements()
    for (const carried of [recorded, intended, shown])
      if (carried.kind === 'RECORDED')
        one.bus.ring({ id: loginId, sequence: carried.turn.state.sequence, carried })
    await handedOver()
    expect(said(page)).toEqual(['snapshot STARTING', 'QrCodeIssued AWAITING_SCAN'])
    expect(one.statements()).toBe(before)
    page.leave()
  })
})

describe('a wall that is not read', () => {
  it('has of each login the newest only, when it reads again', async () => {
    await using one = await given()
    const loginId = await login(one)
    const page = await new PageWithWall().come(one.context)
    await one.showQrCode(loginId)
    await one.hiccup(loginId, 5)
    await looked(one)
    page.take(many)
    await handedOver()
    expect(page.picture).toEqual({ [loginId]: 'AWAITING_SCAN 12' })
    expect(page.came).toHaveLength(1)
    page.leave()
  })

  it('ends as slow where more logins wait than may', async () => {
    await using one = await given({ wallQueue: 2 })
    await logins(one, 3, 'before')
    const page = await new PageWithWall().come(one.context)
    await logins(one, 2, 'within')
    await looked(one)
    expect(one.services.feeds.watches).toBe(1)
    await logins(one, 1, 'beyond')
    await looked(one)
    expect(one.services.feeds.watches).toBe(0)
    page.take(1)
    await handedOver()
    expect(page.error).toMatchObject({ code: 'SLOW_CONSUMER' })
    page.leave()
  })

  it('ends as slow where nothing was taken for too long', async () => {
    await using one = await given({ bounds: { queue: 256, patience: -1 } })
    await login(one)
    const page = await new PageWithWall().come(one.context)
    await looked(one)
    page.take(1)
    await handedOver()
    expect(page.error).toMatchObject({ code: 'SLOW_CONSUMER' })
    page.leave()
  })
})

describe('a wall that comes back', () => {
  it('has what ended meanwhile, and what fits no more', async () => {
    await using one = await given()
    const [stays = '', ends = '', moves = ''] = await logins(one, 3)
    const page = (await new PageWithWall({ state: ['STARTING'] }).come(one.context)).take(many)
    await handedOver()
    page.leave()
    await cancel(one, ends)
    await one.showQrCode(moves)
    await page.come(one.context)
    page.take(many)
    await handedOver()
    expect(page.picture).toEqual({ [stays]: 'STARTING 1' })
    page.leave()
  })

  it('has what was observed before it left and written after', async () => {
    await using one = await given()
    const later = movable(one)
    const loginId = await login(one)
    later(60_000)
    const page = (await new PageWithWall().come(one.context)).take(many)
    await handedOver()
    page.leave()
    await one.store.record(loginId, {
      kind: 'CancelAsked',
      by: 'CANCELLED_BY_CALLER',
      at: one.store.clock.now() - 15_000,
    })
    await page.come(one.context)
    page.take(many)
    await handedOver()
    expect(page.picture).toEqual({ [loginId]: 'CANCELLED 2' })
    page.leave()
  })

  it('has what it had not taken when it left, however long that had waited', async () => {
    await using one = await given()
    const later = movable(one)
    const [taken = '', left = ''] = await logins(one, 2)
    const page = (await new PageWithWall().come(one.context)).take(2)
    await handedOver()
    for (const loginId of [taken, left]) await cancel(one, loginId)
    await looked(one)
    later(60_000)
    await looked(one)
    page.take(1)
    await handedOver()
    expect(page.picture).toEqual({ [taken]: 'CANCELLED 2', [left]: 'STARTING 1' })
    page.leave()
    await page.come(one.context)
    page.take(many)
    await handedOver()
    expect(page.picture).toEqual({ [taken]: 'CANCELLED 2', [left]: 'CANCELLED 2' })
    page.leave()
  })

  it('has it also where what it did take had changed again', async () => {
    await using one = await given()
    const later = movable(one)
    const [taken = '', left = ''] = await logins(one, 2)
    const page = (await new PageWithWall().come(one.context)).take(2)
    await handedOver()
    await one.showQrCode(taken)
    await looked(one)
    await cancel(one, left)
    await looked(one)
    later(60_000)
    await looked(one)
    await one.hiccup(taken)
    await looked(one)
    page.take(1)
    await handedOver()
    expect(page.picture).toEqual({ [taken]: 'AWAITING_SCAN 4', [left]: 'STARTING 1' })
    page.leave()
    await page.come(one.context)
    page.take(many)
    await handedOver()
    expect(page.picture[left]).toBe('CANCELLED 2')
    page.leave()
  })

  it('after more than a day begins anew, and says so once', async () => {
    await using one = await given()
    const later = movable(one)
    const [ended = '', live = ''] = await logins(one, 2)
    const page = (await new PageWithWall().come(one.context)).take(many)
    await handedOver()
    page.leave()
    await cancel(one, ended)
    later(86_500_000)
    const another = await login(one, 'another')
    await page.come(one.context)
    page.take(many)
    await handedOver()
    expect(page.came.slice(2).map(({ resync }) => resync)).toEqual([true, false])
    expect(page.picture).toEqual({ [live]: 'STARTING 1', [another]: 'STARTING 1' })
    page.leave()
  })

  it('from a place that is still to come begins anew', async () => {
    await using one = await given()
    await login(one)
    const at = one.store.clock.now() + 600_000
    const updates = await watchActivity(one.context, null, activityCursor({ at, from: at }))
    const iterator = updates[Symbol.asyncIterator]()
    expect((await iterator.next()).value).toMatchObject({ resync: true, event: null })
    await iterator.return?.()
  })

  it.each(['', 'nonsense', eventCursor('', 3), 'YWN0aXZpdHk6LTE6MA'])('with %j is refused', async after => {
    await using one = await given()
    expect(await refusal(one.context, after)).toBe('BAD_USER_INPUT')
  })
})

describe('walls', () => {
  it('count among what is watched, and leave nothing behind', async () => {
    await using one = await given({ most: 2 })
    const page = await new PageWithWall().come(one.context)
    const other = await new PageWithWall().come(one.context)
    expect(one.bus.listeners).toBe(1)
    expect(await refusal(one.context, null)).toBe('TOO_MANY_SUBSCRIPTIONS')
    page.leave()
    other.leave()
    expect([one.services.feeds.watches, one.bus.listeners]).toEqual([0, 0])
    await (await new PageWithWall().come(one.context)).leave()
  })

  it('need the scope of reading logins', async () => {
    await using one = await given()
    expect(await refusal(one.as(['HISTORY_READ']), null)).toBe('FORBIDDEN')
  })

  it('are let go where the gateway stops', async () => {
    await using one = await given()
    const page = (await new PageWithWall().come(one.context)).take(1)
    one.services.feeds.stop()
    await handedOver()
    expect(page.error).toMatchObject({ code: 'SHUTTING_DOWN' })
    expect(await refusal(one.context, null)).toBe('SHUTTING_DOWN')
  })

  it('read many rings together, however many walls there are', async () => {
    await using one = await given({ ringsWait: 0 })
    const made = await logins(one, 40)
    const pages = [new PageWithWall(), new PageWithWall({ live: true }), new PageWithWall()]
    for (const page of pages) (await page.come(one.context)).take(many)
    for (const loginId of made)
      await one.tell(loginId, { kind: 'CancelAsked', by: 'CANCELLED_BY_CALLER' }, false)
    const before = one.statements()
    for (const id of made) one.bus.ring({ id, sequence: 2 })
    await expect.poll(() => pages.every(({ came }) => came.length === 80)).toBe(true)
    expect(one.statements() - before).toBeLessThanOrEqual(3)
    expect(Object.keys(pages[1]?.picture ?? {})).toEqual([])
    for (const page of pages) page.leave()
  })

  it('are refused as long as the database does not answer, and come when it does', async () => {
    await using one = await given({ readPatience: 5 })
    const { readOldestLive } = one.store
    Object.assign(one.store, { readOldestLive: () => new Promise(() => {}) })
    expect(await refusal(one.context, null)).toBe('UNAVAILABLE')
    expect([one.services.feeds.watches, one.bus.listeners]).toEqual([0, 0])
    Object.assign(one.store, { readOldestLive })
    const page = await new PageWithWall().come(one.context)
    page.leave()
  })
})
