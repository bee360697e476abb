import { request } from 'undici'
import { expect, test } from 'vitest'
import { startSimulator } from '../../simulator/server.ts'
import type { Switches } from '../../simulator/settings.ts'
import { issue, type Profile, polling, post, signIn, slotOf } from './ipad-support.ts'
import { control, ManualClock } from './support.ts'

const withSwitches = (switches: Partial<Switches>) => startSimulator({ switches, timings: { pollGapMs: 0 } })
const desk = 'desk'
const slot = slotOf(desk)

test('nobody scans: the QR code dies by its clock, in the words that the switch has', async () => {
  for (const expiredText of ['二维码已过期', '失败']) {
    const clock = new ManualClock()
    await using simulator = await startSimulator({ clock, switches: { expiredText } })
    const { wId } = await issue(simulator, desk)
    const { answer } = await polling(simulator, desk, wId)
    clock.advance(229_999)
    expect(simulator.world.phone(slot).look().screen).toBe('scannable')
    clock.advance(1)
    expect(await answer).toMatchObject({ code: '1001', message: expiredText })
  }
})

test('a poll answers at the end of its window, and what was scanned is over then', async () => {
  const clock = new ManualClock()
  await using simulator = await startSimulator({ clock, timings: { ipadQrLifetimeMs: 400_000 } })
  const { wId } = await issue(simulator, desk)
  const { answer } = await polling(simulator, desk, wId)
  simulator.world.phone(slot).scan()
  clock.advance(249_999)
  expect(simulator.world.phone(slot).look().screen).toBe('confirm')
  clock.advance(1)
  expect(await answer).toMatchObject({ code: '1001', message: '二维码已过期' })
  expect(simulator.world.phone(slot).look().screen).toBe('expired')
})

test('a push lapses after three minutes', async () => {
  const clock = new ManualClock()
  await using simulator = await startSimulator({ clock })
  const { profile } = await signIn(simulator, desk)
  simulator.world.phone(slot).goOffline('securityCheck')
  const answer = post(simulator, '/secondLogin', { wcId: profile.wcId })
  await simulator.world.when('pushShown', slot)
  clock.advance(180_000)
  expect((await answer).data).toMatchObject({ code: '1001' })
})

test('a code is asked for in the older spelling, or only on the phone', async () => {
  await using simulator = await withSwitches({ codePrompt: 'ipad' })
  const phone = simulator.world
  const { wId } = await issue(simulator, desk)
  const { answer } = await polling(simulator, desk, wId)
  phone.phone(slot).scan()
  phone.phone(slot).askForCode()
  expect((await answer).message).toBe('请在ipad上输入验证码')
  simulator.world.set({ switches: { codePrompt: 'silent' } })
  const silent = await polling(simulator, desk, wId)
  simulator.world.phone(slot).killQr()
  expect((await silent.answer).message).toBe('二维码已过期')
})

test('a right code may ask for a tap: its call hangs like any poll', async () => {
  await using simulator = await withSwitches({ codeCompletes: 'asksToConfirm' })
  const { wId } = await issue(simulator, desk)
  simulator.world.phone(slot).scan()
  const verifyCode = simulator.world.phone(slot).askForCode()
  const { answer } = await polling(simulator, desk, wId, { verifyCode })
  await simulator.world.when('codeAccepted', slot)
  simulator.world.phone(slot).confirm()
  expect((await answer).data).toMatchObject({ status: 3 })
})

test('a code may be void once it was polled after it was asked for', async () => {
  await using simulator = await withSwitches({ codeVoidedByPoll: 'afterPage' })
  const { wId } = await issue(simulator, desk)
  simulator.world.phone(slot).scan()
  const verifyCode = simulator.world.phone(slot).askForCode()
  await post(simulator, '/getIPadLoginInfo', { wId })
  await simulator.world.when('codeTold', slot)
  await post(simulator, '/getIPadLoginInfo', { wId })
  expect((await post(simulator, '/getIPadLoginInfo', { wId, verifyCode })).message).toBe('验证码无效')
})

test.each(['profile', 'failed', 'expired'] as const)('a finished wId: %s', async finishedHandle => {
  await using simulator = await withSwitches({ finishedHandle })
  const { polled, profile } = await signIn(simulator, desk)
  const { message, data } = await post(simulator, '/getIPadLoginInfo', { wId: polled })
  const told = { profile: ['处理成功', profile], failed: ['失败', null], expired: ['二维码已过期', null] }
  expect([message, data]).toEqual(told[finishedHandle])
})

test('a confirmation may keep the wId that was polled', async () => {
  await using simulator = await withSwitches({ handleAfterSignIn: 'stays' })
  const { polled, profile } = await signIn(simulator, desk)
  expect(profile.wId).toBe(polled)
  expect((await post(simulator, '/isOnline', { wId: polled })).data).toEqual({ isOnline: true })
})

test('polls beside each other are counted, and harmless', async () => {
  await using simulator = await withSwitches({ overlappingPolls: 'tolerated' })
  const { wId } = await issue(simulator, desk)
  const polls = [await polling(simulator, desk, wId), await polling(simulator, desk, wId)]
  await simulator.world.until(() => simulator.world.device(slot).watch.pollsOverlapping === 1)
  simulator.world.phone(slot).scan()
  simulator.world.phone(slot).confirm()
  for (const { answer } of polls) expect((await answer).data).toMatchObject({ status: 3 })
})

test('polls beside each other kill the attempt, or drop the account', async () => {
  await using simulator = await withSwitches({ overlappingPolls: 'punished' })
  const { wId } = await issue(simulator, desk)
  const polls = [await polling(simulator, desk, wId), await polling(simulator, desk, wId)]
  for (const { answer } of polls) expect((await answer).message).toBe('二维码已过期')
  expect(simulator.world.device(slot).watch.pollsOverlapping).toBe(1)
})

test('an answer that was not heard: the wId is forgotten, and a first sign-in is listed nowhere', async () => {
  await using simulator = await withSwitches({ forgetsHandle: 'unheard' })
  simulator.world.faults.add({ endpoint: 'getIPadLoginInfo', kind: 'answerLost', times: 1 })
  const { wId } = await issue(simulator, desk)
  const { answer } = await polling(simulator, desk, wId)
  simulator.world.phone(slot).scan()
  simulator.world.phone(slot).confirm()
  await expect(answer).rejects.toThrow()
  expect(simulator.world.device(slot).online).toBe(true)
  await simulator.world.until(() => simulator.world.instances.find(wId) === null)
  expect((await post(simulator, '/getIPadLoginInfo', { wId })).message).toBe('失败')
  expect((await post(simulator, '/queryLoginWx', {})).data).toEqual([])
})

test('an answer that was heard is not forgotten, unless everything is', async () => {
  await using simulator = await withSwitches({ forgetsHandle: 'unheard' })
  const heard = await signIn(simulator, desk)
  expect((await post(simulator, '/getIPadLoginInfo', { wId: heard.polled })).data).toMatchObject({
    status: 3,
  })
  simulator.world.set({ switches: { forgetsHandle: 'always' } })
  const forgotten = await signIn(simulator, 'other')
  expect((await post(simulator, '/getIPadLoginInfo', { wId: forgotten.polled })).message).toBe('失败')
  const { data } = await post(simulator, '/queryLoginWx', {})
  expect(data).toEqual([{ wcId: heard.profile.wcId, wId: heard.profile.wId }])
})

test('an abandoned poll may go on, and sign in unheard', async () => {
  await using simulator = await withSwitches({ abandonedPolls: 'goOn', forgetsHandle: 'unheard' })
  const { wId } = await issue(simulator, desk)
  const gone = new AbortController()
  const { answer } = await polling(simulator, desk, wId, {}, gone.signal)
  gone.abort()
  await expect(answer).rejects.toThrow()
  await simulator.world.until(() => simulator.world.device(slot).watch.pollsUnderWay === 0)
  simulator.world.phone(slot).scan()
  simulator.world.phone(slot).confirm()
  expect(simulator.world.device(slot).online).toBe(true)
  expect((await post(simulator, '/queryLoginWx', {})).data).toEqual([])
})

test.each(['nullFields', 'nullData', 'emptyString', 'space', 'missingFields'] as const)(
  'nothing is said as %s',
  async emptyAnswer => {
    await using simulator = await withSwitches({ emptyAnswer })
    const shapes = { nullFields: null, nullData: null, emptyString: '', space: ' ', missingFields: {} }
    expect((await post(simulator, '/getIPadLoginInfo', { wId: 'none' })).data).toEqual(shapes[emptyAnswer])
    const nobody = (await post(simulator, '/queryLoginWx', {})).data
    expect(nobody).toEqual(emptyAnswer === 'nullFields' ? [] : shapes[emptyAnswer])
  },
)

test('a slider on mac: a page with a button, and the phone confirms after it', async () => {
  await using simulator = await withSwitches({ slider: 'onMac', sliders: 2 })
  const phone = () => simulator.world.phone(slot)
  const { wId } = await issue(simulator, desk, { deviceType: 'mac' })
  const first = await polling(simulator, desk, wId)
  phone().scan()
  const { url } = (await first.answer).data as { url: string }
  expect(url).toMatch(/^http:.*\/captcha\/index\.html\?appid=\d+&uuid=[-\da-f]+$/)
  expect(() => phone().confirm()).toThrow()
  const page = await (await request(url)).body.text()
  expect(page).toContain('<button')
  expect(page).not.toMatch(/(src|href)=/)
  const again = (await post(simulator, '/getIPadLoginInfo', { wId })).data
  expect(again).toEqual({ url })
  expect(simulator.world.device(slot).watch.pollsWhileSliderShown).toBe(1)
  expect((await request(url, { method: 'POST' })).statusCode).toBe(200)
  expect((await request(url, { method: 'POST' })).statusCode).toBe(404)
  const next = (await post(simulator, '/getIPadLoginInfo', { wId })).data as { url: string }
  expect(next.url).not.toBe(url)
  await control(simulator, 'POST', `/devices/${slot}/do`, { do: 'solveSlider' })
  const last = await polling(simulator, desk, wId)
  phone().confirm()
  expect((await last.answer).data).toMatchObject({ status: 3 })
})

test('no slider on ipad, unless there is always one', async () => {
  await using simulator = await withSwitches({})
  await signIn(simulator, desk)
  simulator.world.set({ switches: { slider: 'always' } })
  const { wId } = await issue(simulator, 'other')
  simulator.world.phone(slotOf('other')).scan()
  expect((await post(simulator, '/getIPadLoginInfo', { wId })).data).toMatchObject({
    url: expect.any(String),
  })
})

test('an account that signs in on another phone is put off the first', async () => {
  await using simulator = await withSwitches({})
  const { profile } = await signIn(simulator, desk)
  const { wId } = await issue(simulator, 'other')
  simulator.world.phone(slotOf('other')).scan(profile.wcId)
  simulator.world.phone(slotOf('other')).confirm()
  const { data } = await post(simulator, '/getIPadLoginInfo', { wId })
  expect((data as Profile).wcId).toBe(profile.wcId)
  expect(simulator.world.device(slot).online).toBe(false)
})

test('a phone is found by the QR code that it is before, and by its account', async () => {
  await using simulator = await withSwitches({})
  const { qrCodeUrl } = await issue(simulator, desk)
  const { attempt } = simulator.world.device(slot)
  const content = attempt?.kind === 'qr' ? attempt.content : ''
  await issue(simulator, 'other')
  for (const shown of [content, qrCodeUrl]) {
    const { json } = await control(simulator, 'GET', `/devices?shows=${encodeURIComponent(shown)}`)
    expect(json.phones).toMatchObject([{ deviceId: slot, dialect: 'ipad', shows: { screen: 'scannable' } }])
  }
  const { profile } = await signIn(simulator, desk)
  const { json } = await control(simulator, 'GET', `/devices?wcId=${profile.wcId}`)
  expect(json.phones).toMatchObject([{ deviceId: slot, wId: profile.wId }])
  expect((await control(simulator, 'GET', '/devices?shows=none')).json.phones).toEqual([])
})

test('nothing is left running', async () => {
  const clock = new ManualClock()
  const simulator = await startSimulator({ clock })
  const { wId } = await issue(simulator, desk)
  const { answer } = await polling(simulator, desk, wId)
  await simulator.close()
  await expect(answer).rejects.toThrow()
  expect(clock.waiting).toBe(0)
})
