import { afterEach, beforeEach, expect, test } from 'vitest'
import { type Simulator, startSimulator } from '../../simulator/server.ts'
import { ask, formerlySignedIn, ManualClock, withQr } from './support.ts'

let clock: ManualClock
let simulator: Simulator
beforeEach(async () => {
  clock = new ManualClock()
  simulator = await startSimulator({ clock })
})
afterEach(async () => {
  await simulator.close()
  expect(clock.waiting).toBe(0)
})

const poll = async (deviceId: string) => (await ask(simulator, '/open/checkLoginShort', { deviceId })).message

test('a QR code lives 215 seconds, scanned or not (P 3.2)', async () => {
  await withQr(simulator, 'd')
  clock.advance(214_999)
  expect(await poll('d')).toBe('成功')
  simulator.world.phone('d').scan()
  expect(await poll('d')).toBe('成功')
  clock.advance(1)
  expect(await poll('d')).toContain('失效')
  expect(simulator.world.phone('d').look().says).toBe('二维码已过期')
})

test('a code page keeps its login alive', async () => {
  await withQr(simulator, 'd')
  simulator.world.phone('d').scan()
  clock.advance(200_000)
  simulator.world.phone('d').askForCode('246810')
  clock.advance(179_999)
  const { data } = await ask(simulator, '/open/loginVerifyCode', { deviceId: 'd', code: '246810' })
  expect(data).toHaveProperty('wcId')
})

test('a push lapses after three minutes (S0:18)', async () => {
  formerlySignedIn(simulator, 'd')
  const hanging = ask(simulator, '/open/loginAgain', { deviceId: 'd' })
  await simulator.world.when('pushShown', 'd')
  clock.advance(180_000)
  expect(await hanging).toMatchObject({ code: '1001', message: '二次登录超时，请重新扫码登录' })
  expect(simulator.world.count('pushLapsed', 'd')).toBe(1)
  expect(await poll('d')).toContain('失效')
})

test('checkLogin answers after 215 seconds at the latest', async () => {
  await withQr(simulator, 'd')
  const hanging = ask(simulator, '/open/checkLogin', { deviceId: 'd' })
  await simulator.world.when('asked:checkLogin', 'd')
  clock.advance(215_000)
  expect((await hanging).message).toContain('失效')
})

test('a device not signed in for 20 days is recycled (S0:3)', async () => {
  formerlySignedIn(simulator, 'd')
  clock.advance(20 * 86_400_000)
  expect(simulator.world.isRecycled(simulator.world.device('d'))).toBe(false)
  clock.advance(1)
  const { message } = await ask(simulator, '/open/getLoginQrCode', { deviceId: 'd', province: '广东' })
  expect(message).toContain('重置')
})

test('a logout may show only later (P 3.2)', async () => {
  simulator.world.set({ timings: { logoutSettlesMs: 60_000 } })
  const device = simulator.world.createDevice('d')
  simulator.world.signIn(device, device.person)
  await ask(simulator, '/open/logout', { deviceId: 'd' })
  expect((await ask(simulator, '/open/isOnline', { deviceId: 'd' })).message).toBe('在线')
  clock.advance(60_000)
  expect((await ask(simulator, '/open/isOnline', { deviceId: 'd' })).message).toBe('已离线')
})

test('polls of one device closer than a second are counted', async () => {
  await withQr(simulator, 'd')
  await poll('d')
  clock.advance(999)
  await poll('d')
  clock.advance(1_000)
  await poll('d')
  expect(simulator.world.device('d').watch.pollsTooSoon).toBe(1)
})

test('a link to a QR picture expires', async () => {
  const url = await withQr(simulator, 'd')
  clock.advance(601_000)
  expect((await fetch(url)).status).toBe(403)
})
