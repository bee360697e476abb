import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type Simulator, startSimulator } from '../../simulator/server.ts'
import type { Switches } from '../../simulator/settings.ts'
import { ask, formerlySignedIn, say, withQr } from './support.ts'

let simulator: Simulator
beforeEach(async () => {
  simulator = await startSimulator()
})
afterEach(() => simulator.close())

const turn = (switches: Partial<Switches>): void => simulator.world.set({ switches })
const poll = (deviceId = 'd') => ask(simulator, '/open/checkLoginShort', { deviceId })
const scannedDevice = async (): Promise<void> => {
  await withQr(simulator, 'd')
  simulator.world.phone('d').scan()
}

describe('an empty answer (P 6.1)', () => {
  const fields = [
    'wcId',
    'wAccount',
    'country',
    'city',
    'signature',
    'nickName',
    'sex',
    'headUrl',
    'smallHeadImgUrl',
    'status',
    'type',
  ]
  const all = (value: unknown) => Object.fromEntries(fields.map(field => [field, value]))
  test.each([
    ['nullFields', all(null), all(null)],
    ['emptyFields', all(''), all('')],
    ['missingFields', {}, {}],
    ['nullData', null, {}],
    ['emptyString', '', {}],
    ['space', ' ', {}],
  ] as const)('%s', async (emptyAnswer, before, around) => {
    turn({ emptyAnswer })
    await withQr(simulator, 'd')
    expect(await poll()).toEqual({ code: '1000', message: '成功', data: before })
    simulator.world.phone('d').scan()
    expect((await poll()).data).toEqual({ ...around, smallHeadImgUrl: expect.stringContaining('/mmhead/') })
  })
})

describe('a scan (P 3.3)', () => {
  test.each([
    ['smallHeadImgUrl', ['smallHeadImgUrl']],
    ['smallHeadImageUrl', ['smallHeadImageUrl']],
    ['both', ['smallHeadImgUrl', 'smallHeadImageUrl']],
  ] as const)('the avatar stands in %s', async (avatarField, names) => {
    turn({ avatarField, emptyAnswer: 'missingFields' })
    await scannedDevice()
    expect(Object.keys((await poll()).data as object)).toEqual(names)
  })

  test('the name may come with it', async () => {
    turn({ scanShowsNickName: true })
    await scannedDevice()
    expect((await poll()).data).toHaveProperty('nickName', simulator.world.device('d').person.nickName)
  })
})

describe('ends', () => {
  test('code and text of a dead QR code', async () => {
    turn({ deadCode: '1000', deadText: '二维码失效' })
    await scannedDevice()
    simulator.world.phone('d').killQr()
    expect(await poll()).toEqual({ code: '1000', message: '二维码失效', data: null })
  })

  test.each([
    ['text', '用户取消登录'],
    ['dead', '登录信息失效，请使用扫码登录'],
    ['silent', '成功'],
  ] as const)('a decline shows as %s', async (declineShows, message) => {
    turn({ declineShows })
    await scannedDevice()
    simulator.world.phone('d').decline()
    expect((await poll()).message).toBe(message)
  })
})

describe('the push (P 6.2)', () => {
  beforeEach(() => formerlySignedIn(simulator, 'd'))
  const push = () => ask(simulator, '/open/loginAgain', { deviceId: 'd' })

  test('it may return at once: the poll completes it', async () => {
    turn({ pushBlocks: false })
    expect(await push()).toEqual({ code: '1000', message: '成功', data: null })
    simulator.world.phone('d').confirm()
    expect((await poll()).data).toHaveProperty('wcId')
  })

  test('it may be refused, in any words', async () => {
    turn({ push: 'refused', pushRefusedText: '不行' })
    expect(await push()).toEqual({ code: '1001', message: '不行', data: null })
    expect(simulator.world.count('pushShown', 'd')).toBe(0)
  })

  test('a decline has its own text, and polls may read 失效 meanwhile', async () => {
    turn({ pushDeclinedText: '用户取消登录', pollDuringPush: 'dead' })
    const hanging = push()
    await simulator.world.when('pushShown', 'd')
    expect((await poll()).message).toContain('失效')
    simulator.world.phone('d').decline()
    expect((await hanging).message).toBe('用户取消登录')
  })
})

describe('a code that a poll voids (P 6.4)', () => {
  const sequence = async (polledBefore: boolean, polledAfter: boolean) => {
    await scannedDevice()
    if (polledBefore) await poll()
    const code = simulator.world.phone('d').askForCode()
    if (polledAfter) await poll()
    return (await ask(simulator, '/open/loginVerifyCode', { deviceId: 'd', code })).code
  }
  test.each([
    ['never', true, true, '1000'],
    ['afterPage', true, false, '1000'],
    ['afterPage', false, true, '1001'],
    ['always', true, false, '1001'],
    ['always', false, false, '1000'],
  ] as const)('%s: a poll before %s, after %s: %s', async (codeVoidedByPoll, before, after, code) => {
    turn({ codeVoidedByPoll })
    expect(await sequence(before, after)).toBe(code)
  })
})

describe('what is demanded, and how refusals read', () => {
  const issue = (params: Record<string, string> = {}) =>
    ask(simulator, '/open/getLoginQrCode', { deviceId: 'd', ...params })
  beforeEach(() => void simulator.world.createDevice('d'))

  test('province, proxy or ttuid (S2:31)', async () => {
    expect((await issue()).code).toBe('1001')
    for (const exit of [{ province: '广东' }, { proxyIp: '10.0.0.1:1080' }, { ttuid: 't' }])
      expect((await issue(exit)).code).toBe('1000')
    turn({ exitRequired: false })
    expect((await issue()).code).toBe('1000')
  })

  test('a proxy that fails', async () => {
    turn({ proxy: 'fails' })
    expect((await issue({ proxyIp: '10.0.0.1:1080' })).message).toContain('网络链接异常')
    expect((await issue({ province: '广东' })).code).toBe('1000')
  })

  test('a duplicate device may be answered as a new one', async () => {
    turn({ duplicateDevice: 'succeeds' })
    expect((await ask(simulator, '/open/workstation', { deviceId: 'd' })).code).toBe('1000')
  })

  test('isOnline may not know', async () => {
    turn({ isOnline: 'unknown' })
    expect(await ask(simulator, '/open/isOnline', { deviceId: 'd' })).toEqual({
      code: '1001',
      message: '未知异常',
      data: null,
    })
  })

  test('JSON may not be understood', async () => {
    turn({ acceptsJson: false })
    const params = { deviceId: 'd' }
    expect((await ask(simulator, '/open/isOnline', params, { as: 'json' })).message).toBe('参数错误')
    expect((await ask(simulator, '/open/isOnline', params)).message).toBe('已离线')
  })

  test('a dead token may read 200 with a failure', async () => {
    turn({ unauthorizedStatus: 200, unauthorizedText: 'token无效' })
    const { status, text } = await say(simulator, '/open/isOnline', { deviceId: 'd' }, { token: 'x' })
    expect([status, JSON.parse(text).message]).toEqual([200, 'token无效'])
  })

  test('codes as numbers, and the text in msg', async () => {
    turn({ codesAs: 'number', textField: 'msg' })
    expect(await ask(simulator, '/open/isOnline', { deviceId: 'd' })).toEqual({
      code: 1001,
      msg: '已离线',
      data: null,
    })
  })
})

test('a switch can hold for one device alone, and one of all reaches the others at once', async () => {
  await withQr(simulator, 'd')
  await withQr(simulator, 'e')
  simulator.world.set({ switches: { emptyAnswer: 'space' } }, 'd')
  expect([(await poll('d')).data, typeof (await poll('e')).data]).toEqual([' ', 'object'])
  turn({ emptyAnswer: 'nullData' })
  expect([(await poll('d')).data, (await poll('e')).data]).toEqual([' ', null])
  simulator.world.unset('d')
  expect((await poll('d')).data).toBe(null)
})

test('popups can be filled in as on a real phone', async () => {
  turn({ popups: 'filled' })
  formerlySignedIn(simulator, 'd')
  const device = simulator.world.device('d')
  simulator.world.signIn(device, device.person)
  simulator.world.phone('d').goOffline('passwordChanged')
  const { data } = await ask(simulator, '/open/offlineReason', { deviceId: 'd' })
  expect(data).toEqual({ reason: expect.stringMatching(/^在 \d{4}-\d\d-\d\d 修改密码，请重新登录$/) })
})
