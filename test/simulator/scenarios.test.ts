import { expect, test } from 'vitest'
import { loadScenarios, parseScenarios, type Scenario } from '../../simulator/scenario.ts'
import { type Simulator, startSimulator } from '../../simulator/server.ts'
import { ask, ManualClock, say } from './support.ts'

const scenarios = loadScenarios()

test('the scenarios of the issue are there', () => {
  expect([...scenarios.keys()]).toEqual(
    expect.arrayContaining([
      'scan-and-confirm',
      'push-confirmed',
      'push-refused-then-qr',
      'push-lapsed-then-qr',
      'push-declined',
      'already-signed-in',
      'wrong-account',
      'qr-expires-unscanned',
      'qr-dies-after-scan',
      'declined-on-phone',
      'code-accepted',
      'code-wrong-then-right',
      'code-wrong-three-times',
      'code-prompt-withdrawn',
      'code-unanswered',
      'new-device-prompt-to-mac',
      'upstream-nonsense',
      'token-dies-mid-login',
      'qr-answer-lost',
      'device-unknown',
      'reset-required',
      'proxy-failed',
      'cancelled-by-caller',
      'empty-shapes-null-fields',
      'empty-shapes-space',
    ]),
  )
})

test.each([...scenarios.values()])('$name begins, ends and cites its sources', scenario => {
  expect(scenario.expect[0]).toMatchObject({ event: 'LoginStarted', state: 'STARTING' })
  expect(scenario.expect.filter(({ event }) => event === 'LoginEnded')).toHaveLength(1)
  expect(scenario.expect.at(-1)).toMatchObject({
    event: 'LoginEnded',
    state: expect.stringMatching(/^(CONFIRMED|EXPIRED|REJECTED|CANCELLED|FAILED)$/),
  })
  for (const { because } of scenario.expect) expect(because).toMatch(/^(P \d(\.\d)?|S\d:\d+)[ ,]/)
})

test('a file with a mistake is refused with its place', () => {
  const good = { ...scenarios.get('scan-and-confirm') }
  const bad = { ...good, script: [{ when: 'qrIsued', do: 'scan' }] }
  expect(() => parseScenarios(bad, 'bad.json')).toThrow(/bad\.json is no scenario[\s\S]*script\[0\]\.when/)
  const worse = { ...good, script: [{ when: 'qrIssued', do: 'scan', ass: 'me' }] }
  expect(() => parseScenarios(worse, 'worse.json')).toThrow(/ass/)
})

/** A caller in a nutshell: no gateway, only enough to walk through each script. */
const walk = async (simulator: Simulator, clock: ManualClock, scenario: Scenario): Promise<void> => {
  const { world } = simulator
  const deviceId = 'd'
  const tell = async (path: string, params: Record<string, string> = {}): Promise<string> => {
    const signal = AbortSignal.timeout(scenario.name === 'upstream-nonsense' ? 100 : 5_000)
    const sent = say(simulator, path, { deviceId, province: '广东', ...params }, { signal })
    return (await sent.catch(error => ({ text: String(error) }))).text
  }
  const issue = (deviceType?: string) =>
    tell('/open/getLoginQrCode', {
      ...(deviceType === undefined ? {} : { deviceType }),
      ...(scenario.client.proxied ? { proxyIp: '10.0.0.1:1080' } : {}),
    })
  if ((await tell('/open/isOnline')).includes('在线')) return
  const codes = (scenario.client.steps ?? []).flatMap(({ code }) => (code === undefined ? [] : [code]))
  const state = { pushing: scenario.client.strategy !== 'QR_CODE', moved: false, issued: 0, sent: 0 }
  const push = state.pushing ? tell('/open/loginAgain') : null
  if (push !== null) await Promise.race([push, world.when('pushShown', deviceId)])
  for (let turn = 0; turn < 60; turn++) {
    if (scenario.gateway?.deadlines?.push !== undefined && turn > 8) state.pushing = false
    if (world.count('pushRefused', deviceId) > 0) state.pushing = false
    if (world.count('declined', deviceId) > 0) break
    if (!state.pushing && state.issued === 0) {
      state.issued++
      const answer = await issue()
      if (answer.includes('1001')) break
      if (answer.startsWith('{') === false) await issue()
    }
    const shown = world.devices.get(deviceId) && world.phone(deviceId).look()
    if (shown?.screen === 'newDevice' && !state.moved) {
      state.moved = true
      await issue('mac')
    } else if (shown?.screen === 'code' && state.sent < codes.length) {
      const code = codes[state.sent++] === 'shown' ? (shown.code ?? '') : 'none'
      await tell('/open/loginVerifyCode', { code })
    } else if (shown?.screen !== 'code') {
      const answer = await tell('/open/checkLoginShort')
      if (/"wcId":"[^"]/.test(answer)) break
      if (
        answer.includes('失效') &&
        state.issued > 0 &&
        state.issued < 3 &&
        world.count('scanned', deviceId) === 0
      ) {
        state.issued++
        await issue()
      }
    }
    clock.advance(250)
  }
  await Promise.race([push, Promise.resolve()])
}

test.each([...scenarios.values()].filter(({ dialect }) => dialect === 'open'))(
  '$name can be walked through',
  async scenario => {
    const clock = new ManualClock()
    await using simulator = await startSimulator({ clock })
    await ask(simulator, '/open/workstation', { deviceId: 'd' })
    const playing = simulator.world.play(scenario, 'd')
    await walk(simulator, clock, scenario)
    expect(playing.problems).toEqual([])
    expect(playing.due).toEqual([])
    const online = simulator.world.devices.get('d')?.online ?? false
    const end = scenario.expect.at(-1)
    const wrongAccount = scenario.name === 'wrong-account'
    expect(online).toBe(end?.state === 'CONFIRMED' || wrongAccount)
    if (wrongAccount) {
      const { account, person } = simulator.world.device('d')
      expect(account?.wcId).not.toBe(person.wcId)
    }
  },
)
