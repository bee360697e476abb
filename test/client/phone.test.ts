import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { phoneOf } from '../../client/terminal/phone.ts'
import { type Simulator, startSimulator } from '../../simulator/server.ts'
import { aLogin } from './fake-gateway.ts'

let simulator: Simulator

beforeEach(async () => {
  simulator = await startSimulator()
})
afterEach(() => simulator.close())

describe('The simulated phone', () => {
  test('says what it shows and what can be done', async () => {
    simulator.world.createDevice('up-1')
    expect(await phoneOf(simulator.phonesUrl, 'up-1').look(aLogin())).toMatchObject({
      says: '',
      code: null,
      can: [],
    })
  })

  test('refuses in its own words', async () => {
    simulator.world.createDevice('up-1')
    await expect(phoneOf(simulator.phonesUrl, 'up-1').do('scan', aLogin())).rejects.toThrow(
      'The phone: There is no QR code to scan.',
    )
  })

  test('of a device that is not there shows nothing', async () => {
    expect(await phoneOf(`${simulator.phonesUrl}/`, 'up 2').look(aLogin())).toBeNull()
  })

  test('does not answer where nobody listens', async () => {
    await simulator.close()
    const phone = phoneOf(simulator.phonesUrl, 'up-1')
    expect(await phone.look(aLogin())).toBeNull()
    await expect(phone.do('confirm', aLogin())).rejects.toThrow('The simulated phone does not answer.')
  })

  test('where an upstream knows no devices is the one with the QR code before it, and stays it once that is gone', async () => {
    const { world } = simulator
    world.createDevice('ipad:other', 'ipad')
    const issued = await fetch(`${simulator.url}/iPadLogin`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: simulator.token },
      body: JSON.stringify({ wcId: '', deviceType: 'ipad', proxy: 16, proxyUser: 'desk' }),
    })
    const { data } = (await issued.json()) as { data: { qrCodeUrl: string } }
    const phone = phoneOf(simulator.phonesUrl, null)
    const qrCode = { content: null, url: data.qrCodeUrl, generation: 1 }
    expect(await phone.look(aLogin({ qrCode: null }))).toBeNull()
    await expect(phone.do('scan', aLogin({ qrCode: null }))).rejects.toThrow('Nothing is before')
    expect(await phone.do('scan', aLogin({ qrCode }))).toMatchObject({
      can: expect.arrayContaining(['confirm']),
    })
    expect(await phone.look(aLogin({ qrCode: null }))).toMatchObject({
      can: expect.arrayContaining(['confirm']),
    })
  })

  test('of a push is the one of the account that is asked', async () => {
    const { world } = simulator
    const device = world.createDevice('ipad:desk', 'ipad')
    const account = world.person(device, 'owner')
    world.remember(device, account)
    const login = aLogin({ method: 'PUSH', qrCode: null, expectedWcId: account.wcId })
    expect(await phoneOf(simulator.phonesUrl, null).look(login)).toMatchObject({ code: null })
  })
})
