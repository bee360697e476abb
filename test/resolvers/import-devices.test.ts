// Importing: what a caller is told of a page, and that the upstream is only asked.

import { describe, expect, it } from 'vitest'
import {
  InvalidPageError,
  ProviderError,
  type UpstreamDevice,
  type UpstreamPage,
} from '../../src/provider/port.ts'
import { globalId } from '../../src/resolvers/global-id.ts'
import { type ImportDevicesInput, importDevices } from '../../src/resolvers/import-devices.ts'
import { registerDevice } from '../../src/resolvers/register-device.ts'
import { startLogin } from '../../src/resolvers/start-login.ts'
import { updateDevice } from '../../src/resolvers/update-device.ts'
import { type Given, given } from './given.ts'

const device = (upstreamId: string, more: Partial<UpstreamDevice> = {}): UpstreamDevice => ({
  upstreamId,
  wcId: null,
  handle: null,
  online: false,
  lastLogin: null,
  ...more,
})

const page = (devices: readonly UpstreamDevice[], more: Partial<UpstreamPage> = {}): UpstreamPage => ({
  devices,
  total: null,
  nextPage: null,
  ...more,
})

/** What the upstream answers to each page, by its name; what it has no answer to it does not know. */
const upstream = (
  one: Given,
  pages: Readonly<Record<string, UpstreamPage | Error>>,
  name: 'fake' | 'hanging' = 'fake',
) => {
  const asked: string[] = []
  Object.assign(one.services.providers.get(name) ?? {}, {
    listDevices: async (wanted: string | null) => {
      asked.push(wanted ?? 'first')
      const answer = pages[wanted ?? 'first']
      if (answer === undefined) throw new InvalidPageError('It is none')
      if (answer instanceof Error) throw answer
      return answer
    },
  })
  return asked
}

const taking = (one: Given, input: Partial<ImportDevicesInput> = {}) =>
  importDevices(one.context, { provider: 'fake', ...input })

const devicesOf = (one: Given) =>
  one.store.pageDevices('default', {}, { limit: 100, after: null, before: null, backward: false })

const refused = (promise: Promise<unknown>) =>
  promise.then(
    () => ({ code: 'none' }),
    error => error,
  )

describe('importing a page', () => {
  it('tells what was on it and where to go on, and rings whoever was found online', async () => {
    await using one = await given()
    const rung: string[] = []
    one.bus.listen(null, ({ id, sequence }) => void rung.push(`${id} ${sequence}`))
    const devices = [device('u-1', { wcId: 'wxid_ada', online: true }), device('u-2')]
    const asked = upstream(one, {
      first: page(devices, { total: 3, nextPage: '2' }),
      2: page([device('u-3')]),
    })

    expect(await taking(one)).toEqual({ found: 2, imported: 2, known: 0, total: 3, nextPage: '2' })
    expect(await taking(one, { page: '2' })).toEqual({
      found: 1,
      imported: 1,
      known: 0,
      total: null,
      nextPage: null,
    })
    expect(await taking(one)).toMatchObject({ found: 2, imported: 0, known: 2 })
    expect(asked).toEqual(['first', '2', 'first'])
    const online = (await devicesOf(one)).find(({ upstreamId }) => upstreamId === 'u-1')
    expect(rung).toEqual([`account:${online?.accountId} 1`])
  })

  it('asks the upstream for nothing else, and leaves no operation', async () => {
    await using one = await given()
    upstream(one, { first: page([device('u-1', { wcId: 'wxid_ada', online: true })]) })
    await taking(one)
    expect(one.services.providers.get('fake')).toMatchObject({ calls: [] })
    expect(await one.store.claimOperations()).toEqual([])
  })

  it('that is only tried counts the same', async () => {
    await using one = await given()
    upstream(one, { first: page([device('u-1'), device('u-2')]) })
    expect(await taking(one, { dryRun: true })).toMatchObject({ found: 2, imported: 2, known: 0 })
    expect(await devicesOf(one)).toEqual([])
    expect(await taking(one, { dryRun: false })).toMatchObject({ found: 2, imported: 2, known: 0 })
  })

  it('of an upstream without devices takes its accounts, each by its wcId', async () => {
    await using one = await given()
    const devices = [device('wxid_ada', { wcId: 'wxid_ada', handle: 'w-1', online: true })]
    upstream(one, { first: page(devices) }, 'hanging')
    expect(await taking(one, { provider: 'hanging' })).toMatchObject({ imported: 1 })
    const [taken] = await devicesOf(one)
    expect(taken).toMatchObject({ deviceKey: 'wxid_ada', upstreamId: 'wxid_ada', provider: 'hanging' })
    const accountId = taken?.accountId ?? ''
    expect((await one.store.readAccounts('default', [accountId])).get(accountId)).toMatchObject({
      wcId: 'wxid_ada',
      instanceId: 'w-1',
    })
  })

  it('finds, and leaves, what has a name that cannot be kept', async () => {
    await using one = await given()
    const devices = [
      device('u\0'),
      device(''),
      device('\ud800'),
      device('x'.repeat(129)),
      device('u-1', { wcId: 'a\0b', online: true }),
    ]
    upstream(one, { first: page(devices) })
    expect(await taking(one)).toMatchObject({ found: 5, imported: 1, known: 0 })
    expect(await devicesOf(one)).toMatchObject([{ upstreamId: 'u-1', accountId: null }])
  })

  it('makes a device that registering it would have made', async () => {
    await using one = await given()
    upstream(one, { first: page([device('u-1')]) })
    await taking(one)
    const [taken] = await devicesOf(one)
    expect(
      await registerDevice(one.context, { provider: 'fake', deviceKey: 'u-1', upstreamDeviceId: 'u-1' }),
    ).toMatchObject({ created: false, device: { id: taken?.id } })
  })

  it('makes a device that signs in once it was given a province', async () => {
    await using one = await given()
    upstream(one, { first: page([device('u-1')]) })
    await taking(one)
    const deviceId = globalId('Device', (await devicesOf(one))[0]?.id ?? '')
    expect(
      await refused(startLogin(one.context, { deviceId, strategy: 'AUTO', onConflict: 'RETURN_ACTIVE' })),
    ).toMatchObject({
      advisory: { code: 'PROVINCE_REQUIRED' },
    })
    await updateDevice(one.context, { deviceId, province: '广东' })
    expect(
      await startLogin(one.context, { deviceId, strategy: 'AUTO', onConflict: 'RETURN_ACTIVE' }),
    ).toMatchObject({ created: true })
  })
})

describe('an import is refused', () => {
  it('for whoever is no ADMIN', async () => {
    await using one = await given()
    const asked = upstream(one, { first: page([]) })
    const error = await refused(importDevices(one.as(['LOGIN_READ', 'LOGIN_WRITE']), { provider: 'fake' }))
    expect(error).toMatchObject({ name: 'RequestError', code: 'FORBIDDEN' })
    expect(asked).toEqual([])
  })

  it.each([
    [{ provider: 'nobody' }, 'provider'],
    [{ page: '' }, 'page'],
    [{ page: 'a\0b' }, 'page'],
    [{ page: 'x'.repeat(201) }, 'page'],
    [{ page: 'none of theirs' }, 'page'],
  ])('where %j is none, at its path', async (input, field) => {
    await using one = await given()
    upstream(one, { first: page([]) })
    expect(await refused(taking(one, input))).toMatchObject({
      code: 'INVALID_INPUT',
      fields: [{ path: ['input', field] }],
    })
  })

  it.each([
    [
      { kind: 'UNREACHABLE', sent: false, answered: false } as const,
      true,
      'The upstream fake cannot be reached: check "baseUrl"',
    ],
    [
      { kind: 'TIMEOUT', sent: true, answered: false } as const,
      true,
      'The upstream fake does not answer in time.',
    ],
    [
      { kind: 'UNREADABLE', sent: true, answered: false, httpStatus: 502 } as const,
      true,
      'The upstream fake answers what cannot be read (HTTP 502)',
    ],
    [
      { kind: 'UNREADABLE', sent: true, answered: false, httpStatus: 404 } as const,
      false,
      'The upstream fake answers what cannot be read (HTTP 404)',
    ],
    [
      { kind: 'UNAUTHORIZED', sent: true, answered: true, upstreamCode: '401' } as const,
      false,
      'The upstream fake refuses the token',
    ],
    [
      { kind: 'ERROR', sent: true, answered: true, upstreamMessage: '系统失败' } as const,
      true,
      'The upstream fake does not tell which devices it has.',
    ],
  ])('where the upstream is %j', async (failure, retryable, message) => {
    await using one = await given()
    upstream(one, { first: new ProviderError(failure) })
    const error = await refused(taking(one))
    expect(error).toMatchObject({
      code: 'UPSTREAM_ERROR',
      retryable,
      message: expect.stringContaining(message),
    })
    expect(await devicesOf(one)).toEqual([])
  })

  it('for now, where a page cannot be read that another one led to', async () => {
    await using one = await given()
    const garbled = new ProviderError({ kind: 'UNREADABLE', sent: true, answered: false, httpStatus: 200 })
    upstream(one, { first: garbled, 2: garbled })
    expect(await refused(taking(one))).toMatchObject({ retryable: false })
    expect(await refused(taking(one, { page: '2' }))).toMatchObject({ retryable: true })
  })
})
