// One login, watched at once by all who may be told different things of it: each is told its own, whatever the others
// are told, on whatever way.

import { expect, it } from 'vitest'
import { adminScopes, type Language, type Scope } from '../../src/resolvers/viewer.ts'
import type { Recognise } from '../../src/server/credentials.ts'
import { running, testKey } from './running.ts'
import { beginLogin, cancelLogin, going, hiccups, RawSocket, ways } from './watching.ts'

const scopesOf: Readonly<Record<string, readonly Scope[]>> = {
  [testKey]: adminScopes,
  acts: ['LOGIN_READ', 'LOGIN_WRITE'],
  reads: ['LOGIN_READ'],
  'reads as well': ['LOGIN_READ', 'HISTORY_READ'],
}

const recognise: Recognise = (authorization, language) => {
  const name = authorization?.replace('Bearer ', '') ?? ''
  const scopes = scopesOf[name]
  return scopes === undefined ? null : { tenant: 'default', name, scopes, language }
}

const languages: readonly Language[] = ['en', 'zh']
const watchersOfEach = 10

const query = `subscription ($id: ID!, $after: Int) {
  loginProgress(loginId: $id, after: $after) {
    sequence
    event { __typename ... on PollingDegraded { message } ... on LoginEnded { outcome { message } } }
    login { state allowedActions qrCode { url content image } outcome { message } }
  }
}`

it.each(ways)('each viewer of a login sees its own, with %s', async way => {
  await using run = await running({ server: { recognise }, feeds: { lookEvery: 20 } }, going(way))
  const login = await beginLogin(run)
  const shown = (await run.gatehouse.store.readSecrets('default', login.loginId)).qrCode
  const secrets = [shown?.url, shown?.content, shown?.image].filter(secret => secret != null)
  expect(secrets).toHaveLength(3)

  const viewers = await Promise.all(
    Object.keys(scopesOf).flatMap(key =>
      languages.map(async language => ({
        key,
        language,
        socket: await RawSocket.open(run.socketEndpoint, { key, language }),
      })),
    ),
  )
  const names = Array.from({ length: watchersOfEach }, (_, index) => `watcher ${index}`)
  // Some from now on, some from the first event.
  for (const { socket } of viewers)
    for (const [index, name] of names.entries())
      socket.subscribe(name, query, { id: login.id, after: index % 2 === 0 ? null : 0 })
  for (const { socket } of viewers) for (const name of names) await socket.came(name, 1)

  const newest = await hiccups(run, login, 5)
  for (const { socket } of viewers)
    for (const name of names) await socket.until(() => (socket.numbers(name).at(-1) ?? 0) >= newest)
  await cancelLogin(run, login)

  const told = new Map<string, Set<string>>()
  for (const { key, language, socket } of viewers) {
    const mayAct = scopesOf[key]?.includes('LOGIN_WRITE') === true
    for (const name of names) {
      await socket.over(name)
      const updates = socket.updates(name)
      const waiting = updates.filter(({ login }) => login.state === 'AWAITING_SCAN')
      expect(waiting.length).toBeGreaterThan(1)
      for (const { login } of waiting) {
        expect(login.allowedActions.includes('CANCEL')).toBe(mayAct)
        if (mayAct) expect(login.qrCode).toEqual(shown)
        else expect(login).toMatchObject({ qrCode: null, allowedActions: [] })
      }
      const messages = updates
        .flatMap(({ event, login }) => [event?.message, event?.outcome?.message, login.outcome?.message])
        .filter(message => message != null)
      expect(messages.length).toBeGreaterThan(2)
      for (const message of messages) expect(/\p{Script=Han}/u.test(message)).toBe(language === 'zh')
      const text = socket.texts(name).join()
      for (const secret of secrets) expect(text.includes(JSON.stringify(secret).slice(1, -1))).toBe(mayAct)
      // What one is told, all of its class are told.
      const events = updates.flatMap(({ event }) => (event === null ? [] : [JSON.stringify(event)])).slice(-5)
      const known = told.get(language) ?? new Set()
      told.set(language, known.add(events.join()))
    }
    await socket.leave()
  }
  for (const known of told.values()) expect(known.size).toBe(1)
  if (way === 'plans') {
    expect(run.gatehouse.live?.interpreted).toBe(0)
    expect(run.gatehouse.live?.shared).toBeGreaterThan(viewers.length * watchersOfEach)
  } else expect(run.gatehouse.live).toBeNull()
  expect(run.logged).toEqual([])
})
