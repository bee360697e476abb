import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Simulator, startSimulator } from '../../simulator/server.ts'
import { POPUPS, type PopupName } from '../../simulator/words.ts'
import { ask, formerlySignedIn, say, withQr } from './support.ts'

let simulator: Simulator
beforeAll(async () => {
  simulator = await startSimulator()
})
afterAll(() => simulator.close())

const poll = (deviceId: string) => ask(simulator, '/open/checkLoginShort', { deviceId })
const signIn = async (deviceId: string): Promise<void> => {
  await withQr(simulator, deviceId)
  simulator.world.phone(deviceId).scan()
  simulator.world.phone(deviceId).confirm()
  await poll(deviceId)
}

describe('the wire (P 1, P 3.1)', () => {
  test.each(['form', 'json', 'multipart'] as const)('a %s body is understood', async as => {
    const deviceId = `wire-${as} 1`
    expect(await ask(simulator, '/open/workstation', { deviceId }, { as })).toEqual({
      message: '设备创建成功',
      code: '1000',
      data: ' ',
    })
    const { code, message } = await ask(simulator, '/open/isOnline', { deviceId }, { as })
    expect([code, message]).toEqual(['1001', '已离线'])
  })

  test('the order of the keys varies between endpoints', async () => {
    await ask(simulator, '/open/workstation', { deviceId: 'order' })
    const issued = await say(simulator, '/open/getLoginQrCode', { deviceId: 'order', province: '广东' })
    const polled = await say(simulator, '/open/checkLoginShort', { deviceId: 'order' })
    expect(issued.text.startsWith('{"code":"1000","message":"处理成功"')).toBe(true)
    expect(polled.text.startsWith('{"message":"成功","code":"1000"')).toBe(true)
    expect(polled.type).toMatch(/^application\/json/)
  })

  test('the token is raw: none, a wrong one and a Bearer are refused', async () => {
    for (const token of [null, 'wrong', `Bearer ${simulator.token}`]) {
      const { status, text } = await say(simulator, '/open/isOnline', { deviceId: 'x' }, { token })
      expect(status).toBe(401)
      expect(JSON.parse(text).code).toBe('1001')
    }
  })

  test('an unknown device and a missing id are failures with HTTP 200', async () => {
    const unknown = await say(simulator, '/open/checkLoginShort', { deviceId: 'nobody' })
    expect(unknown.status).toBe(200)
    expect(JSON.parse(unknown.text)).toEqual({ message: '设备不存在', code: '1001', data: null })
    expect((await ask(simulator, '/open/checkLoginShort')).code).toBe('1001')
    expect((await say(simulator, '/open/nothing')).status).toBe(404)
  })
})

describe('the developer and the devices (P 3.2)', () => {
  test('auth/login needs no token and hands it out', async () => {
    const user = { username: 'me', password: 'secret' }
    expect(await ask(simulator, '/auth/login', user, { token: null })).toMatchObject({
      code: '1000',
      data: { authorization: simulator.token, username: 'me', balance: 9999, callbackUrl: null },
    })
    const refused = await ask(simulator, '/auth/login', { ...user, password: 'wrong' }, { token: null })
    expect(refused).toEqual({ message: '用户名或密码错误', code: '1001', data: null })
  })

  test('a reset token is dead at once', async () => {
    await using own = await startSimulator()
    const { message, data } = await ask(own, '/open/user/resetAuthorization')
    expect(message).toBe('重置成功')
    expect((await say(own, '/open/isOnline', { deviceId: 'x' })).status).toBe(401)
    expect((await say(own, '/open/isOnline', { deviceId: 'x' }, { token: String(data) })).status).toBe(200)
  })

  test('devices are listed by page and filter, and one by its path', async () => {
    await using own = await startSimulator()
    for (const n of [1, 2, 3]) await ask(own, '/open/workstation', { deviceId: `设备 ${n}` })
    const slot = own.world.createDevice('a slot of the other dialect', 'ipad')
    own.world.signIn(slot, slot.person)
    own.world.signIn(own.world.device('设备 2'), own.world.device('设备 2').person)
    const list = async (query: Record<string, string>) =>
      (await ask(own, '/open/workstation', query, { method: 'GET' })).data as {
        lists: Record<string, unknown>[]
        total: number
        totalPages: number
      }
    const paged = await list({ page: '2', pageSize: '2' })
    expect(paged).toMatchObject({ total: 3, totalPages: 2, lists: [{ deviceId: '设备 3' }] })
    expect(await list({ wechatStatus: '0' })).toMatchObject({ total: 2 })
    const online = await list({ wechatStatus: '1' })
    expect(online.lists[0]).toMatchObject({ deviceId: '设备 2', wechatStatus: 1, deviceStatus: 1 })
    expect(online.lists[0]?.wxid).toMatch(/^wxid_/)
    expect(online.lists[0]?.expireTime).toMatch(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/)
    const one = await ask(own, `/open/workstation/${encodeURIComponent('设备 2')}`, {}, { method: 'GET' })
    expect(one.data).toMatchObject({ deviceId: '设备 2', wechatStatus: 1 })
    expect(one.data).not.toHaveProperty('wxid')
    const all = await ask(own, '/open/queryLoginDevice', {}, { method: 'GET' })
    expect(all.data).toEqual({ deviceIds: ['设备 2'], total: 1 })
  })

  test('a device that exists is refused, and a reset makes it new', async () => {
    await signIn('again')
    expect((await ask(simulator, '/open/workstation', { deviceId: 'again' })).code).toBe('1001')
    const reset = await ask(simulator, '/open/workstation/resetDevice', { deviceId: 'again' })
    expect(reset).toEqual({ message: '重置创建成功', code: '1000', data: ' ' })
    expect((await ask(simulator, '/open/isOnline', { deviceId: 'again' })).message).toBe('已离线')
    expect((await ask(simulator, '/open/loginAgain', { deviceId: 'again' })).code).toBe('1001')
  })

  test('a recycled device must be reset before a QR code or a push', async () => {
    formerlySignedIn(simulator, 'recycled')
    simulator.world.recycle(simulator.world.device('recycled'))
    for (const path of ['/open/getLoginQrCode', '/open/loginAgain']) {
      const { message } = await ask(simulator, path, { deviceId: 'recycled', province: '广东' })
      expect(message).toContain('重置')
    }
  })
})

describe('signing in by QR code (S2, S3)', () => {
  test('nothing, then the avatar, then everything; confirmed only by a confirming call', async () => {
    await withQr(simulator, 'qr')
    const before = (await poll('qr')).data as Record<string, unknown>
    expect(new Set(Object.values(before))).toEqual(new Set([null]))

    const person = simulator.world.phone('qr').scan()
    const scanned = (await poll('qr')).data as Record<string, unknown>
    const told = Object.entries(scanned).filter(([, value]) => value !== null)
    expect(told.map(([key]) => key)).toEqual(['smallHeadImgUrl'])

    simulator.world.phone('qr').confirm()
    expect((await ask(simulator, '/open/isOnline', { deviceId: 'qr' })).message).toBe('已离线')
    const confirmed = await poll('qr')
    expect(confirmed.data).toEqual({
      ...person,
      headUrl: expect.stringMatching(/\/0$/),
      smallHeadImgUrl: scanned.smallHeadImgUrl,
      status: 3,
      type: 1,
    })
    expect(await ask(simulator, '/open/isOnline', { deviceId: 'qr' })).toEqual({
      message: '在线',
      code: '1000',
      data: null,
    })
  })

  test('every parameter of S2 stands in the log', async () => {
    await ask(simulator, '/open/workstation', { deviceId: 'all' })
    const params = {
      deviceId: 'all',
      province: '广东省',
      city: '广州市',
      deviceType: 'mac',
      proxyIp: '10.0.0.1:1080',
      proxyUser: 'user',
      proxyPassword: 'p&ss=w+rd',
    }
    expect((await ask(simulator, '/open/getLoginQrCode', params)).code).toBe('1000')
    expect(simulator.world.calls('getLoginQrCode', 'all')[0]).toMatchObject({ params, status: 200 })
    expect(simulator.world.device('all').proxy).toEqual({
      ip: '10.0.0.1:1080',
      user: 'user',
      password: 'p&ss=w+rd',
    })
  })

  test('polls after success answer who it is, and are counted', async () => {
    await signIn('after')
    const { watch } = simulator.world.device('after')
    expect(watch.pollsAfterSuccess).toBe(0)
    expect((await poll('after')).data).toHaveProperty('wcId')
    await poll('after')
    expect(watch.pollsAfterSuccess).toBe(2)
  })

  test('a new QR code kills the old one, and one asked for while somebody acts is counted', async () => {
    await withQr(simulator, 'twice')
    simulator.world.phone('twice').scan()
    await ask(simulator, '/open/getLoginQrCode', { deviceId: 'twice', province: '广东' })
    const device = simulator.world.device('twice')
    expect(device.watch.qrCodesWhileActing).toBe(1)
    expect(device.attempt).toMatchObject({ generation: 2, phase: 'waiting', account: null })
  })

  test('a dead QR code reads 失效', async () => {
    await withQr(simulator, 'dead')
    simulator.world.phone('dead').scan()
    simulator.world.phone('dead').killQr()
    expect(await poll('dead')).toEqual({
      message: '登录信息失效，请使用扫码登录',
      code: '1001',
      data: null,
    })
  })

  test('checkLogin hangs until the phone has decided', async () => {
    await withQr(simulator, 'long')
    const waiting = ask(simulator, '/open/checkLogin', { deviceId: 'long' })
    await simulator.world.when('asked:checkLogin', 'long')
    simulator.world.phone('long').scan()
    simulator.world.phone('long').confirm()
    expect((await waiting).data).toHaveProperty('wcId', simulator.world.device('long').person.wcId)
  })
})

describe('the code page (S3:6, P 3.2)', () => {
  test('a wrong code is refused, the right one signs in', async () => {
    await withQr(simulator, 'code')
    const verify = (code: string) => ask(simulator, '/open/loginVerifyCode', { deviceId: 'code', code })
    expect((await verify('123456')).code).toBe('1001')
    simulator.world.phone('code').scan()
    const code = simulator.world.phone('code').askForCode()
    expect(code).toMatch(/^\d{6}$/)
    const polled = (await poll('code')).data as Record<string, unknown>
    expect(polled).toMatchObject({ wcId: null, smallHeadImgUrl: expect.any(String) })
    expect(await verify(code === '000000' ? '000001' : '000000')).toMatchObject({
      code: '1001',
      message: '验证码错误，请重新输入',
    })
    expect((await verify(code)).data).toHaveProperty('wcId')
    expect((await ask(simulator, '/open/isOnline', { deviceId: 'code' })).message).toBe('在线')
  })

  test('a confirmed login is completed by loginVerifyCode too', async () => {
    await withQr(simulator, 'code-confirms')
    simulator.world.phone('code-confirms').scan()
    simulator.world.phone('code-confirms').confirm()
    const params = { deviceId: 'code-confirms', code: '1' }
    expect((await ask(simulator, '/open/loginVerifyCode', params)).data).toHaveProperty('wcId')
  })
})

describe('the push (S0)', () => {
  test('it hangs until confirmed, and answers the profile with an instance id', async () => {
    formerlySignedIn(simulator, 'push')
    const hanging = ask(simulator, '/open/loginAgain', { deviceId: 'push' })
    await simulator.world.when('pushShown', 'push')
    expect(simulator.world.phone('push').look()).toMatchObject({
      screen: 'push',
      can: expect.arrayContaining(['confirm']),
    })
    expect(((await poll('push')).data as Record<string, unknown>).wcId).toBeNull()
    simulator.world.phone('push').confirm()
    const { data } = await hanging
    expect(data).toMatchObject({ wId: expect.any(String), status: 3 })
    expect(data).not.toHaveProperty('type')
    expect((await ask(simulator, '/open/isOnline', { deviceId: 'push' })).message).toBe('在线')
  })

  test('declined, and refused where nobody was ever signed in', async () => {
    formerlySignedIn(simulator, 'push-no')
    const hanging = ask(simulator, '/open/loginAgain', { deviceId: 'push-no' })
    await simulator.world.when('pushShown', 'push-no')
    simulator.world.phone('push-no').decline()
    expect(await hanging).toMatchObject({ code: '1001', message: '二次登录失败，请重新扫码登录' })
    await ask(simulator, '/open/workstation', { deviceId: 'push-new' })
    expect(await ask(simulator, '/open/loginAgain', { deviceId: 'push-new' })).toMatchObject({ code: '1001' })
  })
})

describe('presence (P 3.2, P 3.4)', () => {
  test.each(Object.entries(POPUPS) as [PopupName, string | null][])(
    'put offline by %s, the reason reads %s',
    async (name, text) => {
      const deviceId = `popup-${name}`
      await signIn(deviceId)
      simulator.world.phone(deviceId).goOffline(name)
      expect((await ask(simulator, '/open/isOnline', { deviceId })).message).toBe('已离线')
      expect(await ask(simulator, '/open/offlineReason', { deviceId })).toEqual({
        message: '获取离线原因成功',
        code: '1000',
        data: { reason: text },
      })
    },
  )

  test('the reason is lost at the next sign-in', async () => {
    await signIn('lost')
    simulator.world.phone('lost').goOffline('networkCheck')
    await ask(simulator, '/open/getLoginQrCode', { deviceId: 'lost', province: '广东' })
    simulator.world.phone('lost').scan()
    simulator.world.phone('lost').confirm()
    await poll('lost')
    simulator.world.phone('lost').goOffline('noPopup')
    const { data } = await ask(simulator, '/open/offlineReason', { deviceId: 'lost' })
    expect(data).toEqual({ reason: null })
  })

  test('logout answers with an empty string, setDeviceProxy with an empty object', async () => {
    await signIn('out')
    const proxy = { deviceId: 'out', proxyIp: '10.0.0.1:1080', proxyUser: 'u', proxyPassword: 'p' }
    expect((await ask(simulator, '/open/setDeviceProxy', proxy)).data).toEqual({})
    expect((await ask(simulator, '/open/logout', { deviceId: 'out' })).data).toBe('')
    expect((await ask(simulator, '/open/isOnline', { deviceId: 'out' })).message).toBe('已离线')
    expect((await ask(simulator, '/open/logout', { deviceId: 'out' })).message).toBe('失败')
  })

  test('signing in elsewhere puts the account off its other device', async () => {
    await signIn('here')
    const { person } = simulator.world.device('here')
    await withQr(simulator, 'there')
    simulator.world.phone('there').scan(person.wcId)
    simulator.world.phone('there').confirm()
    await poll('there')
    expect(simulator.world.device('here')).toMatchObject({ online: false, popup: '在 xxx 设备上登录' })
  })
})
