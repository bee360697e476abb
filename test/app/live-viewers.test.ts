// Live operations over sockets: what no plan covers, what each viewer may see, and who comes late or has enough.

import { createClient } from 'graphql-ws'
import { describe, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import { idOf } from '../../src/resolvers/global-id.ts'
import { adminScopes, type Scope } from '../../src/resolvers/viewer.ts'
import type { Recognise } from '../../src/server/credentials.ts'
import { type Running, running, testKey } from './running.ts'

const registration =
  'mutation ($key: String!) { registerDevice(input: { provider: "simulator", deviceKey: $key, province: "广东" }) { ... on RegisterDevicePayload { device { id upstreamId } } } }'

const begin = async ({ ask }: Running, key = 'demo') => {
  const { device } = (await ask(registration, { key })).data.registerDevice
  const started = await ask(
    'mutation ($id: ID!) { startLogin(input: { deviceId: $id }) { ... on StartLoginPayload { login { id } } } }',
    { id: device.id },
  )
  const id: string = started.data.startLogin.login.id
  await expect
    .poll(async () => (await ask('query ($id: ID!) { login(id: $id) { state } }', { id })).data.login.state)
    .toBe('AWAITING_SCAN')
  return { id, loginId: idOf('Login', id) ?? '', upstreamId: device.upstreamId as string }
}

const cancel = (run: Running, id: string) =>
  run.ask('mutation ($id: ID!) { cancelLogin(loginId: $id) { __typename } }', { id })

const hiccup = async ({ gatehouse: { store } }: Running, loginId: string) => {
  const failure = { kind: 'UNREACHABLE', upstreamCode: null, upstreamMessage: null } as const
  const at = store.clock.now()
  for (let count = 0; count < 3; count += 1)
    await store.record(loginId, { kind: 'PollFailed', at, began: at, failure })
}

interface Asking {
  readonly query: string
  readonly variables: object
  readonly key?: string
  readonly language?: string
}

/** Every frame to the end, as it came. */
const frames = (run: Running, { query, variables, key = testKey, language = 'en' }: Asking) => {
  const socket = new WebSocket(run.socketEndpoint, 'graphql-transport-ws')
  const came: string[] = []
  const over = Promise.withResolvers<readonly string[]>()
  const joined = Promise.withResolvers<void>()
  socket.on('open', () =>
    socket.send(
      JSON.stringify({
        type: 'connection_init',
        payload: { authorization: `Bearer ${key}`, acceptLanguage: language },
      }),
    ),
  )
  socket.on('message', data => {
    const frame = String(data)
    const { type } = JSON.parse(frame)
    if (type === 'connection_ack')
      socket.send(JSON.stringify({ id: 'one', type: 'subscribe', payload: { query, variables } }))
    if (type === 'next') joined.resolve()
    if (type === 'next' || type === 'error') came.push(frame)
    if (type === 'complete' || type === 'error') socket.close()
  })
  socket.on('close', () => over.resolve(came))
  return { all: over.promise, joined: joined.promise }
}

describe('what a plan does not cover', () => {
  it('is answered by graphql-js in its place among the others', async () => {
    await using run = await running()
    const { id } = await begin(run)
    const query =
      'subscription ($id: ID!) { loginProgress(loginId: $id, after: 0) { sequence login { device { deviceKey } } } }'
    const watching = frames(run, { query, variables: { id } })
    await watching.joined
    await cancel(run, id)
    const came = (await watching.all).map(frame => JSON.parse(frame).payload)
    expect(came).toEqual(
      [1, 2, 3].map(sequence => ({
        data: { loginProgress: { sequence, login: { device: { deviceKey: 'demo' } } } },
      })),
    )
    expect(run.gatehouse.live).toMatchObject({ delivered: 3, interpreted: 3 })
  })

  it('fails for each login by itself, masked, and is logged once each', async () => {
    await using run = await running()
    const logins = [await begin(run, 'one'), await begin(run, 'two')]
    const query =
      'subscription ($id: ID!) { loginProgress(loginId: $id) { login { id device { deviceKey } } } }'
    const watching = logins.map(({ id }) => frames(run, { query, variables: { id } }))
    await Promise.all(watching.map(({ joined }) => joined))
    Object.assign(run.gatehouse.store, {
      readDevices: () => Promise.reject(new Error('secret words of a database')),
    })
    for (const { loginId } of logins) {
      await hiccup(run, loginId)
      await run.gatehouse.store.record(loginId, {
        kind: 'CancelAsked',
        at: run.gatehouse.store.clock.now(),
        by: 'CANCELLED_BY_CALLER',
      })
    }
    const came = await Promise.all(watching.map(({ all }) => all))
    const failures = came.map(all =>
      all.map(frame => JSON.parse(frame).payload).filter(({ errors }) => errors),
    )
    for (const all of failures) {
      expect(all.length).toBeGreaterThan(0)
      for (const { data, errors } of all) {
        expect(data).toBeNull()
        expect(errors).toMatchObject([
          { path: ['loginProgress', 'login', 'device'], extensions: { code: 'INTERNAL_SERVER_ERROR' } },
        ])
      }
    }
    expect(JSON.stringify(came)).not.toContain('secret')
    const ids = failures.flat().map(({ errors }) => errors[0].extensions.errorId)
    expect(new Set(ids).size).toBe(ids.length)
    expect(run.logged.map(({ fields }) => 'errorId' in fields && fields.errorId)).toEqual(
      expect.arrayContaining(ids),
    )
    expect(run.logged).toHaveLength(ids.length)
  })
})

describe('viewers of every class on one login at once', () => {
  const keys: Readonly<Record<string, readonly Scope[]>> = { acts: adminScopes, reads: ['LOGIN_READ'] }
  const recognise: Recognise = (authorization, language) => {
    const name = authorization?.replace('Bearer ', '') ?? ''
    const scopes = name === testKey ? adminScopes : keys[name]
    return scopes === undefined ? null : { tenant: 'default', name, scopes, language }
  }
  const query = `subscription ($id: ID!) {
    loginProgress(loginId: $id) {
      event { ... on PollingDegraded { message } ... on LoginEnded { outcome { message } } }
      login { state allowedActions qrCode { url content image } }
    }
  }`

  it.each(['on', 'off'])('each see their own (plans %s)', async plans => {
    await using run = await running({ server: { recognise } }, { LIVE_PLANS: plans })
    const { id, loginId } = await begin(run)
    const classes = Object.keys(keys).flatMap(key => ['en', 'zh'].map(language => ({ key, language })))
    const watching = classes.flatMap(viewer =>
      [1, 2, 3].map(() => ({ ...viewer, ...frames(run, { query, variables: { id }, ...viewer }) })),
    )
    await Promise.all(watching.map(({ joined }) => joined))
    await hiccup(run, loginId)
    await run.gatehouse.store.readLogin('default', loginId)
    await cancel(run, id)
    for (const { key, language, all } of watching) {
      const came = await all
      const updates = came.map(frame => JSON.parse(frame).payload.data.loginProgress)
      const waiting = updates.filter(({ login }) => login.state === 'AWAITING_SCAN')
      expect(waiting.length).toBeGreaterThan(0)
      for (const { login } of waiting) {
        expect(login.allowedActions.includes('CANCEL')).toBe(key === 'acts')
        if (key === 'acts') expect(login.qrCode.content).not.toBeNull()
        else expect(login.qrCode).toBeNull()
      }
      if (key === 'reads') expect(came.join()).not.toMatch(/data:image|weixin\.qq\.com/u)
      const { message } = updates.at(-1).event.outcome
      expect(/\p{Script=Han}/u.test(message)).toBe(language === 'zh')
    }
    if (plans === 'on') expect(run.gatehouse.live?.shared).toBeGreaterThan(0)
    expect(run.gatehouse.live?.interpreted ?? 0).toBe(0)
  })
})

it('a client that has enough is sent nothing more, and may use the same name again', async () => {
  await using run = await running()
  const { id, loginId } = await begin(run)
  const socket = new WebSocket(run.socketEndpoint, 'graphql-transport-ws')
  const came: { id?: string; type: string }[] = []
  socket.on('message', data => came.push(JSON.parse(String(data))))
  await new Promise(resolve => socket.once('open', resolve))
  const say = (message: object) => socket.send(JSON.stringify(message))
  const subscribe = {
    id: 'one',
    type: 'subscribe',
    payload: {
      query: 'subscription ($id: ID!) { loginProgress(loginId: $id) { sequence } }',
      variables: { id },
    },
  }
  say({ type: 'connection_init', payload: { authorization: `Bearer ${testKey}` } })
  await expect.poll(() => came.length).toBe(1)
  say(subscribe)
  await expect.poll(() => came.length).toBe(2)
  say({ id: 'one', type: 'complete' })
  await expect.poll(() => run.gatehouse.watches).toBe(0)
  await hiccup(run, loginId)
  say(subscribe)
  await expect.poll(() => came.length).toBe(3)
  expect(came.map(({ type }) => type)).toEqual(['connection_ack', 'next', 'next'])
  socket.terminate()
})

it('a watcher who comes late to a long login reads it slowly, without a gap', {
  timeout: 60_000,
}, async () => {
  await using run = await running()
  const { id, loginId } = await begin(run)
  for (let round = 0; round < 60; round += 1) {
    await hiccup(run, loginId)
    const at = run.gatehouse.store.clock.now()
    await run.gatehouse.store.record(loginId, {
      kind: 'Polled',
      at,
      began: at,
      answer: { kind: 'NOT_SCANNED' },
    })
  }
  await cancel(run, id)
  const client = createClient({
    url: run.socketEndpoint,
    webSocketImpl: WebSocket,
    connectionParams: { authorization: `Bearer ${testKey}` },
    retryAttempts: 0,
  })
  const pictures = Array.from({ length: 40 }, (_, index) => `p${index}: qrCode { image }`).join(' ')
  const numbers: number[] = []
  for await (const { data } of client.iterate<{ loginProgress: { sequence: number } }>({
    query: `subscription ($id: ID!) { loginProgress(loginId: $id, after: 0) { sequence login { ${pictures} } } }`,
    variables: { id },
  })) {
    numbers.push(data?.loginProgress.sequence ?? 0)
    await new Promise(resolve => setImmediate(resolve))
  }
  await client.dispose()
  expect(numbers.length).toBeGreaterThan(100)
  expect(numbers).toEqual(numbers.map((_, index) => index + 1))
})
