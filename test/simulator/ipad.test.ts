import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Simulator, startSimulator } from '../../simulator/server.ts'
import { type Issued, issue, type Profile, polling, post, signIn, slotOf } from './ipad-support.ts'

let simulator: Simulator
beforeAll(async () => {
  simulator = await startSimulator({ timings: { pollGapMs: 0 } })
})
afterAll(() => simulator.close())

const phoneOf = (desk: string) => simulator.world.phone(slotOf(desk))
const watchOf = (desk: string) => simulator.world.device(slotOf(desk)).watch
const failure = { code: '1001', data: null }

describe('the developer', () => {
  test('gets a token, and a status that is a number', async () => {
    const { code, data } = await post(
      simulator,
      '/member/login',
      { account: 'dev', password: 'x' },
      { token: null },
    )
    expect(code).toBe('1000')
    expect(data).toMatchObject({ Authorization: simulator.token, status: 0, callbackUrl: null, wcIds: null })
    const wrong = await post(simulator, '/member/login', { account: 'dev', password: 'wrong' })
    expect(wrong).toMatchObject({ ...failure, message: '用户名或密码错误' })
  })

  test('sends the token raw, on everything else', async () => {
    for (const token of [null, 'other', `Bearer ${simulator.token}`])
      expect((await post(simulator, '/queryLoginWx', {}, { token })).status).toBe(401)
  })
})

describe('a QR code', () => {
  test.each(['json', 'form', 'multipart'] as const)('is issued to a %s body', async as => {
    const body = { wcId: '', deviceType: 'ipad', proxy: 2, proxyUser: `body-${as}` }
    const { code, message, data } = await post(simulator, '/iPadLogin', body, { as })
    expect([code, message]).toEqual(['1000', '登录成功'])
    expect(data).toEqual({ wId: expect.any(String), qrCodeUrl: expect.stringMatching(/^http.*Signature=/) })
  })

  test('is issued as clients of each generation ask for it', async () => {
    const shapes: Record<string, unknown>[] = [
      { wcId: '', proxy: '2' },
      { deviceType: 'mac', proxy: '10' },
      { wcId: '', type: 2, proxy: 5 },
      { wcId: '', deviceType: 'ipad', proxy: 30, proxyIp: '1.2.3.4:80', proxyUser: 'a', proxyPassword: 'b' },
      { wcId: '', deviceType: 'ipad', aid: 'aid-1' },
    ]
    for (const shape of shapes) expect((await post(simulator, '/iPadLogin', shape)).code).toBe('1000')
    expect((await post(simulator, '/localIPadLogin', { wcId: '', ttuid: 'tt-1' })).code).toBe('1000')
  })

  test('needs an exit, an area that exists and a device type that exists', async () => {
    for (const wrong of [{ wcId: '' }, { wcId: '', proxy: 31 }, { wcId: '', proxy: 1, deviceType: 'pc' }])
      expect(await post(simulator, '/iPadLogin', wrong)).toMatchObject(failure)
    expect(await post(simulator, '/localIPadLogin', { wcId: '' })).toMatchObject(failure)
  })

  test('has a wId of its own each time, and the one before is dead', async () => {
    const first = await issue(simulator, 'again')
    const { answer } = await polling(simulator, 'again', first.wId)
    const second = await issue(simulator, 'again')
    expect(second.wId).not.toBe(first.wId)
    expect(await answer).toMatchObject({ ...failure, message: '二维码已过期' })
  })

  test('over a proxy that fails is none', async () => {
    const { world } = simulator
    world.createDevice(slotOf('bad-line'), 'ipad')
    world.set({ switches: { proxy: 'fails', proxyFailedText: '网络链接异常' } }, slotOf('bad-line'))
    const body = { wcId: '', proxy: 1, proxyIp: '1.2.3.4:80', proxyUser: 'bad-line', proxyPassword: 'b' }
    expect(await post(simulator, '/iPadLogin', body)).toMatchObject({ ...failure, message: '网络链接异常' })
  })
})

describe('whose phone it is', () => {
  const slotAfter = async (body: Record<string, unknown>): Promise<string | null> => {
    await post(simulator, '/iPadLogin', { deviceType: 'ipad', proxy: 1, ...body })
    return simulator.log.calls({ endpoint: 'iPadLogin' }).at(-1)?.deviceId ?? null
  }

  test('the account that signed in there, else the line, else the ttuid, else a new one each time', async () => {
    const { profile } = await signIn(simulator, 'home')
    expect(await slotAfter({ wcId: profile.wcId, proxyUser: 'elsewhere' })).toBe(slotOf('home'))
    expect(await slotAfter({ wcId: '', proxyUser: 'line', ttuid: 'tt' })).toBe(slotOf('line'))
    expect(await slotAfter({ wcId: '', ttuid: 'tt' })).toBe(slotOf('tt'))
    expect(await slotAfter({ wcId: 'wxid_nobody' })).toBe(slotOf('wxid_nobody'))
    const [one, other] = [await slotAfter({ wcId: '' }), await slotAfter({ wcId: '' })]
    expect([one, other]).toEqual([expect.stringMatching(/^ipad-\d+$/), expect.stringMatching(/^ipad-\d+$/)])
    expect(one).not.toBe(other)
  })
})

describe('a poll', () => {
  test('hangs through the scan, and answers with everything once the person confirms', async () => {
    const { polled, profile } = await signIn(simulator, 'plain')
    expect(profile).toMatchObject({
      wcId: expect.stringMatching(/^wxid_/),
      wAccount: expect.any(String),
      nickName: expect.any(String),
      headUrl: expect.stringMatching(/\/0$/),
      smallHeadImgUrl: expect.stringMatching(/\/132$/),
      deviceType: expect.stringMatching(/^(android|iPhone)$/),
      mobilePhone: expect.stringMatching(/^1\d{10}$/),
      status: 3,
    })
    expect(profile.uin).toBeGreaterThan(2 ** 31)
    expect(profile.wId).not.toBe(polled)
    expect(watchOf('plain')).toMatchObject({ pollsOverlapping: 0, pollsAfterSuccess: 0 })
  })

  test.each(['form', 'multipart'] as const)(
    'is understood in a %s body, its numbers and truths as text',
    async as => {
      const { wId } = await issue(simulator, `poll-${as}`)
      phoneOf(`poll-${as}`).scan()
      phoneOf(`poll-${as}`).confirm()
      const { data } = await post(simulator, '/getIPadLoginInfo', { wId, autoCheck: 'false' }, { as })
      expect(data).toMatchObject({ wcId: expect.any(String) })
    },
  )

  test('without autoCheck, and by its sibling, is a poll too', async () => {
    for (const path of ['/getIPadLoginInfo', '/simpleIPadLoginInfo']) {
      const { wId } = await issue(simulator, `bare${path}`)
      phoneOf(`bare${path}`).scan()
      phoneOf(`bare${path}`).confirm()
      expect((await post(simulator, path, { wId })).data).toMatchObject({ status: 3 })
    }
  })

  test('of a wId that nobody knows fails without a word', async () => {
    expect(await post(simulator, '/getIPadLoginInfo', { wId: 'none' })).toMatchObject({
      ...failure,
      message: '失败',
    })
  })

  test('after success is counted, by either wId', async () => {
    const { polled, profile } = await signIn(simulator, 'late')
    for (const wId of [polled, profile.wId])
      expect((await post(simulator, '/getIPadLoginInfo', { wId })).data).toMatchObject({ wId: profile.wId })
    expect(watchOf('late').pollsAfterSuccess).toBe(2)
  })

  test('that was abandoned leaves the login alone', async () => {
    const { wId } = await issue(simulator, 'left')
    const gone = new AbortController()
    const { answer } = await polling(simulator, 'left', wId, {}, gone.signal)
    gone.abort()
    await expect(answer).rejects.toThrow()
    await simulator.world.until(() => watchOf('left').pollsUnderWay === 0)
    const next = await polling(simulator, 'left', wId)
    phoneOf('left').scan()
    phoneOf('left').confirm()
    expect((await next.answer).data).toMatchObject({ status: 3 })
    expect(watchOf('left').pollsOverlapping).toBe(0)
  })
})

describe('a code', () => {
  const asked = async (desk: string): Promise<Issued> => {
    const issued = await issue(simulator, desk)
    const { answer } = await polling(simulator, desk, issued.wId)
    phoneOf(desk).scan()
    phoneOf(desk).askForCode('042137')
    expect(await answer).toMatchObject({ ...failure, message: '请在iPad上输入验证码' })
    return issued
  }

  test('is asked for at once, and signs in by the same call', async () => {
    const { wId } = await asked('code')
    const wrong = await post(simulator, '/getIPadLoginInfo', { wId, autoCheck: false, verifyCode: '111111' })
    expect(wrong).toMatchObject(failure)
    const right = await post(simulator, '/getIPadLoginInfo', { wId, autoCheck: false, verifyCode: '042137' })
    expect(right.data).toMatchObject({ status: 3 })
    expect(watchOf('code').pollsWhileCodeAsked).toBe(0)
  })

  test('sent as a number has lost its zero', async () => {
    const { wId } = await asked('number')
    expect(await post(simulator, '/getIPadLoginInfo', { wId, verifyCode: 42137 })).toMatchObject(failure)
  })

  test('that was asked for is asked for again by a poll, which is counted', async () => {
    const { wId } = await asked('twice')
    expect((await post(simulator, '/getIPadLoginInfo', { wId })).message).toBe('请在iPad上输入验证码')
    expect(watchOf('twice').pollsWhileCodeAsked).toBe(1)
  })

  test('is asked for in the same words where the phone wants the new device verified', async () => {
    const { wId } = await issue(simulator, 'new')
    const { answer } = await polling(simulator, 'new', wId)
    phoneOf('new').scan()
    phoneOf('new').askForNewDevice()
    expect((await answer).message).toBe('请在iPad上输入验证码')
    expect(phoneOf('new').look().says).toBe('在新设备完成验证')
    expect(await post(simulator, '/getIPadLoginInfo', { wId, verifyCode: '042137' })).toMatchObject(failure)
  })
})

describe('a push', () => {
  test('hangs until the person confirms, and brings a new wId', async () => {
    const { profile } = await signIn(simulator, 'push')
    phoneOf('push').goOffline('securityCheck')
    const answer = post(simulator, '/secondLogin', { wcId: profile.wcId, type: 2 }, { as: 'form' })
    await simulator.world.when('pushShown', slotOf('push'))
    phoneOf('push').confirm()
    const { code, data } = await answer
    expect(code).toBe('1000')
    expect(data).toMatchObject({ wcId: profile.wcId, status: 3 })
    expect((data as Profile).wId).not.toBe(profile.wId)
  })

  test('that is declined fails inside a success, or outright', async () => {
    const { profile } = await signIn(simulator, 'no')
    phoneOf('no').goOffline('securityCheck')
    for (const [pushFailure, told] of [
      [
        'nested',
        { code: '1000', data: { code: '1001', message: '二次登录失败，请重新扫码登录', data: null } },
      ],
      ['outer', { ...failure, message: '系统失败,请重试' }],
    ] as const) {
      simulator.world.set({ switches: { pushFailure } }, slotOf('no'))
      const shown = simulator.world.next('pushShown', slotOf('no'))
      const answer = post(simulator, '/secondLogin', { wcId: profile.wcId, ttuid: 'tt', aid: 'a' })
      await shown
      phoneOf('no').decline()
      expect(await answer).toMatchObject(told)
    }
  })

  test('to an account that never signed in is refused', async () => {
    const { data } = await post(simulator, '/secondLogin', { wcId: 'wxid_never' })
    expect(data).toMatchObject({ code: '1001' })
  })

  test('whose caller has gone still signs in', async () => {
    const { profile } = await signIn(simulator, 'unheard')
    phoneOf('unheard').goOffline('securityCheck')
    const gone = new AbortController()
    const answer = post(simulator, '/secondLogin', { wcId: profile.wcId }, { signal: gone.signal })
    await simulator.world.when('pushShown', slotOf('unheard'))
    gone.abort()
    await expect(answer).rejects.toThrow()
    phoneOf('unheard').confirm()
    const { data } = await post(simulator, '/queryLoginWx', {})
    expect(data).toContainEqual({ wcId: profile.wcId, wId: expect.not.stringMatching(profile.wId) })
  })
})

describe('who is signed in', () => {
  test('is listed with the wId of now', async () => {
    const { polled, profile } = await signIn(simulator, 'listed')
    const { data } = await post(simulator, '/queryLoginWx', {})
    expect(data).toContainEqual({ wcId: profile.wcId, wId: profile.wId })
    const online = async (wId: string) => (await post(simulator, '/isOnline', { wId })).data
    expect([await online(profile.wId), await online(polled)]).toEqual([
      { isOnline: true },
      { isOnline: false },
    ])
    simulator.world.set({ switches: { onlineTold: 'code' } }, slotOf('listed'))
    expect((await post(simulator, '/isOnline', { wId: profile.wId })).code).toBe('1000')
    expect((await post(simulator, '/isOnline', { wId: polled })).code).toBe('1001')
  })

  test('and why no longer: a text, or XML in JSON in a text', async () => {
    const { profile } = await signIn(simulator, 'why')
    const reason = async () => (await post(simulator, '/offlineReason', { wcId: profile.wcId })).data
    expect(await reason()).toEqual([{ wcId: profile.wcId, reason: null }])
    phoneOf('why').goOffline('environmentCheck')
    expect(await reason()).toEqual([{ wcId: profile.wcId, reason: '设备环境异常，请重新登录' }])
    simulator.world.set({ switches: { offlineReasonAs: 'nested' } }, slotOf('why'))
    const [{ reason: nested }] = (await reason()) as [{ reason: string }]
    expect(JSON.parse(nested).baseResponse.errMsg.string).toContain('<![CDATA[设备环境异常，请重新登录]]>')
  })

  test('can be given another proxy, and be put offline by wId or by a list', async () => {
    const [one, two, three] = [
      await signIn(simulator, 'off-1'),
      await signIn(simulator, 'off-2'),
      await signIn(simulator, 'off-3'),
    ]
    const proxy = { proxyIp: '1.2.3.4:80', proxyUser: 'u', proxyPassword: 'p' }
    expect((await post(simulator, '/setproxy', { wcId: one.profile.wcId, ...proxy })).code).toBe('1000')
    expect((await post(simulator, '/setproxy', { wcId: one.profile.wcId })).code).toBe('1001')
    expect((await post(simulator, '/logout', { wId: one.polled })).code).toBe('1001')
    expect((await post(simulator, '/logout', { wId: one.profile.wId })).code).toBe('1000')
    await post(simulator, '/member/offline', { account: 'dev', wcIds: [two.profile.wcId] })
    await post(simulator, '/member/offline', { account: 'dev', wcids: [three.profile.wcId] }, { as: 'form' })
    const states = [1, 2, 3].map(n => simulator.world.device(slotOf(`off-${n}`)).online)
    expect(states).toEqual([false, false, false])
  })
})
