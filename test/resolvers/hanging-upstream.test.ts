// What the verbs of the API make of an upstream that tells of no scan, and whose sign-ins each bring a handle of their own.

import { describe, expect, it } from 'vitest'
import { loginPlan } from '../../src/resolvers/login-plan.ts'
import { refreshQrCode } from '../../src/resolvers/refresh-qr-code.ts'
import { registerDevice } from '../../src/resolvers/register-device.ts'
import { startLogin } from '../../src/resolvers/start-login.ts'
import type { StartLoginInput } from '../../src/resolvers/start-login-input.ts'
import { type Given, given } from './given.ts'

const refused = (promise: Promise<unknown>) =>
  promise.then(
    () => ({ code: 'none' }),
    error => error,
  )

const start = ({ context }: Given, deviceId: string, more: Partial<StartLoginInput> = {}) =>
  startLogin(context, { deviceId, strategy: 'AUTO', onConflict: 'RETURN_ACTIVE', ...more })

const ruledOut = (until: number | undefined) => ({
  code: 'REFUSED_BY_RULE',
  advisory: { code: 'SCAN_CANNOT_BE_RULED_OUT', until },
})

const profile = {
  wcId: 'wxid_ada',
  wAccount: null,
  nickName: 'Ada',
  avatarUrl: null,
  country: null,
  city: null,
  signature: null,
  sex: null,
  mobilePhone: null,
  instanceId: 'handle-1',
}

const awaitingScan = async (one: Given) => {
  const deviceId = await one.device('one', 'hanging')
  const login = await one.login(deviceId)
  await one.showQrCode(login.loginId)
  const deadline = (await stateOf(one, login.loginId)).deadline
  return { deviceId, ...login, deadline }
}

const stateOf = async (one: Given, loginId: string) => {
  const state = (await one.store.readLogin('default', loginId))?.state
  if (state == null || !('deadline' in state)) throw new Error('The login has ended')
  return state
}

const poll = (one: Given, loginId: string, answer: object) =>
  one.tell(loginId, { kind: 'Polled', began: one.store.clock.now(), answer } as Parameters<Given['tell']>[1])

const dead = { kind: 'DEAD', upstreamCode: '1001', upstreamMessage: '二维码已过期' }

describe('a new QR code', () => {
  it('is refused while the upstream takes the old one for alive', async () => {
    await using one = await given()
    const { id, loginId, deadline } = await awaitingScan(one)
    expect(await refused(refreshQrCode(one.context, id))).toMatchObject(ruledOut(deadline))
    expect((await stateOf(one, loginId)).kind).toBe('AWAITING_SCAN')
  })

  it('that is on its way already, since the upstream called the old one dead, is the answer', async () => {
    await using one = await given()
    const { id, loginId } = await awaitingScan(one)
    await poll(one, loginId, dead)
    expect(await stateOf(one, loginId)).toMatchObject({ kind: 'AWAITING_SCAN', renewal: { kind: 'PROMPT' } })
    expect((await refreshQrCode(one.context, id)).login).toMatchObject({ qrCode: null, nextStep: 'WAIT' })
  })
})

describe('REPLACE', () => {
  it('is refused while a QR code is out, since nobody can tell whether it was scanned', async () => {
    await using one = await given()
    const { deviceId, loginId, deadline } = await awaitingScan(one)
    const error = await refused(start(one, deviceId, { onConflict: 'REPLACE' }))
    expect(error).toMatchObject(ruledOut(deadline))
    expect((await stateOf(one, loginId)).kind).toBe('AWAITING_SCAN')
  })

  it('is done before a code is out, and once the upstream called it dead', async () => {
    await using one = await given()
    const first = await one.login(await one.device('early', 'hanging'))
    const early = (await one.store.readLogin('default', first.loginId))?.deviceId ?? ''
    const asDevice = Buffer.from(`Device:${early}`).toString('base64')
    expect((await start(one, asDevice, { onConflict: 'REPLACE' })).created).toBe(true)

    const { deviceId, loginId } = await awaitingScan(one)
    await poll(one, loginId, dead)
    expect((await start(one, deviceId, { onConflict: 'REPLACE' })).created).toBe(true)
    expect(await one.store.readLogin('default', loginId)).toMatchObject({ outcome: { reason: 'SUPERSEDED' } })
  })

  it('is refused while a slider is before the person', async () => {
    await using one = await given()
    const { deviceId, loginId } = await awaitingScan(one)
    await poll(one, loginId, { kind: 'SLIDER', url: 'https://captcha.example/' })
    const error = await refused(start(one, deviceId, { onConflict: 'REPLACE' }))
    expect(error).toMatchObject({ code: 'REFUSED_BY_RULE', advisory: { code: 'PERSON_IS_ACTING' } })
  })
})

it('is given the deadlines that are usual for it, but for what was set', async () => {
  await using one = await given()
  const patient = { ...one.context, services: { ...one.services, deadlines: { code: 7_000 } } }
  for (const [provider, qrCode, verifying] of [
    ['fake', 215_000, 30_000],
    ['hanging', 260_000, 255_000],
  ] as const) {
    const { login } = await startLogin(patient, {
      deviceId: await one.device(provider, provider),
      strategy: 'AUTO',
      onConflict: 'RETURN_ACTIVE',
    })
    expect(login.record.state?.terms.deadlines).toMatchObject({ qrCode, verifying, code: 7_000 })
  }
})

describe('registering', () => {
  const input = { provider: 'hanging', deviceKey: 'one', province: '广东' }

  it('asks nothing of it, and the device may sign in at once', async () => {
    await using one = await given()
    expect(await registerDevice(one.context, input)).toMatchObject({ created: true, operation: null })
    expect(await registerDevice(one.context, input)).toMatchObject({ created: false, operation: null })
    const { loginId } = await one.login(await one.device('one', 'hanging'))
    expect((await stateOf(one, loginId)).kind).toBe('STARTING')
  })

  it('takes no device over, where there is none', async () => {
    await using one = await given()
    const error = await refused(registerDevice(one.context, { ...input, upstreamDeviceId: 'theirs' }))
    expect(error).toMatchObject({ code: 'INVALID_INPUT', fields: [{ path: ['input', 'upstreamDeviceId'] }] })
    expect(await one.store.countDevices('default', {})).toBe(0)
  })
})

describe('what another account is signed in on', () => {
  const wrong = async (one: Given) => {
    const deviceId = await one.device('one', 'hanging')
    const { login } = await start(one, deviceId, { expectedWcId: 'wxid_grace' })
    await one.showQrCode(login.record.id)
    await poll(one, login.record.id, { kind: 'SIGNED_IN', profile })
    expect(await one.store.readLogin('default', login.record.id)).toMatchObject({
      outcome: { reason: 'WRONG_ACCOUNT', nextStep: 'LOG_OUT_FIRST' },
    })
    return deviceId
  }

  it('starts no login, and the plan says so', async () => {
    await using one = await given()
    const deviceId = await wrong(one)
    for (const expectedWcId of [undefined, 'wxid_grace'])
      expect(await refused(start(one, deviceId, { expectedWcId }))).toMatchObject({
        code: 'REFUSED_BY_RULE',
        advisory: { code: 'WRONG_ACCOUNT_SIGNED_IN', until: null },
      })
    expect(await loginPlan(one.context, deviceId, 'AUTO')).toMatchObject({
      possible: false,
      reasons: expect.arrayContaining([{ code: 'WRONG_ACCOUNT_SIGNED_IN', until: null }]),
    })
  })

  it('starts one that expects that very account', async () => {
    await using one = await given()
    const deviceId = await wrong(one)
    const { created, login } = await start(one, deviceId, { expectedWcId: 'wxid_ada' })
    expect(created).toBe(true)
    expect(login.record.expectedWcId).toBe('wxid_ada')
    expect(login.record.state?.terms).toMatchObject({ seenOnline: true, knownHandles: ['handle-1'] })
  })

  it('may be replaced by nothing either', async () => {
    await using one = await given()
    const { deviceId, loginId } = await awaitingScan(one)
    await poll(one, loginId, { kind: 'SIGNED_IN', profile })
    const next = await one.login(deviceId)
    await one.showQrCode(next.loginId)
    await poll(one, next.loginId, { kind: 'SIGNED_IN', profile: { ...profile, wcId: 'wxid_grace' } })
    expect(await refused(start(one, deviceId, { onConflict: 'REPLACE' }))).toMatchObject({
      advisory: { code: 'WRONG_ACCOUNT_SIGNED_IN' },
    })
  })
})

it('sends a QR code to who dropped on the first day, and says until when', async () => {
  await using one = await given()
  const { deviceId, loginId } = await awaitingScan(one)
  await poll(one, loginId, { kind: 'SIGNED_IN', profile })
  const plan = await loginPlan(one.context, deviceId, 'AUTO')
  const until = ((await one.store.readLogin('default', loginId))?.ended ?? 0) + 86_400_000
  expect(plan).toMatchObject({ method: 'QR_CODE', possible: true, expectedWcId: 'wxid_ada' })
  expect(plan?.reasons).toEqual([
    { code: 'PUSH_UNLIKELY', until },
    { code: 'ALREADY_SIGNED_IN', until: null },
  ])
})
