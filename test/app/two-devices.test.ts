// One account, two devices of ours, on an upstream that lists accounts and knows no devices: a sign-in on one of them is no
// confirmation of a login on the other.

import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Simulator, startSimulator } from '../../simulator/server.ts'
import { collect, eventsOf, registerDevice, startLogin, watchBySocket } from '../support/api-client.ts'
import { providerOf, startTestGateway, type TestGateway } from '../support/gateway.ts'

let simulator: Simulator
let gateway: TestGateway

beforeAll(async () => {
  simulator = await startSimulator()
  gateway = await startTestGateway({
    upstream: simulator,
    dialects: ['ipad'],
    overrides: { deadlines: { qrCode: 4_000, qrCodeShown: 4_000 } },
  })
})
afterAll(async () => {
  await gateway[Symbol.asyncDispose]()
  await simulator.close()
})

const register = async (desk: string) => {
  const { device } = await registerDevice(gateway.address, {
    provider: providerOf('ipad'),
    deviceKey: desk,
    province: '广东',
    proxy: { host: 'proxy.test', port: 1080, username: desk },
  })
  simulator.world.createDevice(`ipad:${desk}`, 'ipad')
  return device?.id
}

const begin = async (deviceId: string | undefined, desk: string) => {
  const polled = simulator.world.next('asked:getIPadLoginInfo', `ipad:${desk}`)
  const { login } = await startLogin(gateway.address, { deviceId, strategy: 'QR_CODE' })
  await polled
  return login?.id ?? ''
}

const end = async (loginId: string) =>
  eventsOf(await collect(watchBySocket(gateway.address, loginId, 0))).at(-1)

const scanAsAnn = (desk: string) => {
  const phone = simulator.world.phone(`ipad:${desk}`)
  phone.scan('ann')
  phone.confirm()
}

test('a login that nobody scanned ends EXPIRED, though its account signed in on another device meanwhile', async () => {
  const [desk, other] = [await register('desk'), await register('other')]
  const first = await begin(desk, 'desk')
  scanAsAnn('desk')
  expect(await end(first)).toMatchObject({ outcome: { reason: 'SIGNED_IN' } })
  simulator.world.phone('ipad:desk').goOffline('loggedOutOnPhone')

  const unscanned = await begin(desk, 'desk')
  const elsewhere = await begin(other, 'other')
  scanAsAnn('other')
  expect(await end(elsewhere)).toMatchObject({ outcome: { reason: 'SIGNED_IN' } })
  expect(await end(unscanned)).toMatchObject({ outcome: { reason: 'QR_CODE_EXPIRED' } })
  expect(simulator.world.count('signedIn', 'ipad:desk')).toBe(1)
})
