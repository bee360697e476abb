// What analysts' statements may cost: few connections, half a second each, and an answer that says what to do.

import postgres from 'postgres'
import { expect, test } from 'vitest'
import { DatabaseError } from '../../src/db/errors.ts'
import { everything } from '../../src/db/statistics.ts'
import { createMask } from '../../src/server/mask.ts'
import { freshDatabase } from '../support/database.ts'
import { aDevice, aLogin, tenant } from './given.ts'

const page = { limit: 10, after: null, before: null, backward: false }

test('a page that takes too long is ended and told as TOO_EXPENSIVE, and is no failure', async () => {
  await using database = await freshDatabase('postgres')
  const store = await database.open()
  await aLogin(store, await aDevice(store))
  await using _lock = await locked(database.url ?? '', 'login')
  const failed = await store.pageLogins(tenant, {}, 'STARTED_AT_DESC', page).catch(error => error)
  expect(failed).toBeInstanceOf(DatabaseError)
  expect(failed).toMatchObject({ code: '57014', tooExpensive: true, lost: false })
  const logged: object[] = []
  const shown = createMask({ error: fields => void logged.push(fields) })(failed)
  expect(shown).toMatchObject({
    message: expect.stringContaining('narrow the range'),
    extensions: { code: 'TOO_EXPENSIVE' },
  })
  expect(logged).toEqual([])
})

test('every list is read within its limits', async () => {
  await using database = await freshDatabase('postgres')
  const store = await database.open()
  const deviceId = await aDevice(store)
  await using _lock = await locked(database.url ?? '', 'login, device, account, sign_in, presence_change')
  const lists: readonly Promise<unknown>[] = [
    store.pageLogins(tenant, {}, 'STARTED_AT_DESC', page),
    store.countLogins(tenant, {}),
    store.readLoginsOf(tenant, 'device', [deviceId], {}, 'STARTED_AT_DESC', page),
    store.countLoginsOf(tenant, 'device', [deviceId], {}),
    store.pageDevices(tenant, {}, page),
    store.countDevices(tenant, {}),
    store.pageAccounts(tenant, {}, page),
    store.countAccounts(tenant, {}),
    store.pageSignIns(tenant, {}, page),
    store.pagePresenceChanges(tenant, {}, page),
  ]
  const answers = await Promise.allSettled(lists)
  for (const answer of answers)
    expect(answer).toMatchObject({ status: 'rejected', reason: { tooExpensive: true } })
})

test('a crowd of slow readers takes four connections and holds up nobody else', async () => {
  await using database = await freshDatabase('postgres')
  const store = await database.open()
  const { loginId } = await aLogin(store, await aDevice(store))
  await using lock = await locked(database.url ?? '', 'device')
  const crowd = Promise.allSettled(Array.from({ length: 8 }, () => store.pageDevices(tenant, {}, page)))
  while ((await lock.waiting()) < 4) await store.ping()
  expect((await store.readLogin(tenant, loginId))?.id).toBe(loginId)
  expect(await lock.waiting()).toBeLessThanOrEqual(4)
  expect((await crowd).every(({ status }) => status === 'rejected')).toBe(true)
})

test('of a crowd that would take longer than anybody waits, the last are told that the database is busy', async () => {
  await using database = await freshDatabase('postgres')
  const store = await database.open()
  await using _lock = await locked(database.url ?? '', 'device')
  const crowd = await Promise.allSettled(
    Array.from({ length: 100 }, () => store.pageDevices(tenant, {}, page)),
  )
  const reasons: readonly DatabaseError[] = crowd.flatMap(answer =>
    answer.status === 'rejected' ? [answer.reason] : [],
  )
  expect(reasons).toHaveLength(100)
  const busy = reasons.filter(reason => reason.busy)
  expect(busy.length).toBeGreaterThan(20)
  expect(reasons.filter(reason => reason.tooExpensive)).toHaveLength(100 - busy.length)
  const logged: object[] = []
  expect(createMask({ error: fields => void logged.push(fields) })(busy[0])).toMatchObject({
    message: expect.stringContaining('try again'),
    extensions: { code: 'UNAVAILABLE', retryAfterSeconds: 5 },
  })
  expect(logged).toEqual([])
})

test('how many logins there are is told past questions that take seconds', async () => {
  await using database = await freshDatabase('postgres')
  const store = await database.open()
  await aLogin(store, await aDevice(store))
  await using lock = await locked(database.url ?? '', 'login_rollup')
  const answered: string[] = []
  const questions = Array.from({ length: 6 }, () =>
    store.readLoginStatistics(tenant, everything).catch(() => answered.push('statistics')),
  )
  while ((await lock.waiting()) < 2) await store.ping()
  await store.countLogins(tenant, {}).catch(() => answered.push('count'))
  expect(answered).toEqual(['count'])
  await Promise.all(questions)
})

test('elsewhere a statement that is ended stays a failure', async () => {
  await using database = await freshDatabase('postgres')
  const store = await database.open()
  const deviceId = await aDevice(store)
  await using lock = await locked(database.url ?? '', 'device')
  const read = store.readDevices(tenant, [deviceId]).catch(error => error)
  while ((await lock.waiting()) < 1) await store.ping()
  await lock.endThose()
  expect(await read).toMatchObject({ code: '57014', tooExpensive: false })
})

/** Held by another session until disposed of. */
const locked = async (url: string, tables: string) => {
  const sql = postgres(url, { max: 2, onnotice: () => {} })
  const holder = await sql.reserve()
  await holder.unsafe(`begin; lock table ${tables} in access exclusive mode`)
  const waiters = async () =>
    await sql<{ pid: number }[]>`select pid from pg_stat_activity
      where datname = current_database() and wait_event_type = 'Lock'`
  return {
    waiting: async () => (await waiters()).length,
    endThose: async () => {
      for (const { pid } of await waiters()) await sql`select pg_cancel_backend(${pid})`
    },
    [Symbol.asyncDispose]: async () => {
      await holder.unsafe('rollback')
      holder.release()
      await sql.end()
    },
  }
}
