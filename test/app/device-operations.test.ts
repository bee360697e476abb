// What can be done with devices and accounts, through the real server at a real upstream: log out, reset, retire, another
// proxy, and a look after the end of a login.

import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Simulator, startSimulator } from '../../simulator/server.ts'
import { ask, startLogin } from '../support/api-client.ts'
import { startTestGateway, type TestGateway } from '../support/gateway.ts'
import { checkPresence, logoutAccount, signIn } from './signed-in.ts'

let simulator: Simulator
let gateway: TestGateway

beforeAll(async () => {
  simulator = await startSimulator()
  gateway = await startTestGateway({ upstream: simulator, dialects: ['open', 'ipad'] })
})
afterAll(async () => {
  await gateway[Symbol.asyncDispose]()
  await simulator.close()
})

interface Told {
  readonly code?: string
  readonly advisory?: { readonly code: string }
  readonly operation?: { readonly kind: string; readonly state: string } | null
  readonly login?: { readonly id: string } | null
  readonly device?: {
    readonly deviceType: string
    readonly resetRequired: boolean
    readonly retiredAt: string | null
    readonly account: { readonly wcId: string } | null
    readonly operation: { readonly kind: string; readonly state: string } | null
  }
}

const told = `... on DevicePayload { operation { kind state }
    device { deviceType resetRequired retiredAt account { wcId } operation { kind state } } }
  ... on Error { code message } ... on RefusedByRuleError { advisory { code } } ... on DeviceBusyError { login { id } }`

const onDevice = (verb: 'resetDevice' | 'retireDevice', deviceId: string) =>
  ask<Told>(gateway.address, `mutation ($id: ID!) { ${verb}(deviceId: $id) { ${told} } }`, { id: deviceId })

const updateDevice = (input: object) =>
  ask<Told>(
    gateway.address,
    `mutation ($input: UpdateDeviceInput!) { updateDevice(input: $input) {
      ... on DevicePayload { operation { kind state } } ... on Error { code message } ... on UpstreamError { retryable } } }`,
    { input },
  )

describe.each(['open', 'ipad'] as const)('on %s', dialect => {
  test('an account is signed out, once, and again is nothing', async () => {
    const person = await signIn(gateway, simulator, dialect, `log-out-${dialect}`)
    expect(await logoutAccount(gateway, person)).toMatchObject({
      operation: { kind: 'LOGOUT', state: 'DONE' },
      account: { presence: { state: 'OFFLINE', reason: 'LOGGED_OUT_BY_CALLER', nextStep: 'NONE' } },
    })
    expect(simulator.world.device(person.slot).online).toBe(false)
    expect(await logoutAccount(gateway, person)).toMatchObject({
      operation: null,
      account: { presence: { state: 'OFFLINE' } },
    })
    expect(simulator.world.calls('logout', person.slot)).toHaveLength(1)
  })

  test('a device is reset only where nobody is signed in, and is new then', async () => {
    const person = await signIn(gateway, simulator, dialect, `reset-${dialect}`)
    expect(await onDevice('resetDevice', person.deviceId)).toMatchObject({
      code: 'REFUSED_BY_RULE',
      advisory: { code: 'SIGNED_IN_DEVICE' },
    })
    await logoutAccount(gateway, person)
    expect(await onDevice('resetDevice', person.deviceId)).toMatchObject({
      operation: { kind: 'RESET', state: 'DONE' },
      device: { deviceType: 'IPAD', resetRequired: false, account: null },
    })
    // P 3.2 has a call for it; P 2.1 has none.
    expect(simulator.world.count('reset', person.slot)).toBe(dialect === 'open' ? 1 : 0)
    const plan = await ask<{ method: string; expectedWcId: string | null }>(
      gateway.address,
      'query ($id: ID!) { loginPlan(deviceId: $id) { method expectedWcId } }',
      { id: person.deviceId },
    )
    expect(plan).toEqual({ method: 'QR_CODE', expectedWcId: null })
  })

  test('an account that is signed in moves to its new proxy at once', async () => {
    const person = await signIn(gateway, simulator, dialect, `proxy-${dialect}`)
    const proxy = { host: 'other.test', port: 1081, username: 'lin', password: 'open sesame' }
    expect(await updateDevice({ deviceId: person.deviceId, proxy })).toMatchObject({
      operation: { kind: 'CHANGE_PROXY', state: 'DONE' },
    })
    expect(simulator.world.device(person.slot).proxy).toMatchObject({ ip: 'other.test:1081' })
    simulator.world.set({ switches: { proxy: 'fails' } }, person.slot)
    expect(await updateDevice({ deviceId: person.deviceId, proxy: { ...proxy, port: 1082 } })).toMatchObject({
      code: 'UPSTREAM_ERROR',
    })
  })

  test('a device is retired only where nobody is signed in, and its key is free', async () => {
    const person = await signIn(gateway, simulator, dialect, `retire-${dialect}`)
    expect(await onDevice('retireDevice', person.deviceId)).toMatchObject({
      advisory: { code: 'SIGNED_IN_DEVICE' },
    })
    await logoutAccount(gateway, person)
    expect((await onDevice('retireDevice', person.deviceId)).device?.retiredAt).not.toBeNull()
    expect((await onDevice('retireDevice', person.deviceId)).device?.retiredAt).not.toBeNull()
    expect(await startLogin(gateway.address, { deviceId: person.deviceId })).toMatchObject({
      code: 'NOT_FOUND',
    })
    expect((await signIn(gateway, simulator, dialect, `retire-${dialect}`)).deviceId).not.toBe(
      person.deviceId,
    )
  })

  test('one thing at a time: no operation while a login is under way', async () => {
    const person = await signIn(gateway, simulator, dialect, `busy-${dialect}`)
    simulator.world.phone(person.slot).goOffline('loggedOutOnPhone')
    await checkPresence(gateway, person)
    if (dialect === 'ipad') await checkPresence(gateway, person)
    const { login } = await startLogin(gateway.address, { deviceId: person.deviceId, strategy: 'QR_CODE' })
    expect(await onDevice('resetDevice', person.deviceId)).toMatchObject({
      code: 'DEVICE_BUSY',
      login: { id: login?.id },
    })
    expect(await onDevice('retireDevice', person.deviceId)).toMatchObject({ code: 'DEVICE_BUSY' })
    expect(await updateDevice({ deviceId: person.deviceId, label: 'desk' })).toMatchObject({
      code: 'DEVICE_BUSY',
    })
  })
})

test("what is nobody's is not found", async () => {
  const nobody = {
    accountId: Buffer.from('Account:00000000-0000-7000-8000-000000000000').toString('base64url'),
  }
  for (const verb of [checkPresence, logoutAccount])
    expect(await verb(gateway, { ...nobody, deviceId: '', slot: '' })).toMatchObject({ code: 'NOT_FOUND' })
  for (const verb of ['resetDevice', 'retireDevice'] as const)
    expect(await onDevice(verb, nobody.accountId)).toMatchObject({ code: 'NOT_FOUND' })
})
