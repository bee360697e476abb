// Watching who is signed in: each as it stands, then each change, none missing, over a real store.

import { describe, expect, it } from 'vitest'
import type { Context } from '../../src/resolvers/context.ts'
import { globalId } from '../../src/resolvers/global-id.ts'
import { presenceOf } from '../../src/resolvers/presence.ts'
import { watchPresence } from '../../src/resolvers/watch-presence.ts'
import type { PresenceUpdate } from '../../src/resolvers/watch-presence-accounts.ts'
import { aProfile } from '../db/given.ts'
import { type Given, given } from './given.ts'
import { handedOver, movable } from './wall.ts'

const signIn = async (one: Given, wcId: string, ring = true) => {
  const { loginId } = await one.login(await one.device(`device-of-${wcId}`))
  await one.tell(loginId, {
    kind: 'OnlineChecked',
    began: one.store.clock.now(),
    profile: aProfile({ wcId, nickName: wcId }),
  })
  const account = (await one.store.readLogin('default', loginId))?.accountId ?? ''
  if (ring) one.bus.ring({ id: `account:${account}`, sequence: 1 })
  return account
}

const followed = async (one: Given, account: string) => {
  const [found] = await one.store.readFollowedOf({ provider: 'fake', accounts: [account] })
  if (found === undefined) throw new Error('Nobody follows it')
  return found
}

const drop = async (one: Given, account: string, ring = true) => {
  const number = await one.store.recordGone({
    followed: await followed(one, account),
    missed: one.store.clock.now(),
    reason: 'LOGGED_OUT_ON_PHONE',
    words: '你已退出微信',
    dropTags: ['FIRST_DAY'],
  })
  if (ring) one.bus.ring({ id: `account:${account}`, sequence: number ?? 0 })
}

const seenAgain = (one: Given, accounts: readonly string[]) =>
  one.store.confirmPresence({ accounts, state: 'ONLINE', at: one.store.clock.now(), seenSignedIn: true })

class Page {
  readonly came: string[] = []
  readonly updates: PresenceUpdate[] = []
  #iterator: AsyncIterator<PresenceUpdate> | null = null
  error: unknown = null

  static async open(one: Given, id: string | null, reads = 1_000): Promise<Page> {
    const page = new Page()
    const updates = await watchPresence(one.context, id === null ? null : globalId('Account', id))
    page.#iterator = updates[Symbol.asyncIterator]()
    return page.read(one, reads)
  }

  read(one: Given, count: number): this {
    for (let asked = 0; asked < count; asked += 1)
      this.#iterator?.next().then(
        ({ value, done }) => {
          if (done === true) return
          const { account, change } = value
          const { state } = presenceOf(account, one.store.clock.now(), null)
          this.updates.push(value)
          this.came.push(`${account.wcId} ${change === null ? state : `${change.before}>${change.after}`}`)
        },
        error => {
          this.error = error
        },
      )
    return this
  }

  leave(): void {
    void this.#iterator?.return?.()
  }
}

const looked = async (one: Given) => {
  await one.services.feeds.look()
  await handedOver()
}

const refusal = (context: Context, id: string | null) =>
  watchPresence(context, id).then(
    () => 'watched',
    error => error.code,
  )

describe('everybody', () => {
  it('is shown as they stand, then each change as it happens', async () => {
    await using one = await given({ ringsWait: 0 })
    const lin = await signIn(one, 'lin')
    const page = await Page.open(one, null)
    await handedOver()
    expect(page.came).toEqual(['lin ONLINE'])
    await drop(one, lin)
    await expect.poll(() => page.came.at(-1)).toBe('lin ONLINE>OFFLINE')
    expect(page.updates.at(-1)).toMatchObject({
      account: {
        presence: { state: 'OFFLINE', reason: 'LOGGED_OUT_ON_PHONE', upstreamReason: '你已退出微信' },
      },
      change: { number: 2, reason: 'LOGGED_OUT_ON_PHONE', dropTags: ['FIRST_DAY'] },
    })
    await signIn(one, 'chen')
    await expect.poll(() => page.came.slice(2)).toEqual(['chen UNKNOWN>ONLINE'])
    await looked(one)
    expect(page.came).toHaveLength(3)
    page.leave()
  })

  it('is told every change that was not rung by the next look, none missing', async () => {
    await using one = await given()
    const lin = await signIn(one, 'lin')
    const page = await Page.open(one, null)
    await drop(one, lin, false)
    await signIn(one, 'lin', false)
    await drop(one, lin, false)
    await signIn(one, 'chen', false)
    await looked(one)
    expect(page.came.toSorted()).toEqual([
      'chen UNKNOWN>ONLINE',
      'lin OFFLINE>ONLINE',
      'lin ONLINE',
      'lin ONLINE>OFFLINE',
      'lin ONLINE>OFFLINE',
    ])
    expect(page.updates.flatMap(({ change }) => (change?.accountId === lin ? [change.number] : []))).toEqual([
      2, 3, 4,
    ])
    await looked(one)
    expect(page.came).toHaveLength(5)
    page.leave()
  })

  it('is told each change once, though a ring and a look read it at the same time', async () => {
    await using one = await given({ ringsWait: 0 })
    const lin = await signIn(one, 'lin')
    const page = await Page.open(one, null)
    await drop(one, lin, false)
    const { readPresenceChangesAbove } = one.store
    const both = Promise.withResolvers<void>()
    let reads = 0
    Object.assign(one.store, {
      readPresenceChangesAbove: async (...asked: Parameters<typeof readPresenceChangesAbove>) => {
        const changes = await readPresenceChangesAbove(...asked)
        reads += 1
        if (reads === 2) both.resolve()
        await both.promise
        return changes
      },
    })
    one.bus.ring({ id: `account:${lin}`, sequence: 2 })
    await looked(one)
    await expect.poll(() => page.came).toHaveLength(2)
    await handedOver()
    expect(page.came).toEqual(['lin ONLINE', 'lin ONLINE>OFFLINE'])
    page.leave()
  })

  it('turns UNKNOWN by the clock alone, and back when seen again', async () => {
    await using one = await given()
    const later = movable(one)
    const lin = await signIn(one, 'lin')
    const chen = await signIn(one, 'chen')
    const page = await Page.open(one, null)
    later(299_000)
    await looked(one)
    expect(page.came).toHaveLength(2)
    await seenAgain(one, [chen])
    later(2_000)
    await looked(one)
    expect(page.came.slice(2)).toEqual(['lin UNKNOWN'])
    await seenAgain(one, [lin])
    await looked(one)
    expect(page.came.slice(3)).toEqual(['lin ONLINE'])
    expect(page.updates.at(-1)?.change).toBeNull()
    page.leave()
  })

  it('is not told of who was merely seen again', async () => {
    await using one = await given({ ringsWait: 0 })
    const lin = await signIn(one, 'lin')
    const page = await Page.open(one, null)
    const alone = await Page.open(one, lin)
    await seenAgain(one, [lin])
    await looked(one)
    expect([page.came, alone.came]).toEqual([['lin ONLINE'], ['lin ONLINE', 'lin ONLINE']])
    await seenAgain(one, [lin])
    one.bus.ring({ id: `account:${lin}`, sequence: 0 })
    await expect.poll(() => alone.came).toHaveLength(3)
    expect(page.came).toHaveLength(1)
    page.leave()
    alone.leave()
  })

  it('costs as many statements as there are rounds, not accounts', async () => {
    await using one = await given({ ringsWait: 0 })
    const accounts: string[] = []
    for (let count = 0; count < 30; count += 1) accounts.push(await signIn(one, `wxid_${count}`))
    const pages = [await Page.open(one, null), await Page.open(one, null)]
    for (const account of accounts) await drop(one, account, false)
    const before = one.statements()
    for (const account of accounts) one.bus.ring({ id: `account:${account}`, sequence: 2 })
    await expect.poll(() => pages.every(({ came }) => came.length === 60)).toBe(true)
    expect(one.statements() - before).toBeLessThanOrEqual(2)
    await looked(one)
    await looked(one)
    const quiet = one.statements()
    await looked(one)
    expect(one.statements() - quiet).toBe(1)
    for (const page of pages) page.leave()
  })
})

describe('one account', () => {
  it('is watched alone', async () => {
    await using one = await given({ ringsWait: 0 })
    const lin = await signIn(one, 'lin')
    const chen = await signIn(one, 'chen')
    const page = await Page.open(one, lin)
    await drop(one, chen)
    await drop(one, lin)
    await expect.poll(() => page.came).toEqual(['lin ONLINE', 'lin ONLINE>OFFLINE'])
    await looked(one)
    expect(page.came).toHaveLength(2)
    page.leave()
  })

  it('goes on being watched where whoever watched everybody leaves, and the other way round', async () => {
    await using one = await given({ ringsWait: 0 })
    const lin = await signIn(one, 'lin')
    const chen = await signIn(one, 'chen')
    const all = await Page.open(one, null)
    const page = await Page.open(one, lin)
    all.leave()
    await drop(one, lin)
    await drop(one, chen)
    await expect.poll(() => page.came).toEqual(['lin ONLINE', 'lin ONLINE>OFFLINE'])
    const again = await Page.open(one, null)
    page.leave()
    await handedOver()
    expect(again.came.toSorted()).toEqual(['chen OFFLINE', 'lin OFFLINE'])
    await signIn(one, 'lin')
    await expect.poll(() => again.came.at(-1)).toBe('lin OFFLINE>ONLINE')
    again.leave()
    expect([one.services.feeds.watches, one.bus.listeners]).toEqual([0, 0])
  })

  it('that is nobody, or of another tenant, is refused', async () => {
    await using one = await given()
    const lin = await signIn(one, 'lin')
    const elsewhere = { ...one.context, viewer: { ...one.context.viewer, tenant: 'elsewhere' } }
    const nobody = globalId('Account', '018f0000-0000-7000-8000-000000000000')
    expect(await refusal(elsewhere, globalId('Account', lin))).toBe('NOT_FOUND')
    for (const id of [nobody, 'nonsense', globalId('Login', lin)])
      expect(await refusal(one.context, id)).toBe('NOT_FOUND')
    expect(await refusal(one.as(['HISTORY_READ']), null)).toBe('FORBIDDEN')
    expect([one.services.feeds.watches, one.bus.listeners]).toEqual([0, 0])
  })
})

describe('who watches presence', () => {
  it('ends as slow where too much waits, and has changes in order until then', async () => {
    await using one = await given({ wallQueue: 2 })
    const lin = await signIn(one, 'lin')
    const page = await Page.open(one, null, 0)
    await drop(one, lin, false)
    await signIn(one, 'lin', false)
    await looked(one)
    expect(one.services.feeds.watches).toBe(1)
    await drop(one, lin, false)
    await looked(one)
    expect(one.services.feeds.watches).toBe(0)
    page.read(one, 1)
    await handedOver()
    expect(page.error).toMatchObject({ code: 'SLOW_CONSUMER' })
  })

  it('counts with those who watch logins, and is let go where the gateway stops', async () => {
    await using one = await given({ most: 1 })
    const page = await Page.open(one, null)
    expect(await refusal(one.context, null)).toBe('TOO_MANY_SUBSCRIPTIONS')
    one.services.feeds.stop()
    await handedOver()
    expect(page.error).toMatchObject({ code: 'SHUTTING_DOWN' })
  })
})
