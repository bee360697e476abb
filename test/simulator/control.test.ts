import { request } from 'undici'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Simulator, startSimulator } from '../../simulator/server.ts'
import { ask, control, formerlySignedIn, withQr } from './support.ts'

let simulator: Simulator
beforeAll(async () => {
  simulator = await startSimulator()
})
afterAll(() => simulator.close())

const act = (deviceId: string, deed: object) => control(simulator, 'POST', `/devices/${deviceId}/do`, deed)
const shows = async (deviceId: string) => (await control(simulator, 'GET', `/devices/${deviceId}`)).json.shows

describe('a person at a phone', () => {
  test('scans, is asked for a code, and sees it', async () => {
    await control(simulator, 'POST', '/devices', { deviceId: 'd' })
    expect(await shows('d')).toMatchObject({ screen: 'nothing', can: [] })
    await ask(simulator, '/open/getLoginQrCode', { deviceId: 'd', province: '广东' })
    expect(await shows('d')).toMatchObject({ screen: 'scannable', until: expect.any(Number) })
    await act('d', { do: 'scan' })
    const { json } = await act('d', { do: 'askForCode' })
    expect(await shows('d')).toMatchObject({ says: '请在iPad上输入验证码', code: json.told })
    await ask(simulator, '/open/loginVerifyCode', { deviceId: 'd', code: String(json.told) })
    expect(await shows('d')).toMatchObject({ screen: 'signedIn', can: ['goOffline'] })
    await act('d', { do: 'goOffline', popup: 'loggedOutOnPhone' })
    expect(await shows('d')).toMatchObject({ screen: 'popup', says: '你已退出微信' })
  })

  test('scans as somebody else', async () => {
    await withQr(simulator, 'other')
    const { json } = await act('other', { do: 'scan', as: 'stranger' })
    expect(json.told).not.toMatchObject({ wcId: simulator.world.device('other').person.wcId })
    await act('other', { do: 'confirm' })
    const { data } = await ask(simulator, '/open/checkLoginShort', { deviceId: 'other' })
    expect(data).toMatchObject(json.told as object)
  })

  test('sees the new-device page, and puts the phone away', async () => {
    await withQr(simulator, 'away')
    await act('away', { do: 'scan' })
    await act('away', { do: 'askForNewDevice' })
    expect(await shows('away')).toMatchObject({ says: '在新设备完成验证' })
    await act('away', { do: 'forget' })
    expect(await shows('away')).toMatchObject({ screen: 'nothing' })
    expect((await act('away', { do: 'decline' })).status).toBe(409)
    const { data } = await ask(simulator, '/open/checkLoginShort', { deviceId: 'away' })
    expect(data).toMatchObject({ wcId: null, smallHeadImgUrl: expect.any(String) })
  })

  test('cannot do what the phone does not show', async () => {
    await control(simulator, 'POST', '/devices', { deviceId: 'idle' })
    for (const deed of ['scan', 'confirm', 'decline', 'askForCode', 'goOffline', 'killQr'])
      expect((await act('idle', { do: deed })).status).toBe(409)
    expect((await act('nobody', { do: 'scan' })).status).toBe(404)
    expect((await act('idle', { do: 'dance' })).status).toBe(400)
  })
})

describe('behind the scenes', () => {
  test('switches and timings', async () => {
    await using own = await startSimulator()
    const { json } = await control(own, 'POST', '/settings', {
      switches: { declineShows: 'silent' },
      timings: { qrLifetimeMs: 5 },
    })
    expect(json).toMatchObject({ switches: { declineShows: 'silent' }, timings: { qrLifetimeMs: 5 } })
    expect((await control(own, 'POST', '/settings', { switches: { no: 1 } })).status).toBe(400)
    await control(own, 'POST', '/devices', { deviceId: 'd' })
    await control(own, 'POST', '/devices/d/do', { do: 'set', switches: { emptyAnswer: 'space' } })
    expect(own.world.device('d').switches.emptyAnswer).toBe('space')
    await control(own, 'DELETE', '/devices/d/settings')
    expect(own.world.device('d').switches.emptyAnswer).toBe('nullFields')
  })

  test('faults', async () => {
    const { json } = await control(simulator, 'POST', '/faults', {
      endpoint: 'isOnline',
      kind: 'unexpectedCode',
      times: 2,
    })
    expect((await ask(simulator, '/open/isOnline', { deviceId: 'x' })).code).toBe('9999')
    expect(simulator.world.faults.list()).toMatchObject([{ id: json.id, met: 1 }])
    await control(simulator, 'DELETE', `/faults/${json.id}`)
    expect((await ask(simulator, '/open/isOnline', { deviceId: 'x' })).code).toBe('1001')
    expect((await control(simulator, 'POST', '/faults', { endpoint: 'x', kind: 'y' })).status).toBe(400)
  })

  test('the log, by device and endpoint, with what was asked and answered', async () => {
    await withQr(simulator, 'logged')
    const { json } = await control(simulator, 'GET', '/log?deviceId=logged&endpoint=getLoginQrCode')
    const [call] = json.calls as Record<string, unknown>[]
    expect(call).toMatchObject({
      params: { deviceId: 'logged', province: '广东' },
      status: 200,
      end: 'answered',
      answered: expect.stringContaining('qrCodeUrl'),
    })
    expect(Number(call?.ended)).toBeGreaterThanOrEqual(Number(call?.began))
  })

  test('a token dies', async () => {
    await using own = await startSimulator()
    const { json } = await control(own, 'POST', '/token', {})
    expect(own.world.token).toBe(json.token)
    expect(json.token).not.toBe(own.token)
  })

  test('a scenario is played on a device by its name', async () => {
    formerlySignedIn(simulator, 'played')
    expect((await control(simulator, 'GET', '/scenarios')).json).toEqual(
      expect.arrayContaining([{ name: 'push-declined', description: expect.any(String) }]),
    )
    await control(simulator, 'POST', '/scenarios/push-declined', { deviceId: 'played' })
    const { message } = await ask(simulator, '/open/loginAgain', { deviceId: 'played' })
    expect(message).toBe('用户取消登录')
    expect((await control(simulator, 'POST', '/scenarios/none', {})).status).toBe(404)
  })

  test('a scenario is played on every device that comes', async () => {
    await using own = await startSimulator()
    await control(own, 'POST', '/scenarios/scan-and-confirm', {})
    await withQr(own, 'new')
    await own.world.when('scanned', 'new')
    await ask(own, '/open/checkLoginShort', { deviceId: 'new' })
    await own.world.when('confirmed', 'new')
    await control(own, 'DELETE', '/scenarios')
    await withQr(own, 'newer')
    expect(own.world.playing('newer')).toBeNull()
  })
})

describe('the page', () => {
  test('is served whole, and asks nobody else for anything', async () => {
    const { statusCode, headers, body } = await request(simulator.phonesUrl)
    expect([statusCode, headers['content-type']]).toEqual([200, 'text/html; charset=utf-8'])
    const html = await body.text()
    expect(html).toContain('<title>Phones')
    expect(html).not.toMatch(/(src|href)="?https?:/)
    expect(headers['access-control-allow-origin']).toBeUndefined()
  })

  test('everything that it draws is in the state', async () => {
    await using own = await startSimulator()
    for (const deviceId of ['a', 'b', 'c', 'd']) own.world.createDevice(deviceId)
    const { json } = await control(own, 'GET', '/state?limit=3')
    expect(json).toMatchObject({ switches: {}, timings: {}, faults: [], popups: {}, token: own.token })
    expect((json.phones as { deviceId: string }[]).map(phone => phone.deviceId)).toEqual(['d', 'c', 'b'])
    expect((await control(own, 'GET', '/state?search=b')).json).toMatchObject({ phones: [{ deviceId: 'b' }] })
    const schema = (await control(own, 'GET', '/schema')).json
    expect(schema).toMatchObject({ switches: { properties: { emptyAnswer: { enum: expect.any(Array) } } } })
  })

  test('is told of changes', async () => {
    const { body } = await request(`${simulator.phonesUrl}/events`)
    const lines = body[Symbol.asyncIterator]()
    expect(String((await lines.next()).value)).toContain('data: hello')
    simulator.world.createDevice('watched')
    expect(String((await lines.next()).value)).toContain('data: changed')
    body.destroy()
  })

  test('another origin, another host name and a plain form are refused', async () => {
    const json = { 'content-type': 'application/json' }
    const tries: Record<string, string>[] = [
      { ...json, origin: 'http://evil.example' },
      { ...json, host: 'evil.example' },
      { 'content-type': 'text/plain' },
    ]
    for (const headers of tries) {
      const { statusCode, body } = await request(`${simulator.phonesUrl}/token`, {
        method: 'POST',
        headers,
        body: '{}',
      })
      await body.dump()
      expect(statusCode).toBe(403)
    }
    const own = { ...json, origin: new URL(simulator.url).origin }
    const { statusCode, body } = await request(`${simulator.phonesUrl}/devices`, {
      method: 'POST',
      headers: own,
      body: '{"deviceId":"own"}',
    })
    await body.dump()
    expect(statusCode).toBe(200)
  })
})
