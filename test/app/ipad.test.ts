// The built-in simulator in its second dialect, through the real server, store and poller: no scan is told, nothing is made
// for a device, and each sign-in brings a handle.

import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createClient } from 'graphql-ws'
import { expect, it } from 'vitest'
import { WebSocket } from 'ws'
import { type Running, running, testKey } from './running.ts'

const device = 'device { id upstreamId account { wcId instanceId } operation { id } }'
const register = `mutation ($input: RegisterDeviceInput!) { registerDevice(input: $input) {
  __typename ... on RegisterDevicePayload { created ${device} operation { id } }
  ... on InvalidInputError { code fields { path } } } }`
const start = `mutation ($input: StartLoginInput!) { startLogin(input: $input) {
  __typename ... on StartLoginPayload { created login { id state } } ... on Error { code message } } }`
const refresh = `mutation ($id: ID!) { refreshQrCode(loginId: $id) {
  __typename ... on RefusedByRuleError { advisory { code until } } } }`
const watch = `subscription ($id: ID!) { loginProgress(loginId: $id, after: 0) {
  event { __typename ... on LoginEnded { confirmedBy outcome { reason } } }
  login { state allowedActions deadlineAt qrCode { content expiresAt } account { wcId instanceId presence { state } } } } }`

const provider = 'simulator-ipad'

const registered = async ({ ask }: Running, deviceKey = 'demo') =>
  (await ask(register, { input: { provider, deviceKey, province: '广东' } })).data.registerDevice

/** Watches it from the start; what `seen` does with each update is the person's part. */
const followed = async (run: Running, id: string, seen: (update: Update) => Promise<void> | void) => {
  const client = createClient({
    url: run.socketEndpoint,
    webSocketImpl: WebSocket,
    connectionParams: { authorization: `Bearer ${testKey}` },
  })
  const events: string[] = []
  let last: Update | null = null
  for await (const { data, errors } of client.iterate({ query: watch, variables: { id } })) {
    expect(errors).toBeUndefined()
    last = data?.loginProgress as Update
    if (last.event === null) continue
    events.push(last.event.__typename)
    await seen(last)
  }
  await client.dispose()
  if (last === null) throw new Error('Nothing was heard')
  return { events, last }
}

interface Update {
  readonly event: { readonly __typename: string } | null
  readonly login: {
    readonly qrCode: { readonly content: string } | null
    readonly account: { readonly wcId: string } | null
  }
}

const phoneShowing = async ({ gatehouse }: Running, content: string | undefined) => {
  const { simulator } = gatehouse
  if (simulator === null) throw new Error('There is no simulator')
  const answer = await fetch(`${simulator.phonesUrl}/devices?shows=${encodeURIComponent(content ?? '')}`)
  const { phones } = (await answer.json()) as { phones: { deviceId: string }[] }
  return simulator.world.phone(phones[0]?.deviceId ?? '')
}

const signIn = async (run: Running, deviceId: string) => {
  const { login } = (await run.ask(start, { input: { deviceId } })).data.startLogin
  return await followed(run, login.id, async ({ event, login: { qrCode } }) => {
    if (event?.__typename !== 'QrCodeIssued') return
    const phone = await phoneShowing(run, qrCode?.content)
    phone.scan()
    phone.confirm()
  })
}

it('is an upstream of its own, beside the other one', async () => {
  await using run = await running()
  const { data } = await run.ask('{ providers { name dialect phonesUrl } }')
  const phonesUrl = run.gatehouse.simulator?.phonesUrl
  expect(data.providers).toEqual([
    { name: 'simulator', dialect: 'OPEN', phonesUrl },
    { name: provider, dialect: 'IPAD', phonesUrl },
  ])
  expect(run.gatehouse.upstreams).toMatchObject([
    { name: 'simulator', dialect: 'open' },
    { name: provider, dialect: 'ipad' },
  ])
})

it('makes nothing for a device, and has none to take over', async () => {
  await using run = await running()
  expect(await registered(run)).toMatchObject({
    created: true,
    operation: null,
    device: { upstreamId: null, operation: null, account: null },
  })
  const input = { provider, deviceKey: 'other', province: '广东', upstreamDeviceId: 'theirs' }
  expect((await run.ask(register, { input })).data.registerDevice).toEqual({
    __typename: 'InvalidInputError',
    code: 'INVALID_INPUT',
    fields: [{ path: ['input', 'upstreamDeviceId'] }],
  })
  expect(run.gatehouse.simulator?.log.calls()).toEqual([])
})

it('signs in without a word of the scan, and the account takes the handle of the sign-in', async () => {
  await using run = await running()
  const { device } = await registered(run)
  const { events, last } = await signIn(run, device.id)
  expect(events).toEqual(['LoginStarted', 'QrCodeIssued', 'LoginEnded'])
  expect(last).toMatchObject({
    event: { confirmedBy: 'QR_CODE', outcome: { reason: 'SIGNED_IN' } },
    login: { state: 'CONFIRMED', account: { presence: { state: 'ONLINE' } } },
  })
  const online = [...(run.gatehouse.simulator?.world.devices.values() ?? [])].find(slot => slot.online)
  expect(last.login.account).toMatchObject({ wcId: online?.account?.wcId, instanceId: online?.wId })

  // The second one finds who is signed in, and nothing known of them is lost.
  const again = await signIn(run, device.id)
  expect(again.events).toEqual(['LoginStarted', 'LoginEnded'])
  expect(again.last).toMatchObject({
    event: { outcome: { reason: 'ALREADY_SIGNED_IN' } },
    login: { account: last.login.account ?? {} },
  })
  expect(run.logged).toEqual([])
})

it('keeps its QR code until the upstream calls it dead', async () => {
  await using run = await running()
  const { device } = await registered(run)
  const { login } = (await run.ask(start, { input: { deviceId: device.id } })).data.startLogin
  await followed(run, login.id, async ({ event, login: shown }) => {
    if (event?.__typename !== 'QrCodeIssued') return
    const { qrCode, allowedActions, deadlineAt } = shown as unknown as {
      qrCode: { expiresAt: string }
      allowedActions: string[]
      deadlineAt: string
    }
    expect(allowedActions).not.toContain('REFRESH_QR_CODE')
    expect(Date.parse(deadlineAt) - Date.parse(qrCode.expiresAt)).toBe(35_000)
    expect((await run.ask(refresh, { id: login.id })).data.refreshQrCode).toEqual({
      __typename: 'RefusedByRuleError',
      advisory: { code: 'SCAN_CANNOT_BE_RULED_OUT', until: deadlineAt },
    })
    const input = { deviceId: device.id, onConflict: 'REPLACE' }
    expect((await run.ask(start, { input })).data.startLogin).toMatchObject({ code: 'REFUSED_BY_RULE' })
    await run.ask(`mutation { cancelLogin(loginId: "${login.id}") { __typename } }`)
  })
})

it('after a restart an account of the world before signs in anew', async () => {
  const dataDir = await mkdtemp(join(tmpdir(), 'gatehouse-ipad-'))
  const engine = { kind: 'pglite', dataDir } as const
  try {
    const before = await running({ engine })
    const { device } = await registered(before)
    const { account } = (await signIn(before, device.id)).last.login
    await before[Symbol.asyncDispose]()
    await using after = await running({ engine })
    const { events, last } = await signIn(after, device.id)
    expect(events.filter(event => event !== 'MethodChanged' && event !== 'PushSent')).toEqual([
      'LoginStarted',
      'QrCodeIssued',
      'LoginEnded',
    ])
    expect(last).toMatchObject({
      event: { outcome: { reason: 'SIGNED_IN' } },
      login: { account: { wcId: account?.wcId } },
    })
  } finally {
    await rm(dataDir, { recursive: true, force: true })
  }
})
