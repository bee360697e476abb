// Devices: what is wrong with an input is told at once and with its path, before anything happens.

import { describe, expect, it } from 'vitest'
import type { CallFailure } from '../../src/provider/port.ts'
import { globalId } from '../../src/resolvers/global-id.ts'
import { type RegisterDeviceInput, registerDevice } from '../../src/resolvers/register-device.ts'
import { updateDevice } from '../../src/resolvers/update-device.ts'
import { type Given, given } from './given.ts'

const refused = (promise: Promise<unknown>) =>
  promise.then(
    () => ({ code: 'none' }),
    error => error,
  )

const usual: RegisterDeviceInput = { provider: 'fake', deviceKey: 'one', province: '广东省' }

describe('registering', () => {
  it('makes a device with an upstream id of our own, and asks the upstream', async () => {
    await using one = await given()
    const { device, created, operation } = await registerDevice(one.context, usual)
    expect(created).toBe(true)
    expect(device).toMatchObject({ deviceKey: 'one', province: '广东', deviceType: 'IPAD' })
    expect(device.upstreamId).toMatch(/^gh-[0-9a-f]{32}$/)
    expect(operation).toMatchObject({ kind: 'REGISTER', state: 'PENDING' })
  })

  it('of a known key with the same input answers with its device, however the province is written', async () => {
    await using one = await given()
    const first = await registerDevice(one.context, usual)
    const again = await registerDevice(one.context, { ...usual, province: 'Guangdong', deviceType: 'IPAD' })
    expect(again).toMatchObject({ created: false, device: { id: first.device.id } })
  })

  it('of a known key with other settings is refused', async () => {
    await using one = await given()
    await registerDevice(one.context, usual)
    const error = await refused(registerDevice(one.context, { ...usual, label: 'another' }))
    expect(error).toMatchObject({ code: 'INVALID_INPUT', fields: [{ path: ['input', 'deviceKey'] }] })
    expect(error.message).toMatch(/other settings: label\.$/)
    const proxy = { host: 'proxy.example', port: 1080 }
    const others = await refused(registerDevice(one.context, { ...usual, province: '四川', proxy }))
    expect(others.message).toMatch(/other settings: province, proxy\.$/)
  })

  it('tells everything that is wrong at once', async () => {
    await using one = await given()
    const error = await refused(
      registerDevice(one.context, {
        provider: 'nobody',
        deviceKey: '',
        province: '广冬',
        label: 'x'.repeat(201),
        city: '',
        proxy: { host: 'http://1.2.3.4', port: 70_000, password: 'secret' },
      }),
    )
    const paths = error.fields.map((field: { path: string[] }) => field.path.slice(1).join('.'))
    expect(paths.toSorted()).toEqual([
      'city',
      'deviceKey',
      'label',
      'provider',
      'province',
      'proxy.host',
      'proxy.port',
      'proxy.username',
    ])
    expect(error.message).toContain('广东')
    expect(JSON.stringify(error.fields)).not.toContain('secret')
    expect(await one.store.countDevices('default', {})).toBe(0)
  })

  it.each(['256.1.1.1', 'a b', '-x.com', 'x:1080', ''])('takes no proxy at "%s"', async host => {
    await using one = await given()
    const error = await refused(registerDevice(one.context, { ...usual, proxy: { host, port: 1080 } }))
    expect(error).toMatchObject({ fields: [{ path: ['input', 'proxy', 'host'] }] })
  })

  it('takes no half characters, which no upstream would be told as they are', async () => {
    await using one = await given()
    const proxy = { host: 'proxy.example', port: 1080, username: 'lin', password: 'sesame \ud83d' }
    const error = await refused(registerDevice(one.context, { ...usual, label: '\udc00 desk', proxy }))
    expect(error.fields.map((field: { path: string[] }) => field.path.slice(1).join('.'))).toEqual([
      'label',
      'proxy.password',
    ])
    expect(error.message).not.toContain('sesame')
  })

  it('takes over what exists upstream for ADMIN alone, and only once', async () => {
    await using one = await given()
    const input = { ...usual, upstreamDeviceId: 'theirs' }
    expect(await refused(registerDevice(one.as(['LOGIN_WRITE']), input))).toMatchObject({ code: 'FORBIDDEN' })
    expect(await registerDevice(one.context, input)).toMatchObject({
      created: true,
      operation: null,
      device: { upstreamId: 'theirs' },
    })
    const error = await refused(registerDevice(one.context, { ...input, deviceKey: 'two' }))
    expect(error).toMatchObject({ code: 'INVALID_INPUT', fields: [{ path: ['input', 'upstreamDeviceId'] }] })
  })

  it('that the upstream refuses is an UpstreamError', async () => {
    await using one = await given()
    const end = { state: 'FAILED', upstreamCode: '1001', upstreamMessage: '设备已存在' } as const
    expect(await endedWith(one, end, null)).toMatchObject({
      code: 'UPSTREAM_ERROR',
      message: 'The upstream did not create the device.',
      upstreamCode: '1001',
      upstreamMessage: '设备已存在',
      retryable: true,
    })
  })

  it.each([
    ['FAILED', 'UNAUTHORIZED', 401, /fake refuses the token of this gateway \(HTTP 401\)/, false],
    ['FAILED', 'UNREACHABLE', null, /fake cannot be reached: check "baseUrl"/, true],
    ['UNCLEAR', 'TIMEOUT', null, /fake does not answer in time\. Whether it created .* unknown/, true],
    ['UNCLEAR', 'UNREADABLE', 404, /fake answers what cannot be read \(HTTP 404\): check "baseUrl"/, false],
    ['UNCLEAR', 'UNREADABLE', 500, /cannot be read \(HTTP 500\)/, true],
    ['FAILED', 'ERROR', null, /fake did not create the device\./, true],
  ] as const)('that is %s of %s (%s) says where to look', async (...told) => {
    const [state, kind, httpStatus, message, retryable] = told
    await using one = await given()
    const end = { state, upstreamCode: null, upstreamMessage: null } as const
    const error = await endedWith(one, end, { kind, httpStatus })
    expect(error).toMatchObject({
      code: 'UPSTREAM_ERROR',
      message: expect.stringMatching(message),
      retryable,
    })
  })
})

/** What a registration is refused with whose operation ends so. */
const endedWith = async (
  one: Given,
  end: Parameters<Given['store']['endOperation']>[1],
  failure: CallFailure | null,
) => {
  const services = { ...one.services, patience: 10_000, failureOf: () => failure }
  const stop = one.bus.listen(null, ({ id }) => {
    stop()
    void one.store.endOperation(id, end).then(() => one.bus.ring({ id, sequence: 0 }))
  })
  return await refused(registerDevice({ ...one.context, services }, usual))
}

describe('changing', () => {
  it('leaves what is absent, removes what is null', async () => {
    await using one = await given()
    const deviceId = await one.device('one')
    const proxy = { host: 'proxy.example', port: 1080, username: 'u', password: 'p' }
    const first = await updateDevice(one.context, { deviceId, label: 'front desk', proxy })
    expect(first.device).toMatchObject({
      label: 'front desk',
      province: '广东',
      proxy: { host: 'proxy.example', port: 1080, username: 'u' },
    })
    expect(JSON.stringify(first.device)).not.toContain('"p"')
    const second = await updateDevice(one.context, { deviceId, proxy: null })
    expect(second).toMatchObject({ device: { label: 'front desk', proxy: null }, operation: null })
  })

  it('is refused while a login is under way, and names it', async () => {
    await using one = await given()
    const deviceId = await one.device('one')
    const { loginId } = await one.login(deviceId)
    expect(await refused(updateDevice(one.context, { deviceId, label: 'x' }))).toMatchObject({
      code: 'DEVICE_BUSY',
      loginId,
    })
  })

  it('of what is not there finds nothing', async () => {
    await using one = await given()
    const deviceId = globalId('Device', '01a1fc01-ef3e-7e81-a660-567065fb541a')
    expect(await refused(updateDevice(one.context, { deviceId, label: 'x' }))).toMatchObject({
      code: 'NOT_FOUND',
    })
  })
})
