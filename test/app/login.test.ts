// A login from the mutation to its last event, through the real server, store, poller and simulator.

import { createClient } from 'graphql-ws'
import { expect, it } from 'vitest'
import { WebSocket } from 'ws'
import { type Running, running, testKey } from './running.ts'

const register = /* GraphQL */ `
  mutation ($input: RegisterDeviceInput!) {
    registerDevice(input: $input) {
      __typename
      ... on RegisterDevicePayload { created device { id upstreamId province } operation { kind state } }
      ... on Error { code message }
      ... on InvalidInputError { fields { path message } }
    }
  }
`
const start = /* GraphQL */ `
  mutation ($input: StartLoginInput!) {
    startLogin(input: $input) {
      __typename
      ... on StartLoginPayload { created login { id state sequence } }
      ... on Error { code message }
    }
  }
`
const watch = /* GraphQL */ `
  subscription ($id: ID!, $after: Int) {
    loginProgress(loginId: $id, after: $after) {
      sequence resync
      event { __typename sequence ... on QrCodeScanned { nickName avatarUrl } ... on LoginEnded { confirmedBy outcome { reason message } } }
      login { state nextStep qrCode { url content image generation } scanner { avatarUrl } account { wcId nickName avatarUrl presence { state } device { deviceKey account { wcId } } } }
    }
  }
`

const demo = async ({ ask }: Running) => {
  const registered = await ask(register, {
    input: { provider: 'simulator', deviceKey: 'demo', province: '广东省' },
  })
  return registered.data.registerDevice
}

it('goes from the mutation to the last event', async () => {
  await using run = await running()
  const registered = await demo(run)
  expect(registered).toMatchObject({
    __typename: 'RegisterDevicePayload',
    created: true,
    operation: { kind: 'REGISTER', state: 'DONE' },
  })
  expect(registered.device.province).toBe('广东')

  const started = (await run.ask(start, { input: { deviceId: registered.device.id } })).data.startLogin
  expect(started).toMatchObject({ __typename: 'StartLoginPayload', created: true })

  const client = createClient({
    url: run.socketEndpoint,
    webSocketImpl: WebSocket,
    connectionParams: { authorization: `Bearer ${testKey}`, acceptLanguage: 'zh' },
  })
  const phone = run.gatehouse.simulator?.world.phone(registered.device.upstreamId)
  const events: string[] = []
  // biome-ignore lint/suspicious/noExplicitAny: what was asked for above.
  let last: any = null
  for await (const result of client.iterate({
    query: watch,
    variables: { id: started.login.id, after: 0 },
  })) {
    expect(result.errors).toBeUndefined()
    last = result.data?.loginProgress
    if (last.event === null) continue
    events.push(last.event.__typename)
    if (last.event.__typename === 'QrCodeIssued') {
      expect(last.login.qrCode.image).toMatch(/^data:image\/png;base64,/)
      expect(last.login.qrCode.content).not.toBeNull()
      phone?.scan()
    }
    if (last.event.__typename === 'QrCodeScanned') phone?.confirm()
  }
  await client.dispose()
  expect(events).toEqual(['LoginStarted', 'QrCodeIssued', 'QrCodeScanned', 'LoginEnded'])
  expect(last.event).toMatchObject({
    confirmedBy: 'QR_CODE',
    outcome: { reason: 'SIGNED_IN', message: '登录成功。' },
  })
  expect(last.login).toMatchObject({ state: 'CONFIRMED', nextStep: 'NONE', qrCode: null })
  expect(last.login.account).toMatchObject({ presence: { state: 'ONLINE' }, device: { deviceKey: 'demo' } })

  // The avatar is fetched beside the login: it comes with a later read.
  const link = await expect
    .poll(async () => {
      const { data } = await run.ask('{ accounts { edges { node { avatarUrl } } } }')
      return data.accounts.edges[0].node.avatarUrl
    })
    .not.toBeNull()
    .then(
      async () =>
        (await run.ask('{ accounts { edges { node { avatarUrl } } } }')).data.accounts.edges[0].node
          .avatarUrl,
    )
  const picture = await fetch(link)
  expect(picture.status).toBe(200)
  expect(picture.headers.get('content-type')).toMatch(/^image\/(png|jpeg)$/)
  expect(picture.headers.get('x-content-type-options')).toBe('nosniff')
  expect(picture.headers.get('cache-control')).toContain('private')
  expect((await fetch(`${link.slice(0, -3)}abc`)).status).toBe(404)
  expect(run.logged).toEqual([])
})
