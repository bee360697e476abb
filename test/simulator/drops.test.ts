/**
 * Accounts that drop: in every way, on demand, by a scenario's clock, by a switch, and what is remembered of it.
 */
import { describe, expect, test } from 'vitest'
import type { Dialect } from '../../simulator/device.ts'
import { DROP_WAYS, DROPS } from '../../simulator/drops.ts'
import { parseScenarios } from '../../simulator/scenario.ts'
import { type Simulator, type SimulatorOptions, startSimulator } from '../../simulator/server.ts'
import { type Truth, Truths } from '../../simulator/truths.ts'
import { POPUPS } from '../../simulator/words.ts'
import { post, signIn as signInOnIpad, slotOf } from './ipad-support.ts'
import { ask, control, ManualClock, withQr } from './support.ts'

const simulated = async (options: SimulatorOptions = {}) => {
  const clock = new ManualClock()
  const simulator = await startSimulator({ clock, ...options })
  return { clock, simulator, world: simulator.world, [Symbol.asyncDispose]: () => simulator.close() }
}

const signIn = (simulator: Simulator, deviceId: string, dialect: Dialect = 'open'): void => {
  const { world } = simulator
  const device = world.createDevice(deviceId, dialect)
  if (dialect === 'ipad') world.instances.handOver(device)
  world.signIn(device, device.person)
}

const kinds = (truths: readonly Truth[]) => truths.map(({ kind }) => kind)

describe('on demand', () => {
  test.each(DROP_WAYS)('%s leaves its popup, on both dialects', async way => {
    await using own = await simulated()
    const { world, simulator } = own
    const text = POPUPS[DROPS[way].popup]
    signIn(simulator, 'd')
    world.drop('d', way)
    expect((await ask(simulator, '/open/offlineReason', { deviceId: 'd' })).data).toEqual({ reason: text })
    expect(await ask(simulator, '/open/isOnline', { deviceId: 'd' })).toMatchObject({ code: '1001' })
    signIn(simulator, 'slot', 'ipad')
    world.drop('slot', way)
    const { wcId } = world.device('slot').person
    expect((await post(simulator, '/offlineReason', { wcId })).data).toEqual([{ wcId, reason: text }])
    expect(world.truths().filter(({ kind }) => kind === 'dropped')).toMatchObject([
      { deviceId: 'd', dialect: 'open', way, popup: text },
      { deviceId: 'slot', dialect: 'ipad', way, popup: text, wcId },
    ])
  })

  test('every popup of P 3.4 has a way to it', () => {
    expect(new Set(DROP_WAYS.map(way => DROPS[way].popup))).toEqual(new Set(Object.keys(POPUPS)))
  })

  test('the control API has the deed, and tells what happened', async () => {
    await using own = await simulated()
    signIn(own.simulator, 'd')
    const drop = { do: 'drop', way: 'kickedByOtherClient' }
    expect((await control(own.simulator, 'POST', '/devices/d/do', drop)).status).toBe(200)
    expect((await control(own.simulator, 'POST', '/devices/d/do', drop)).status).toBe(409)
    const { json } = await control(own.simulator, 'GET', '/truths?after=1')
    expect(json.truths).toMatchObject([
      { kind: 'signedIn', number: 2, first: true },
      { kind: 'dropped', number: 3, way: 'kickedByOtherClient', popup: POPUPS.signedInElsewhere },
    ])
    expect((await control(own.simulator, 'GET', '/truths?deviceId=other')).json.truths).toEqual([])
  })
})

describe('by a switch', () => {
  test('the first night on a new device, and that one alone', async () => {
    await using own = await simulated({ switches: { dropsAfterSignIn: 'firstNight' } })
    const { world, simulator, clock } = own
    signIn(simulator, 'd')
    // Noon in Shanghai: sixteen hours to four in the morning.
    clock.advance(16 * 3_600_000 - 1)
    expect(world.device('d').online).toBe(true)
    clock.advance(1)
    expect(world.device('d').online).toBe(false)
    signIn(simulator, 'd')
    clock.advance(3 * 86_400_000)
    expect(world.device('d').online).toBe(true)
    world.resetDevice(world.device('d'))
    signIn(simulator, 'd')
    clock.advance(86_400_000)
    expect(world.device('d').online).toBe(false)
  })

  test('within 60 seconds of each sign-in; one that is over drops no more', async () => {
    await using own = await simulated()
    const { world, simulator, clock } = own
    world.createDevice('d')
    world.set({ switches: { dropsAfterSignIn: 'within60Seconds' } }, 'd')
    signIn(simulator, 'd')
    clock.advance(59_999)
    expect(world.truths().at(-1)).toMatchObject({ kind: 'dropped', way: 'within60Seconds' })
    signIn(simulator, 'd')
    clock.advance(30_000)
    await ask(simulator, '/open/logout', { deviceId: 'd' })
    signIn(simulator, 'd')
    clock.advance(30_000)
    expect(world.device('d').online).toBe(true)
    world.set({ switches: { dropsAfterSignIn: 'never' } }, 'd')
    world.removeDevice('d')
    expect(clock.waiting).toBe(0)
  })

  test('one in three each five minutes, in turns and silently', async () => {
    await using own = await simulated({ switches: { dropEvery: 3 } })
    const { world, simulator, clock } = own
    for (let n = 0; n < 9; n++) signIn(simulator, `d${n}`)
    const online = () => [...world.devices.values()].filter(device => device.online).length
    clock.advance(299_999)
    expect(online()).toBe(9)
    clock.advance(1)
    expect(online()).toBe(6)
    clock.advance(600_000)
    expect(online()).toBe(0)
    const drops = world.truths().filter(({ kind }) => kind === 'dropped')
    expect(new Set(drops.map(({ at }) => at)).size).toBe(3)
    expect(drops).toMatchObject(Array.from({ length: 9 }, () => ({ way: 'silent', popup: null })))
    world.set({ switches: { dropEvery: 0 } })
    expect(clock.waiting).toBe(0)
  })
})

describe("by a scenario's clock", () => {
  const scenario = (more: object) => {
    const [parsed] = parseScenarios(
      {
        name: 'a-story-of-drops',
        description: 'Somebody drops, comes back and drops again.',
        dialect: 'open',
        script: [],
        client: { strategy: 'AUTO' },
        expect: [{ event: 'LoginStarted', state: 'STARTING', because: 'S3:1 …' }],
        ...more,
      },
      'here.json',
    )
    if (parsed === undefined) throw new Error('No scenario')
    return parsed
  }

  test('each sign-in ends as it says, by the clock alone', async () => {
    await using own = await simulated()
    const { world, simulator, clock } = own
    const playing = world.play(
      scenario({
        drops: [
          { way: 'within60Seconds' },
          { way: 'passwordChanged', after: 3_600_000, signIn: 2 },
          { way: 'silent', after: 500, signIn: 3 },
        ],
      }),
      'd',
    )
    for (let n = 0; n < 4; n++) {
      signIn(simulator, 'd')
      clock.advance(3_600_000)
    }
    expect(playing.problems).toEqual([])
    const began = world.truths().filter(({ kind }) => kind === 'signedIn')
    const drops = world.truths().filter(truth => truth.kind === 'dropped')
    expect(drops.map(({ way, at }, n) => [way, at - (began[n]?.at ?? 0)])).toEqual([
      ['within60Seconds', 45_000],
      ['passwordChanged', 3_600_000],
      ['silent', 500],
    ])
    expect(world.device('d').online).toBe(true)
  })

  test('also the sign-in that it starts with', async () => {
    await using own = await simulated()
    const startsWith = { account: 'owner', online: true }
    own.world.play(
      scenario({ startsWith, drops: [{ way: 'faceDataChanged', after: 1_000, signIn: 0 }] }),
      'd',
    )
    own.clock.advance(1_000)
    expect(own.world.truths()).toMatchObject([
      { kind: 'created' },
      { kind: 'signedIn', by: 'before', first: false },
      { kind: 'dropped', way: 'faceDataChanged' },
    ])
  })

  test('a way that there is not is refused', () => {
    expect(() => scenario({ drops: [{ way: 'bored' }] })).toThrow(/drops\[0\]\.way/)
  })
})

describe('what really happened', () => {
  test('is told in order, with who, how and when', async () => {
    await using own = await simulated()
    const { world, simulator, clock } = own
    await withQr(simulator, 'd')
    world.phone('d').scan()
    world.phone('d').confirm()
    clock.advance(2_000)
    await ask(simulator, '/open/checkLoginShort', { deviceId: 'd' })
    const signedIn = world.now()
    clock.advance(5_000)
    await ask(simulator, '/open/setDeviceProxy', { deviceId: 'd', proxyIp: '10.0.0.1:1080', proxyUser: 'u' })
    const { wcId } = world.device('d').person
    world.changeProfile(wcId, { nickName: '新名字' })
    const { data } = await ask(simulator, '/open/checkLoginShort', { deviceId: 'd' })
    expect(data).toMatchObject({ wcId, nickName: '新名字' })
    world.drop('d', 'network')
    await ask(simulator, '/open/loginAgain', { deviceId: 'd' }, { signal: AbortSignal.timeout(50) }).catch(
      () => {},
    )
    world.phone('d').confirm()
    await ask(simulator, '/open/checkLoginShort', { deviceId: 'd' })
    await ask(simulator, '/open/logout', { deviceId: 'd' })
    await ask(simulator, '/open/workstation/resetDevice', { deviceId: 'd' })
    const truths = world.truths()
    expect(kinds(truths)).toEqual([
      'created',
      'signedIn',
      'proxySet',
      'profileChanged',
      'dropped',
      'signedIn',
      'loggedOut',
      'reset',
    ])
    expect(truths.map(({ number }) => number)).toEqual([1, 2, 3, 4, 5, 6, 7, 8])
    expect(truths[1]).toMatchObject({ at: signedIn, wcId, by: 'qr', deviceType: 'ipad', first: true })
    expect(truths[2]).toMatchObject({ at: signedIn + 5_000, proxy: { ip: '10.0.0.1:1080', user: 'u' } })
    // As it was then, whatever it became.
    expect(truths[1]).not.toMatchObject({ profile: { nickName: '新名字' } })
    expect(truths[3]).toMatchObject({ wcId, profile: { nickName: '新名字' } })
    expect(truths[5]).toMatchObject({ by: 'push', first: false, profile: { nickName: '新名字' } })
    expect(truths[7]).toMatchObject({ wcId: null })
  })

  test('a sign-in elsewhere is a drop here, told first', async () => {
    await using own = await simulated()
    const { world, simulator } = own
    signIn(simulator, 'a')
    const account = world.device('a').person
    world.signIn(world.createDevice('b'), account)
    expect(kinds(world.truths())).toEqual(['created', 'signedIn', 'created', 'dropped', 'signedIn'])
    expect(world.truths()[3]).toMatchObject({ deviceId: 'a', way: 'kickedByOtherClient', wcId: account.wcId })
  })

  test('a sign-in of ipad has the handle that the gateway is told', async () => {
    await using own = await simulated({})
    const { simulator, world } = own
    const { profile } = await signInOnIpad(simulator, 'desk')
    await post(simulator, '/logout', { wId: profile.wId })
    expect(world.truths().filter(({ deviceId }) => deviceId === slotOf('desk'))).toMatchObject([
      { kind: 'created' },
      { kind: 'proxySet' },
      { kind: 'signedIn', wId: profile.wId, wcId: profile.wcId, by: 'qr' },
      { kind: 'loggedOut', wId: profile.wId },
    ])
  })

  test('the oldest go once there are very many; numbers stay', async () => {
    await using own = await simulated()
    const truths = new Truths(100)
    const device = own.world.createDevice('d')
    for (let at = 1; at <= 1_000; at++) truths.add(device, at, { kind: 'created' })
    expect(truths.all().map(({ number }) => number)).toEqual(Array.from({ length: 100 }, (_, n) => 901 + n))
  })
})
