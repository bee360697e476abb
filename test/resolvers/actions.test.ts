// What a caller may do to a login: what stands is answered, what is forbidden is refused, the rest is recorded once.

import { describe, expect, it } from 'vitest'
import { cancelLogin } from '../../src/resolvers/cancel-login.ts'
import { refreshQrCode } from '../../src/resolvers/refresh-qr-code.ts'
import { reportCodePrompt } from '../../src/resolvers/report-code-prompt.ts'
import { reportNewDevicePrompt } from '../../src/resolvers/report-new-device-prompt.ts'
import { reportSliderSolved } from '../../src/resolvers/report-slider-solved.ts'
import { submitVerifyCode } from '../../src/resolvers/submit-verify-code.ts'
import { withdrawCodePrompt } from '../../src/resolvers/withdraw-code-prompt.ts'
import { eventsOf } from '../db/given.ts'
import { type Given, given } from './given.ts'

const refused = (promise: Promise<unknown>) =>
  promise.then(
    () => ({ code: 'none' }),
    error => error,
  )

const awaitingScan = async (one: Given) => {
  const login = await one.login(await one.device('one'))
  await one.showQrCode(login.loginId)
  return login
}

const scanned = async (one: Given) => {
  const login = await awaitingScan(one)
  const answer = { kind: 'SCANNED', nickName: null, avatarUrl: null } as const
  await one.tell(login.loginId, { kind: 'Polled', began: one.store.clock.now(), answer })
  return login
}

const awaitingCode = async (one: Given) => {
  const login = await scanned(one)
  await reportCodePrompt(one.context, login.id)
  return login
}

const kindsOf = async (one: Given, loginId: string) =>
  (await eventsOf(one.store, loginId)).map(event => event.body.kind)

describe('what stands already', () => {
  it('is answered with the login, and recorded once', async () => {
    await using one = await given()
    const { id, loginId } = await scanned(one)
    for (const verb of [
      reportCodePrompt,
      reportCodePrompt,
      withdrawCodePrompt,
      withdrawCodePrompt,
      cancelLogin,
      cancelLogin,
    ])
      await verb(one.context, id)
    expect((await kindsOf(one, loginId)).slice(3)).toEqual([
      'VerifyCodeRequired',
      'VerifyCodePromptWithdrawn',
      'LoginEnded',
    ])
  })

  it('is so for the same code while it is being verified, and for no other', async () => {
    await using one = await given()
    const { id, loginId } = await awaitingCode(one)
    const first = await submitVerifyCode(one.context, id, '123456')
    expect(first.login.record.stateName).toBe('VERIFYING_CODE')
    const again = await submitVerifyCode(one.context, id, '123456')
    expect(again.login.record.sequence).toBe(first.login.record.sequence)
    expect(await refused(submitVerifyCode(one.context, id, '654321'))).toMatchObject({
      code: 'NOT_ALLOWED_NOW',
    })
    expect((await kindsOf(one, loginId)).filter(kind => kind === 'VerifyCodeSubmitted')).toHaveLength(1)
  })

  it('is so for ten reports at once', async () => {
    await using one = await given()
    const { id, loginId } = await scanned(one)
    await Promise.all(Array.from({ length: 10 }, () => reportCodePrompt(one.context, id)))
    expect((await kindsOf(one, loginId)).filter(kind => kind === 'VerifyCodeRequired')).toHaveLength(1)
  })
})

describe('a login that has ended', () => {
  it('takes nothing more', async () => {
    await using one = await given()
    const { id } = await awaitingScan(one)
    await cancelLogin(one.context, id)
    for (const verb of [
      reportCodePrompt,
      withdrawCodePrompt,
      reportSliderSolved,
      reportNewDevicePrompt,
      refreshQrCode,
    ])
      expect(await refused(verb(one.context, id))).toMatchObject({
        code: 'NOT_ALLOWED_NOW',
        state: 'CANCELLED',
        allowedActions: [],
      })
    expect(await refused(submitVerifyCode(one.context, id, '1234'))).toMatchObject({
      code: 'NOT_ALLOWED_NOW',
    })
  })
})

describe('a verify code', () => {
  it.each(['', '123', '123456789', '12a4', ' 1234', '１２３４'])(
    '"%s" is refused at its path',
    async code => {
      await using one = await given()
      const { id, loginId } = await awaitingCode(one)
      const error = await refused(submitVerifyCode(one.context, id, code))
      expect(error).toMatchObject({ code: 'INVALID_INPUT', fields: [{ path: ['code'] }] })
      expect(await kindsOf(one, loginId)).not.toContain('VerifyCodeSubmitted')
    },
  )

  it('stands in no event and no state', async () => {
    await using one = await given()
    const { id, loginId } = await awaitingCode(one)
    await submitVerifyCode(one.context, id, '918273')
    const record = await one.store.readLogin('default', loginId)
    const events = await eventsOf(one.store, loginId)
    const { mark: _, ...state } = (record?.state ?? {}) as { mark?: string }
    expect(JSON.stringify([state, events])).not.toContain('918273')
  })
})

describe('a new QR code', () => {
  it('is refused once somebody has scanned', async () => {
    await using one = await given()
    const { id } = await scanned(one)
    expect(await refused(refreshQrCode(one.context, id))).toMatchObject({
      code: 'REFUSED_BY_RULE',
      advisory: { code: 'DO_NOT_REISSUE_QR_CODE' },
    })
  })

  it('asked for while somebody scans is refused when the look shows it', async () => {
    await using one = await given()
    const { id, loginId } = await awaitingScan(one)
    const patient = { ...one.context, services: { ...one.services, patience: 10_000 } }
    const asked = refused(refreshQrCode(patient, id))
    await expect
      .poll(async () => (await one.store.readLogin('default', loginId))?.state)
      .toMatchObject({
        renewal: { kind: 'ASKED' },
      })
    const answer = { kind: 'SCANNED', nickName: null, avatarUrl: null } as const
    await one.tell(loginId, { kind: 'Polled', began: one.store.clock.now(), answer })
    expect(await asked).toMatchObject({
      code: 'REFUSED_BY_RULE',
      advisory: { code: 'DO_NOT_REISSUE_QR_CODE' },
    })
  })

  it('is on its way where the look shows nobody', async () => {
    await using one = await given()
    const { id, loginId } = await awaitingScan(one)
    const patient = { ...one.context, services: { ...one.services, patience: 10_000 } }
    const asked = refreshQrCode(patient, id)
    await expect
      .poll(async () => (await one.store.readLogin('default', loginId))?.state)
      .toMatchObject({
        renewal: { kind: 'ASKED' },
      })
    await one.tell(loginId, { kind: 'Polled', began: one.store.clock.now(), answer: { kind: 'NOT_SCANNED' } })
    const { login } = await asked
    expect(login).toMatchObject({ nextStep: 'WAIT', qrCode: null })
  })
})

it('is nobody’s business without the scope, and finds nothing by a foreign id', async () => {
  await using one = await given()
  const { id } = await awaitingScan(one)
  expect(await refused(cancelLogin(one.as(['LOGIN_READ']), id))).toMatchObject({ code: 'FORBIDDEN' })
  const device = await one.device('two')
  for (const other of ['nonsense', device])
    expect(await refused(cancelLogin(one.context, other))).toMatchObject({ code: 'NOT_FOUND' })
})
