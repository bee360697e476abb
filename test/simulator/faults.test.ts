import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { FaultSpec } from '../../simulator/faults.ts'
import { type Simulator, startSimulator } from '../../simulator/server.ts'
import { ask, ManualClock, say, withQr } from './support.ts'

let clock: ManualClock
let simulator: Simulator
beforeEach(async () => {
  clock = new ManualClock()
  simulator = await startSimulator({ clock })
})
afterEach(() => simulator.close())

const poll = () => say(simulator, '/open/checkLoginShort', { deviceId: 'd' })
const issue = () => say(simulator, '/open/getLoginQrCode', { deviceId: 'd', province: '广东' })
const fault = (spec: Partial<FaultSpec> & Pick<FaultSpec, 'kind'>) =>
  simulator.world.faults.add({ endpoint: 'checkLoginShort', times: 1, ...spec })

describe('what a client sees', () => {
  beforeEach(async () => void (await withQr(simulator, 'd')))
  afterEach(async () => expect((await poll()).status).toBe(200))

  test('502 with HTML', async () => {
    fault({ kind: 'html502' })
    const { status, type, text } = await poll()
    expect([status, type]).toEqual([502, 'text/html'])
    expect(text).toContain('<html>')
  })

  test('cut JSON: a whole answer that is half a document', async () => {
    fault({ kind: 'cutJson' })
    const { status, text } = await poll()
    expect(status).toBe(200)
    expect(text.startsWith('{"message"')).toBe(true)
    expect(() => JSON.parse(text)).toThrow(SyntaxError)
  })

  test('a cut body: the connection ends before the answer does', async () => {
    fault({ kind: 'cutBody' })
    await expect(poll()).rejects.toThrow()
  })

  test('wrong types', async () => {
    fault({ kind: 'wrongTypes' })
    expect(JSON.parse((await poll()).text)).toMatchObject({ code: ['1000'], message: { zh: 42 } })
  })

  test('a code that nobody knows, and an answer of one’s own', async () => {
    fault({ kind: 'unexpectedCode' })
    expect(JSON.parse((await poll()).text).code).toBe('9999')
    fault({ kind: 'answer', code: '1001', message: '系统失败,请重试', data: '' })
    expect(JSON.parse((await poll()).text)).toEqual({ code: '1001', message: '系统失败,请重试', data: '' })
    fault({ kind: 'status', status: 429, body: 'slow down' })
    expect(await poll()).toMatchObject({ status: 429, text: 'slow down' })
  })

  test('a reset connection', async () => {
    fault({ kind: 'reset' })
    await expect(poll()).rejects.toThrow()
    expect(simulator.log.calls().at(-1)).toMatchObject({ fault: 'reset', end: 'reset', answered: null })
  })

  test('a hanging call ends when the client gives up', async () => {
    fault({ kind: 'hang' })
    const stop = new AbortController()
    const hanging = say(simulator, '/open/checkLoginShort', { deviceId: 'd' }, { signal: stop.signal })
    await simulator.world.when('asked:checkLoginShort', 'd')
    stop.abort()
    await expect(hanging).rejects.toThrow()
    await simulator.world.until(() => simulator.log.calls().at(-1)?.ended !== null)
  })

  test('a delay: the effect comes late, with the answer', async () => {
    fault({ kind: 'delay', ms: 5_000 })
    const late = poll()
    await simulator.world.when('asked:checkLoginShort', 'd')
    simulator.world.phone('d').scan()
    clock.advance(5_000)
    expect((await late).text).toContain('/mmhead/')
  })
})

describe('what happened upstream', () => {
  beforeEach(() => void simulator.world.createDevice('d'))
  const generation = () => simulator.world.device('d').generation

  test('an answer lost after the effect: the QR code was issued', async () => {
    fault({ kind: 'answerLost', endpoint: 'getLoginQrCode' })
    await expect(issue()).rejects.toThrow()
    expect(generation()).toBe(1)
  })

  test('a reset before the effect: none was', async () => {
    fault({ kind: 'reset', endpoint: 'getLoginQrCode' })
    await expect(issue()).rejects.toThrow()
    expect(generation()).toBe(0)
  })

  test.each([
    ['html502', 'applied', 1],
    ['cutJson', 'none', 0],
  ] as const)('%s can have its effect %s', async (kind, effect, issued) => {
    fault({ kind, endpoint: 'getLoginQrCode', effect })
    await issue()
    expect(generation()).toBe(issued)
  })

  test('a code whose answer was lost signs in all the same', async () => {
    await issue()
    simulator.world.phone('d').scan()
    const code = simulator.world.phone('d').askForCode()
    fault({ kind: 'answerLost', endpoint: 'loginVerifyCode' })
    await expect(ask(simulator, '/open/loginVerifyCode', { deviceId: 'd', code })).rejects.toThrow()
    expect((await ask(simulator, '/open/isOnline', { deviceId: 'd' })).message).toBe('在线')
  })
})

describe('which call meets it', () => {
  beforeEach(async () => {
    await withQr(simulator, 'd')
    await withQr(simulator, 'e')
  })
  const status = async (deviceId: string) =>
    (await say(simulator, '/open/checkLoginShort', { deviceId })).status

  test('only those of its device', async () => {
    fault({ kind: 'html502', deviceId: 'e' })
    expect(await status('d')).toBe(200)
    expect(await status('e')).toBe(502)
    expect(await status('e')).toBe(200)
  })

  test('after some have passed, and one fault at a time in order', async () => {
    fault({ kind: 'html502', skip: 1 })
    fault({ kind: 'status', status: 500, skip: 1 })
    expect([await status('d'), await status('d'), await status('d'), await status('d')]).toEqual([
      200, 502, 500, 200,
    ])
  })

  test('until it is cleared', async () => {
    const { id } = simulator.world.faults.add({ endpoint: '*', kind: 'html502' })
    expect([await status('d'), await status('e')]).toEqual([502, 502])
    simulator.world.faults.clear({ id })
    expect(await status('d')).toBe(200)
  })

  test('pictures too', async () => {
    const url = await withQr(simulator, 'f')
    simulator.world.faults.add({ endpoint: 'qrPicture', kind: 'html502', times: 1 })
    expect((await fetch(url)).status).toBe(502)
    expect((await fetch(url)).status).toBe(200)
  })
})
