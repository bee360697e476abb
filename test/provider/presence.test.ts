// Both dialects on accounts that dropped, against the simulator: each popup, however it is wrapped and however "offline" is told;
// and what is no answer never is a "no".

import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import type { Endpoint } from '../../simulator/endpoints.ts'
import type { FaultSpec } from '../../simulator/faults.ts'
import { type Simulator, startSimulator } from '../../simulator/server.ts'
import { nestedReason } from '../../simulator/words.ts'
import { type DialectName, openProvider } from '../../src/provider/dialects.ts'
import { type OfflineReason, type Provider, ProviderError, type Target } from '../../src/provider/port.ts'
import { popups } from './popups.ts'
import { never as neverAnswers, Upstream } from './upstream.ts'

const never = new AbortController().signal
const dialects: readonly DialectName[] = ['open', 'ipad']
const targetOf = (changes: Partial<Target>): Target => ({
  upstreamId: 'desk-1',
  deviceType: 'IPAD',
  province: '广东',
  city: null,
  proxy: null,
  ttuid: null,
  wcId: null,
  handle: null,
  knownHandles: [],
  ...changes,
})

const signIn = ({ world }: Simulator, dialect: DialectName, upstreamId: string): Target => {
  const device = world.createDevice(upstreamId, dialect)
  if (dialect === 'ipad') world.instances.handOver(device)
  world.signIn(device, device.person)
  return targetOf({ upstreamId, wcId: device.person.wcId, handle: device.wId })
}

describe.each(
  dialects.flatMap(dialect =>
    (['plain', 'nested'] as const).flatMap(wrapped =>
      (['flag', 'code'] as const).map(told => ({ dialect, wrapped, told })),
    ),
  ),
)('$dialect: a drop, its reason $wrapped, offline told by $told (P 2.1, P 2.6, P 3.2)', setting => {
  const { dialect, wrapped, told } = setting
  let simulator: Simulator
  let provider: Provider
  let passed = 0
  beforeAll(async () => {
    simulator = await startSimulator({ switches: { onlineTold: told } })
    const { url: baseUrl, token } = simulator
    const monotonic = () => performance.now() + passed
    provider = openProvider({ name: 'simulator', dialect, baseUrl, token, monotonic })
  })
  afterAll(async () => {
    await provider.close()
    await simulator.close()
  })
  let devices = 0
  const drop = async (text: string | null) => {
    const upstreamId = `desk-${++devices}`
    const target = signIn(simulator, dialect, upstreamId)
    passed += 1_000
    expect(await provider.isSignedIn(target, never), 'on').toBe(true)
    simulator.world.phone(upstreamId).goOffline({ text })
    passed += 1_000
    if (dialect === 'open' && told === 'flag')
      // The sister's way of saying it, from the sister's family (P 2.1).
      simulator.world.faults.add({
        endpoint: 'isOnline',
        kind: 'answer',
        code: '1000',
        message: '成功',
        data: { isOnline: false },
        times: 1,
      })
    return { target, online: await provider.isSignedIn(target, never) }
  }

  it.each(popups.flatMap(({ cites, texts, reason }) => texts.map(words => ({ cites, words, reason }))))(
    '$cites: $words is $reason',
    async ({ words, reason }) => {
      const { target, online } = await drop(wrapped === 'nested' ? nestedReason(words) : words)
      expect(online).toBe(false)
      expect(await provider.offlineReason(target, never)).toEqual({ kind: 'TOLD', reason, words })
    },
  )

  it('P 2.6: any other words are kept', async () => {
    const words = '登录出现错误，请你重新登录。'
    const { target } = await drop(wrapped === 'nested' ? nestedReason(words) : words)
    expect(await provider.offlineReason(target, never)).toEqual({ kind: 'TOLD', reason: 'OTHER', words })
  })

  it('P 3.4, 9: none; the sister says by that that the account is online (P 2.1)', async () => {
    const { target, online } = await drop(null)
    const expected: OfflineReason =
      dialect === 'ipad' ? { kind: 'ONLINE' } : { kind: 'TOLD', reason: 'NO_POPUP', words: null }
    expect(online).toBe(false)
    expect(await provider.offlineReason(target, never)).toEqual(expected)
  })
})

/** What an upstream says that cannot say who is on (P 1, P 3.2, P 6.8). */
const noAnswers: readonly (readonly [string, Omit<FaultSpec, 'endpoint'>])[] = [
  ['502', { kind: 'html502' }],
  ['a connection that is reset', { kind: 'reset' }],
  ['an answer that is lost', { kind: 'answerLost' }],
  ['a body that is cut', { kind: 'cutBody' }],
  ['half a JSON text', { kind: 'cutJson' }],
  ['wrong types', { kind: 'wrongTypes' }],
  ['another code', { kind: 'unexpectedCode' }],
  ['未知异常', { kind: 'answer', code: '1001', message: '未知异常' }],
  ['未知异常 with a word of offline', { kind: 'answer', code: '1001', message: '未知异常，可能已离线' }],
  ['a failure to find out', { kind: 'answer', code: '1001', message: '查询离线状态失败' }],
  ['失败 alone', { kind: 'answer', code: '1001', message: '失败' }],
  ['a failure without words', { kind: 'answer', code: '1001', message: '' }],
  ['系统失败', { kind: 'answer', code: '1001', message: '系统失败,请重试' }],
  [
    'an error inside a success',
    { kind: 'answer', data: { code: '1001', message: '二次登录失败，请重新扫码登录', data: null } },
  ],
  ['a bare text', { kind: 'answer', code: '1001', data: '离线' }],
  [
    '500 around a success',
    { kind: 'status', status: 500, body: '{"code":"1000","data":{"isOnline":false}}' },
  ],
  ['500', { kind: 'status', status: 500, body: 'Internal Server Error' }],
  ['a page under 200', { kind: 'status', status: 200, body: '<html></html>' }],
  ['nothing under 200', { kind: 'status', status: 200, body: '' }],
  ['null', { kind: 'status', status: 200, body: 'null' }],
]

/** For one account. */
const unclear: typeof noAnswers = [
  ['a flag that is none', { kind: 'answer', data: { isOnline: 'perhaps' } }],
  ['a flag of another type', { kind: 'answer', data: { isOnline: 0 } }],
  ['a success that says offline', { kind: 'answer', message: '已离线' }],
]

/** For everybody. */
const noLists: Readonly<Record<DialectName, typeof noAnswers>> = {
  open: [
    ['nothing in a success', { kind: 'answer', data: null }],
    ['a success without ids', { kind: 'answer', data: {} }],
    ['no ids of some', { kind: 'answer', data: { deviceIds: null, total: 3 } }],
    ['ids that are no list', { kind: 'answer', data: { deviceIds: { 0: 'desk-1' }, total: 1 } }],
    ['an id that is none', { kind: 'answer', data: { deviceIds: ['desk-2', { id: 'desk-1' }], total: 2 } }],
  ],
  ipad: [
    ['an object', { kind: 'answer', data: { wcId: 'wxid_a', wId: 'w-1' } }],
    ['bare names', { kind: 'answer', data: ['wxid_a'] }],
    ['names in lists', { kind: 'answer', data: [['wxid_a', 'w-1']] }],
    ['entries in other words', { kind: 'answer', data: [{ wxid: 'wxid_a', wId: 'w-1' }] }],
    ['an entry of another type', { kind: 'answer', data: [{ wcId: 7, wId: 'w-1' }] }],
    ['a handle of another type', { kind: 'answer', data: [{ wcId: 'wxid_a', wId: 7 }] }],
  ],
}

describe.each(dialects)('%s: what is no answer is never a "no"', dialect => {
  let simulator: Simulator
  let provider: Provider
  let target: Target
  beforeEach(async () => {
    simulator = await startSimulator({})
    const { url: baseUrl, token } = simulator
    provider = openProvider({ name: 'simulator', dialect, baseUrl, token })
    target = signIn(simulator, dialect, 'desk-1')
  })
  afterEach(async () => {
    await provider.close()
    await simulator.close()
  })
  const bulk: Endpoint = dialect === 'open' ? 'queryLoginDevice' : 'queryLoginWx'

  it.each([...noAnswers, ...unclear])('isSignedIn: %s', async (_name, fault) => {
    simulator.world.faults.add({ ...fault, endpoint: 'isOnline' })
    await expect(provider.isSignedIn(target, never)).rejects.toBeInstanceOf(ProviderError)
  })

  it.each([...noAnswers, ...noLists[dialect]])('listSignedIn: %s', async (_name, fault) => {
    simulator.world.faults.add({ ...fault, endpoint: bulk })
    await expect(provider.listSignedIn(never)).rejects.toBeInstanceOf(ProviderError)
  })

  it.each(['isSignedIn', 'listSignedIn'] as const)('%s: a dead token', async verb => {
    simulator.world.replaceToken()
    const asked = verb === 'isSignedIn' ? provider.isSignedIn(target, never) : provider.listSignedIn(never)
    await expect(asked).rejects.toMatchObject({ name: 'ProviderError', kind: 'UNAUTHORIZED' })
  })

  it('entries of nobody are no reason to doubt a list', async () => {
    const data = {
      open: { deviceIds: [null, '', 'desk-1', 7], total: 3 },
      ipad: [null, {}, { wcId: null, wId: 'w' }, { wcId: ' ' }, { wcId: target.wcId, wId: target.handle }],
    }
    simulator.world.faults.add({ endpoint: bulk, kind: 'answer', data: data[dialect] })
    const list = await provider.listSignedIn(never)
    expect(list.find(target)).toEqual({ online: true, handle: target.handle })
  })
})

describe.each(dialects)('%s: an upstream that hangs', dialect => {
  let upstream: Upstream
  let provider: Provider
  beforeEach(async () => {
    upstream = await Upstream.start(neverAnswers)
    provider = openProvider({ name: 'a', dialect, baseUrl: upstream.origin, token: 'token' })
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  })
  afterEach(async () => {
    vi.useRealTimers()
    await provider.close()
    await upstream.stop()
  })

  it.each(['isSignedIn', 'listSignedIn'] as const)('%s: is no "no"', async verb => {
    const { asked } = upstream
    const target = targetOf({ wcId: 'wxid_a', handle: 'w-1' })
    const work = verb === 'isSignedIn' ? provider.isSignedIn(target, never) : provider.listSignedIn(never)
    const failed = expect(work).rejects.toMatchObject({ name: 'ProviderError', kind: 'TIMEOUT', sent: true })
    await asked
    await vi.advanceTimersByTimeAsync(20_000)
    await failed
  })
})

describe('ipad: who is listed', () => {
  let simulator: Simulator
  let provider: Provider
  beforeEach(async () => {
    simulator = await startSimulator({})
    provider = openProvider({ name: 'a', dialect: 'ipad', baseUrl: simulator.url, token: simulator.token })
  })
  afterEach(async () => {
    await provider.close()
    await simulator.close()
  })
  const find = async (data: FaultSpec['data'], target: Partial<Target>) => {
    simulator.world.faults.add({ endpoint: 'queryLoginWx', kind: 'answer', data })
    return (await provider.listSignedIn(never)).find(targetOf(target))
  }
  const twice = [
    { wcId: 'wxid_a', wId: 'w-1' },
    { wcId: 'wxid_a', wId: 'w-2' },
    { wcId: 'wxid_b', wId: 'w-3' },
  ]

  it.each<[string, Partial<Target>, object]>([
    ['by the account, which is listed twice', { wcId: 'wxid_a' }, { online: true, handle: 'w-1' }],
    [
      'by the account, under the sign-in that is news',
      { wcId: 'wxid_a', knownHandles: ['w-1'] },
      { online: true, handle: 'w-2' },
    ],
    [
      'by the account, under the handle that it still has',
      { wcId: 'wxid_a', handle: 'w-1', knownHandles: ['w-1'] },
      { online: true, handle: 'w-1' },
    ],
    ['by a handle alone', { handle: 'w-3' }, { online: true, handle: 'w-3' }],
    ['by an earlier handle alone', { knownHandles: ['w-0', 'w-2'] }, { online: true, handle: 'w-2' }],
    ['under a new handle', { wcId: 'wxid_b', handle: 'w-0' }, { online: true, handle: 'w-3' }],
    ['not by a handle that is somebody else’s now', { wcId: 'wxid_c', handle: 'w-3' }, { online: false }],
    ['not without a name', {}, { online: false }],
  ])('is found %s (P 2.1)', async (_name, target, found) => {
    expect(await find(twice, target)).toEqual(found)
  })
})
