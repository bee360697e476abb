// Starting a login: one at a time, the same answer to the same key, and nothing started where something is wrong.

import { describe, expect, it } from 'vitest'
import { startLogin } from '../../src/resolvers/start-login.ts'
import type { StartLoginInput } from '../../src/resolvers/start-login-input.ts'
import { type Given, given } from './given.ts'

const usual = { strategy: 'QR_CODE', onConflict: 'RETURN_ACTIVE' } as const

const start = ({ context }: Given, deviceId: string, more: Partial<StartLoginInput> = {}) =>
  startLogin(context, { deviceId, ...usual, ...more })

const refused = (promise: Promise<unknown>) =>
  promise.then(
    () => ({ code: 'none' }),
    error => error,
  )

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
  instanceId: null,
}

/** A device that an account has signed in on. */
const signedIn = async (one: Given, key = 'one') => {
  const deviceId = await one.device(key)
  const { loginId } = await one.login(deviceId)
  await one.showQrCode(loginId)
  const began = one.store.clock.now()
  await one.tell(loginId, {
    kind: 'Polled',
    began,
    answer: { kind: 'SCANNED', nickName: null, avatarUrl: null },
  })
  await one.tell(loginId, { kind: 'Polled', began, answer: { kind: 'SIGNED_IN', profile } })
  return deviceId
}

describe('starting', () => {
  it('makes a login with its first event', async () => {
    await using one = await given()
    const { login, created } = await start(one, await one.device('one'), { reference: 'order 7' })
    expect(created).toBe(true)
    expect(login.record).toMatchObject({
      stateName: 'STARTING',
      sequence: 1,
      reference: 'order 7',
      startedBy: 'admin',
    })
  })

  it('twenty at once make one login, and all are answered with it', async () => {
    await using one = await given()
    const deviceId = await one.device('one')
    const started = await Promise.all(Array.from({ length: 20 }, () => start(one, deviceId)))
    expect(started.filter(({ created }) => created)).toHaveLength(1)
    expect(new Set(started.map(({ login }) => login.record.id)).size).toBe(1)
  })

  it('defaults to the account that signed in last, and will not take anybody there', async () => {
    await using one = await given()
    const deviceId = await signedIn(one)
    const error = await refused(start(one, deviceId, { expectedWcId: null }))
    expect(error).toMatchObject({ code: 'INVALID_INPUT', fields: [{ path: ['input', 'expectedWcId'] }] })
    const { login } = await start(one, deviceId, { strategy: 'AUTO' })
    expect(login.record).toMatchObject({ expectedWcId: 'wxid_ada', method: 'PUSH', firstOnDevice: false })
  })

  it('sends no push where another account is expected', async () => {
    await using one = await given()
    const deviceId = await signedIn(one)
    const { login } = await start(one, deviceId, { strategy: 'AUTO', expectedWcId: 'wxid_grace' })
    expect(login.record).toMatchObject({ expectedWcId: 'wxid_grace', method: 'QR_CODE' })
  })
})

describe('while a login is under way', () => {
  it('RETURN_ACTIVE answers with it', async () => {
    await using one = await given()
    const deviceId = await one.device('one')
    const first = await start(one, deviceId)
    const second = await start(one, deviceId)
    expect(second).toMatchObject({ created: false, login: { record: { id: first.login.record.id } } })
  })

  it('RETURN_ACTIVE refuses where it expects another account', async () => {
    await using one = await given()
    const deviceId = await one.device('one')
    const first = await start(one, deviceId, { expectedWcId: 'wxid_ada' })
    const error = await refused(start(one, deviceId, { expectedWcId: 'wxid_grace' }))
    expect(error).toMatchObject({ code: 'DEVICE_BUSY', loginId: first.login.record.id })
  })

  it('FAIL refuses', async () => {
    await using one = await given()
    const deviceId = await one.device('one')
    const first = await start(one, deviceId)
    const error = await refused(start(one, deviceId, { onConflict: 'FAIL' }))
    expect(error).toMatchObject({ code: 'DEVICE_BUSY', loginId: first.login.record.id })
  })

  it('REPLACE ends it as SUPERSEDED and starts anew', async () => {
    await using one = await given()
    const deviceId = await one.device('one')
    const first = await start(one, deviceId)
    const second = await start(one, deviceId, { onConflict: 'REPLACE' })
    expect(second.created).toBe(true)
    const ended = await one.store.readLogin('default', first.login.record.id)
    expect(ended).toMatchObject({ stateName: 'CANCELLED', outcome: { reason: 'SUPERSEDED' } })
  })

  it('REPLACE is refused while something is before the person', async () => {
    await using one = await given()
    const deviceId = await one.device('one')
    const { loginId } = await one.login(deviceId)
    await one.showQrCode(loginId)
    await one.tell(loginId, {
      kind: 'Polled',
      began: one.store.clock.now(),
      answer: { kind: 'SCANNED', nickName: null, avatarUrl: null },
    })
    const error = await refused(start(one, deviceId, { onConflict: 'REPLACE' }))
    expect(error).toMatchObject({
      code: 'REFUSED_BY_RULE',
      advisory: { code: 'PERSON_IS_ACTING', until: expect.any(Number) },
    })
  })
})

describe('an idempotency key', () => {
  it('answers with the same login, also after it has ended', async () => {
    await using one = await given()
    const deviceId = await one.device('one')
    const first = await start(one, deviceId, { idempotencyKey: 'k' })
    const again = await start(one, deviceId, { idempotencyKey: 'k' })
    await one.tell(first.login.record.id, { kind: 'CancelAsked', by: 'CANCELLED_BY_CALLER' })
    const after = await start(one, deviceId, { idempotencyKey: 'k' })
    expect([again, after].map(({ created, login }) => [created, login.record.id])).toEqual([
      [false, first.login.record.id],
      [false, first.login.record.id],
    ])
  })

  it('is kept by a RETURN_ACTIVE too', async () => {
    await using one = await given()
    const deviceId = await one.device('one')
    const first = await start(one, deviceId)
    await start(one, deviceId, { idempotencyKey: 'k' })
    await one.tell(first.login.record.id, { kind: 'CancelAsked', by: 'CANCELLED_BY_CALLER' })
    const after = await start(one, deviceId, { idempotencyKey: 'k' })
    expect(after).toMatchObject({ created: false, login: { record: { id: first.login.record.id } } })
  })

  it('with another input is refused at its path', async () => {
    await using one = await given()
    const deviceId = await one.device('one')
    await start(one, deviceId, { idempotencyKey: 'k' })
    const error = await refused(start(one, deviceId, { idempotencyKey: 'k', reference: 'other' }))
    expect(error).toMatchObject({ code: 'INVALID_INPUT', fields: [{ path: ['input', 'idempotencyKey'] }] })
  })

  it('takes null for what is absent', async () => {
    await using one = await given()
    const deviceId = await one.device('one')
    const first = await start(one, deviceId, { idempotencyKey: 'k' })
    const again = await start(one, deviceId, { idempotencyKey: 'k', reference: null, continues: null })
    expect(again).toMatchObject({ created: false, login: { record: { id: first.login.record.id } } })
  })

  it('of two calls at once makes one login', async () => {
    await using one = await given()
    const deviceId = await one.device('one')
    const both = await Promise.all([1, 2].map(() => start(one, deviceId, { idempotencyKey: 'k' })))
    expect(new Set(both.map(({ login }) => login.record.id)).size).toBe(1)
  })
})

describe('nothing is started', () => {
  it('on a device that is nobody’s', async () => {
    await using one = await given()
    const unknown = Buffer.from('Device:01a1fc01-ef3e-7e81-a660-567065fb541a').toString('base64')
    for (const id of ['nonsense', unknown])
      expect(await refused(start(one, id))).toMatchObject({ code: 'NOT_FOUND' })
  })

  it('with a mark that is too long, an empty key, or control characters', async () => {
    await using one = await given()
    const deviceId = await one.device('one')
    const error = await refused(
      start(one, deviceId, { reference: 'x'.repeat(201), idempotencyKey: ' ', expectedWcId: 'a\nb' }),
    )
    expect(error.fields.map((field: { path: string[] }) => field.path[1])).toEqual([
      'reference',
      'idempotencyKey',
      'expectedWcId',
    ])
    expect(await one.store.countLogins('default', {})).toBe(0)
  })

  it('that continues a login which is live, of another device, or none', async () => {
    await using one = await given()
    const [here, there] = [await one.device('here'), await one.device('there')]
    const live = await one.login(here)
    const other = await one.login(there)
    await one.tell(other.loginId, { kind: 'CancelAsked', by: 'CANCELLED_BY_CALLER' })
    for (const continues of [live.id, other.id])
      expect(await refused(start(one, here, { continues }))).toMatchObject({
        code: 'INVALID_INPUT',
        fields: [{ path: ['input', 'continues'] }],
      })
    expect(await refused(start(one, here, { continues: 'none' }))).toMatchObject({ code: 'NOT_FOUND' })
  })

  it('without the scope to write', async () => {
    await using one = await given()
    const deviceId = await one.device('one')
    const error = await refused(startLogin(one.as(['LOGIN_READ']), { deviceId, ...usual }))
    expect(error).toMatchObject({ code: 'FORBIDDEN' })
  })
})

it('continues an ended login of the same device', async () => {
  await using one = await given()
  const deviceId = await one.device('one')
  const before = await one.login(deviceId)
  await one.tell(before.loginId, { kind: 'CancelAsked', by: 'CANCELLED_BY_CALLER' })
  const { login } = await start(one, deviceId, { continues: before.id })
  expect(login.record.continues).toBe(before.loginId)
  expect(await one.store.readLogin('default', before.loginId)).toMatchObject({ continuedBy: login.record.id })
})
