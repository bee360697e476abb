// What a plan does not cover, beside what it does: answered by graphql-js in its place, for each watcher by itself.

import { describe, expect, it } from 'vitest'
import { globalId } from '../../src/resolvers/global-id.ts'
import { startLogin } from '../../src/resolvers/start-login.ts'
import { watchLogin } from '../../src/resolvers/watch-login.ts'
import { schema } from '../../src/schema/schema.ts'
import { type Given, given } from '../resolvers/given.ts'
import { type Served, served, servedKey } from '../server/served.ts'
import { RawSocket, upTo, type Way, ways } from './watching.ts'

/** The port of a store in memory, and somebody there. */
const opened = async (one: Given, way: Way) => {
  const server = await served({ schema, services: one.services, livePlans: way === 'plans' })
  const socket = await RawSocket.open(`${server.url.replace('http', 'ws')}/graphql`, { key: servedKey })
  return {
    server,
    socket,
    [Symbol.asyncDispose]: async () => {
      await socket.leave()
      await server[Symbol.asyncDispose]()
    },
  }
}

/** With plans alone something can be counted. */
const counted = ({ server }: Served, way: Way, counters: object) => {
  if (way === 'plans') expect(server.live).toMatchObject(counters)
  else expect(server.live).toBeNull()
}

/** A login that carries on from another one, which is over. */
const carryingOn = async (one: Given, deviceKey: string) => {
  const deviceId = await one.device(deviceKey)
  const earlier = await one.login(deviceId)
  await one.tell(earlier.loginId, { kind: 'CancelAsked', by: 'CANCELLED_BY_CALLER' })
  const { login } = await startLogin(one.context, {
    deviceId,
    strategy: 'QR_CODE',
    onConflict: 'RETURN_ACTIVE',
    continues: earlier.id,
  })
  return { earlier, id: globalId('Login', login.record.id), loginId: login.record.id }
}

const cancelled = { kind: 'CancelAsked', by: 'CANCELLED_BY_CALLER' } as const
const ada = { wcId: 'wxid_ada', wAccount: null, nickName: 'Ada', avatarUrl: null, country: null, city: null }
const profile = { ...ada, signature: null, sex: null, mobilePhone: null, instanceId: null }

describe.each(ways)('with %s', way => {
  it('what must be loaded comes in its place', async () => {
    await using one = await given()
    await using at = await opened(one, way)
    const deviceId = await one.device('one')
    const { id, loginId } = await one.login(deviceId)
    const query = `subscription ($id: ID!) { loginProgress(loginId: $id, after: 0) {
      sequence event { __typename } login { state device { id deviceKey } }
    } }`
    at.socket.subscribe('it', query, { id })
    await one.showQrCode(loginId)
    await one.hiccup(loginId, 3)
    await one.tell(loginId, cancelled)
    await at.socket.over('it')
    expect(at.socket.numbers('it')).toEqual(upTo(9))
    for (const { login } of at.socket.updates('it'))
      expect(login.device).toEqual({ id: deviceId, deviceKey: 'one' })
    const frames = at.socket.frames('it').length - 1
    counted(at.server, way, { delivered: frames, interpreted: frames })
  })

  it('each watcher is answered what it asked, however alike they ask', async () => {
    await using one = await given()
    await using at = await opened(one, way)
    const { id, loginId } = await one.login(await one.device('one'))
    const query = `subscription ($id: ID!, $first: Int!, $loads: Boolean!) {
      loginProgress(loginId: $id, after: 0) {
        sequence event { __typename }
        login { state events(first: $first) @include(if: $loads) { edges { node { sequence } } } }
      }
    }`
    const asked = [
      { name: 'one event', first: 1, loads: true },
      { name: 'two events', first: 2, loads: true },
      { name: 'none', first: 2, loads: false },
      { name: 'one event again', first: 1, loads: true },
    ]
    for (const { name, ...variables } of asked) at.socket.subscribe(name, query, { id, ...variables })
    for (const { name } of asked) await at.socket.came(name, 1)
    await one.showQrCode(loginId)
    await one.tell(loginId, cancelled)
    for (const { name, first, loads } of asked) {
      await at.socket.over(name)
      expect(at.socket.numbers(name)).toEqual([1, 2, 3])
      const { state, events } = at.socket.updates(name).at(-1).login
      expect(state).toBe('CANCELLED')
      if (loads)
        expect(events.edges.map((edge: { node: { sequence: number } }) => edge.node.sequence)).toEqual(
          upTo(first),
        )
      else expect(events).toBeUndefined()
    }
    const loading = asked.filter(({ loads }) => loads).flatMap(({ name }) => at.socket.updates(name))
    counted(at.server, way, { interpreted: loading.length })
  })

  it('what must be loaded at the end alone is loaded at the end alone', async () => {
    await using one = await given()
    await using at = await opened(one, way)
    const { id, loginId } = await one.login(await one.device('one'))
    const query = `subscription ($id: ID!) { loginProgress(loginId: $id, after: 0) {
      sequence event { __typename } login { account { nickName device { deviceKey } } }
    } }`
    at.socket.subscribe('it', query, { id })
    await one.showQrCode(loginId)
    await at.socket.came('it', 2)
    await one.tell(loginId, {
      kind: 'Polled',
      began: one.store.clock.now(),
      answer: { kind: 'SIGNED_IN', profile },
    })
    await at.socket.over('it')
    expect(at.socket.numbers('it')).toEqual([1, 2, 3])
    expect(at.socket.updates('it').at(-1).login).toEqual({
      account: { nickName: 'Ada', device: { deviceKey: 'one' } },
    })
    counted(at.server, way, { interpreted: 1 })
  })

  it('what is slow to load holds up what comes after it, and nothing overtakes', async () => {
    await using one = await given({ snapshotEvery: 3_600_000 })
    await using at = await opened(one, way)
    const { earlier, id, loginId } = await carryingOn(one, 'one')
    // Every other update shows that it carries on, which has to be loaded; the loads are answered when the test says so.
    const loads: (() => void)[] = []
    let shows = false
    const { readLogins, readProgress } = one.store
    Object.assign(one.store, {
      readLogins: async (...asked: Parameters<typeof readLogins>) => {
        if (asked[1].includes(earlier.loginId)) await new Promise<void>(resolve => loads.push(resolve))
        return await readLogins(...asked)
      },
      readProgress: async (...asked: Parameters<typeof readProgress>) => {
        const found = await readProgress(...asked)
        return found && { ...found, login: { ...found.login, continues: shows ? earlier.loginId : null } }
      },
    })
    const query = `subscription ($id: ID!) { loginProgress(loginId: $id, after: 1) {
      sequence event { __typename } login { continues { id } }
    } }`
    at.socket.subscribe('it', query, { id })
    const fed = (await watchLogin(one.context, id, 1))[Symbol.asyncIterator]()
    await expect.poll(() => one.services.feeds.watches).toBe(2)
    const shown: number[] = []
    const step = async (observation: Parameters<Given['tell']>[1], carriesOn: boolean) => {
      shows = carriesOn
      const recorded = await one.tell(loginId, observation)
      if (recorded.kind !== 'RECORDED') throw new Error(`${observation.kind} changed nothing`)
      const events = recorded.events.map(({ sequence }) => sequence)
      for (const sequence of events) while ((await fed.next()).value?.sequence !== sequence);
      if (carriesOn) shown.push(...events)
    }
    await step({ kind: 'OnlineChecked', began: one.store.clock.now(), profile: null }, false)
    await step({ kind: 'Intended', intent: 'qr-1' }, false)
    const secret = { url: 'https://upstream.example/qr.png', image: null, content: 'qr' }
    await step({ kind: 'QrCodeReceived', intent: 'qr-1', handle: null, secret }, true)
    for (let turn = 0; turn < 20; turn++)
      await step({ kind: turn % 2 === 0 ? 'CodePromptReported' : 'CodePromptWithdrawn' }, turn % 5 < 2)
    // None of them has been answered: nothing came before the first, and all that came since waits behind it.
    await expect.poll(() => loads.length).toBe(1)
    expect(at.socket.updates('it')).toEqual([])
    await step(cancelled, true)
    for (const _ of shown) {
      await expect.poll(() => loads.length).toBe(1)
      loads.shift()?.()
    }
    await at.socket.over('it')
    expect(at.socket.numbers('it')).toEqual(upTo(23, 2))
    for (const { sequence, login } of at.socket.updates('it'))
      expect(login.continues).toEqual(shown.includes(sequence) ? { id: earlier.id } : null)
    await fed.return()
    counted(at.server, way, { delivered: 22, interpreted: shown.length })
  })

  it('what fails fails for each login by itself: masked, in its own place, and logged once', async () => {
    await using one = await given()
    await using at = await opened(one, way)
    const logins = [await carryingOn(one, 'one'), await carryingOn(one, 'two')]
    Object.assign(one.store, { readLogins: () => Promise.reject(new Error('secret words of a database')) })
    const query = `subscription ($id: ID!) { loginProgress(loginId: $id, after: 1) {
      sequence login { id continues { state } }
    } }`
    for (const { id } of logins) at.socket.subscribe(id, query, { id })
    await expect.poll(() => one.services.feeds.watches).toBe(2)
    for (const { loginId } of logins) await one.showQrCode(loginId)
    for (const { loginId } of logins) await one.tell(loginId, cancelled)
    const errorIds: string[] = []
    for (const { id } of logins) {
      const frames = (await at.socket.over(id)).filter(({ type }) => type === 'next')
      expect(frames.length).toBeGreaterThanOrEqual(2)
      for (const { payload } of frames) {
        expect(payload.data.loginProgress.login).toEqual({ id, continues: null })
        expect(payload.errors).toMatchObject([
          {
            message: expect.stringMatching(
              /^Something went wrong here; the log knows it as [0-9a-f-]{36}\.$/,
            ),
            path: ['loginProgress', 'login', 'continues'],
            extensions: { code: 'INTERNAL_SERVER_ERROR' },
          },
        ])
        errorIds.push(payload.errors[0].extensions.errorId)
      }
      expect(at.socket.texts(id).join()).not.toContain('secret')
    }
    expect(new Set(errorIds).size).toBe(errorIds.length)
    const logged = at.server.logged.map(({ fields }) => (fields as { errorId?: string }).errorId)
    expect(logged.toSorted()).toEqual(errorIds.toSorted())
    counted(at.server, way, { delivered: errorIds.length, interpreted: errorIds.length })
  })

  it('what is broken in one login is shown by an error of its own, and the other one goes on', async () => {
    await using one = await given()
    await using at = await opened(one, way)
    const logins = [await one.login(await one.device('one')), await one.login(await one.device('two'))]
    const [broken, sound] = logins
    const { readProgress } = one.store
    Object.assign(one.store, {
      readProgress: async (...asked: Parameters<typeof readProgress>) => {
        const found = await readProgress(...asked)
        if (asked[1] !== broken?.loginId) return found
        return found && { ...found, login: { ...found.login, advisories: null } }
      },
    })
    const query = `subscription ($id: ID!) { loginProgress(loginId: $id, after: 1) {
      sequence login { id advisories { code } }
    } }`
    for (const { id } of logins) at.socket.subscribe(id, query, { id })
    await expect.poll(() => one.services.feeds.watches).toBe(2)
    for (const { loginId } of logins) await one.showQrCode(loginId)
    for (const { loginId } of logins) await one.tell(loginId, cancelled)
    const [ofBroken = [], ofSound = []] = await Promise.all(logins.map(({ id }) => at.socket.over(id)))
    for (const { payload } of ofBroken.slice(0, -1))
      expect(payload).toMatchObject({
        data: null,
        errors: [
          { path: ['loginProgress', 'login', 'advisories'], extensions: { code: 'INTERNAL_SERVER_ERROR' } },
        ],
      })
    expect(at.socket.texts(broken?.id ?? '').join()).not.toContain('non-nullable')
    for (const { payload } of ofSound.slice(0, -1)) {
      expect(payload.errors).toBeUndefined()
      expect(payload.data.loginProgress.login).toEqual({ id: sound?.id, advisories: [] })
    }
    expect(at.server.logged).toHaveLength(ofBroken.length - 1)
    counted(at.server, way, { interpreted: ofBroken.length - 1 })
  })
})
