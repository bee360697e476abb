import { sql } from 'drizzle-orm'
import { describe, expect, test } from 'vitest'
import { sealWith } from '../../src/db/sealing.ts'
import { engines, testSecret, withStore } from '../support/database.ts'
import { aDevice, aLogin, polled, qrSecret, scanned, tenant, told, withQrCode } from './given.ts'

const place = { table: 'device_turn', id: 'one', field: 'code' }

test('what was sealed opens in its place, with its secret, whole', () => {
  const sealing = sealWith(testSecret)
  const sealed = sealing.seal(place, '验证码 123456')
  expect(sealing.open(place, sealed)).toBe('验证码 123456')
  expect(sealing.seal(place, '验证码 123456')).not.toEqual(sealed)
  for (const moved of [
    { ...place, id: 'another' },
    { ...place, field: 'qr_code' },
    { ...place, table: 'device' },
  ]) {
    expect(() => sealing.open(moved, sealed)).toThrow()
  }
  expect(() => sealWith(new Uint8Array(32).fill(8)).open(place, sealed)).toThrow()
  const tampered = Uint8Array.from(sealed)
  tampered[tampered.length - 1] = (tampered.at(-1) ?? 0) ^ 1
  expect(() => sealing.open(place, tampered)).toThrow()
  expect(() => sealing.open(place, sealed.subarray(0, 20))).toThrow()
  expect(() => sealWith(new Uint8Array(16))).toThrow('32 bytes')
})

describe.each(engines)('secrets on %s', engine => {
  test('nothing that can sign somebody in is readable in any table', () =>
    withStore(engine, async (store, database) => {
      const proxy = { host: 'proxy.example', port: 1080, username: 'lin', password: 'open sesame' }
      const deviceId = await aDevice(store, {
        settings: { label: null, deviceType: 'IPAD', province: '广东', city: null, proxy, ttuid: null },
      })
      const { loginId } = await aLogin(store, deviceId)
      await withQrCode(store, loginId)
      await told(store, loginId, { kind: 'CodePromptReported' })
      await told(store, loginId, { kind: 'CodeSubmitted', mark: 'a mark', code: '739154' })
      const { loginId: other } = await aLogin(store, await aDevice(store))
      await withQrCode(store, other)
      await polled(store, other, { kind: 'SLIDER', url: 'https://slider.example/one-time' })
      const { loginId: third } = await aLogin(store, await aDevice(store))
      await withQrCode(store, third)

      // Bytes stand in a row's text as hexadecimal digits.
      const everything = await database.rows<{ text: string }>(sql`
        select string_agg(row, '') as text from (
          select t::text as row from device_turn t union all select d::text from device d
          union all select e::text from login_event e union all select l::text from login l
          union all select o::text from device_operation o union all select v::text from device_version v) everything`)
      const text = everything[0]?.text ?? ''
      expect(text.length).toBeGreaterThan(1_000)
      for (const secret of [
        ...Object.values(qrSecret),
        '739154',
        'open sesame',
        'https://slider.example/one-time',
      ]) {
        expect(text).not.toContain(secret)
        expect(text).not.toContain(Buffer.from(secret).toString('hex'))
      }
      expect(await store.readTarget(loginId)).toMatchObject({
        code: '739154',
        proxy: { password: 'open sesame' },
      })
      expect(await store.readSecrets(tenant, third)).toMatchObject({ qrCode: qrSecret })
      expect(JSON.stringify(await store.readDevices(tenant, [deviceId]))).not.toContain('open sesame')
    }))

  test('a secret is erased as soon as nobody may use it, and with the end at the latest', () =>
    withStore(engine, async (store, database) => {
      const { loginId } = await aLogin(store, await aDevice(store))
      const kept = () =>
        database.rows<Record<'qr' | 'code' | 'slider', boolean>>(sql`
          select qr_code is not null as qr, code is not null as code, slider is not null as slider
          from device_turn where subject_id = ${loginId}`)
      await withQrCode(store, loginId)
      expect(await kept()).toEqual([{ qr: true, code: false, slider: false }])
      await scanned(store, loginId)
      expect(await kept()).toEqual([{ qr: false, code: false, slider: false }])
      await told(store, loginId, { kind: 'CodePromptReported' })
      await told(store, loginId, { kind: 'CodeSubmitted', mark: 'a mark', code: '739154' })
      expect(await kept()).toEqual([{ qr: false, code: true, slider: false }])
      await told(store, loginId, { kind: 'CancelAsked', by: 'CANCELLED_BY_CALLER' })
      expect(await kept()).toEqual([])
      expect(await store.readSecrets(tenant, loginId)).toEqual({ qrCode: null, sliderUrl: null })
    }))
})
