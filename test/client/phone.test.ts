import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { phoneOf } from '../../client/terminal/phone.ts'
import { type Simulator, startSimulator } from '../../simulator/server.ts'

let simulator: Simulator

beforeEach(async () => {
  simulator = await startSimulator()
})
afterEach(() => simulator.close())

describe('The simulated phone', () => {
  test('says what it shows and what can be done', async () => {
    simulator.world.createDevice('up-1')
    expect(await phoneOf(simulator.phonesUrl, 'up-1').look()).toMatchObject({ says: '', code: null, can: [] })
  })

  test('refuses in its own words', async () => {
    simulator.world.createDevice('up-1')
    await expect(phoneOf(simulator.phonesUrl, 'up-1').do('scan')).rejects.toThrow(
      'The phone: There is no QR code to scan.',
    )
  })

  test('of a device that is not there shows nothing', async () => {
    expect(await phoneOf(`${simulator.phonesUrl}/`, 'up 2').look()).toBeNull()
  })

  test('does not answer where nobody listens', async () => {
    await simulator.close()
    const phone = phoneOf(simulator.phonesUrl, 'up-1')
    expect(await phone.look()).toBeNull()
    await expect(phone.do('confirm')).rejects.toThrow('The simulated phone does not answer.')
  })
})
