import { describe, expect, test } from 'vitest'
import type { Login, LoginEvent } from '../../client/terminal/answers.ts'
import { anchorAt } from '../../client/terminal/countdown.ts'
import { widthOf } from '../../client/terminal/plain.ts'
import { eventLine, render } from '../../client/terminal/render.ts'
import type { View } from '../../client/terminal/view.ts'
import { aLogin } from './fake-gateway.ts'

const ROOM = { columns: 100, rows: 50 }

function aView(login: Partial<Login>, part: Partial<View> = {}): View {
  const anchor = anchorAt('2026-11-20T10:00:00.000Z', 0)
  return { login: aLogin(login), anchor, lost: null, note: null, typed: null, phone: null, ...part }
}

const texts = (view: View, room = ROOM) => render(view, room, 0).map(line => line.text)

describe('What a person sees', () => {
  test.each<[string, Partial<Login>, Partial<View>, string]>([
    [
      'what to do in both languages, with the countdown',
      {},
      {},
      '3:35 left   Scan this code with the phone · 请用手机扫描二维码',
    ],
    [
      'no countdown where nothing lapses',
      { deadlineAt: null, nextStep: 'WAIT' },
      {},
      'Wait a moment · 请稍候',
    ],
    ['a step that this client does not know, as it came', { nextStep: 'HOP', deadlineAt: null }, {}, 'HOP'],
    [
      'the code as far as it is typed',
      { qrCode: null, challenge: { __typename: 'VerifyCodeChallenge', attemptsLeft: 2 } },
      { typed: '12' },
      '  Code · 验证码: 12▁   Enter sends it, Esc puts it away   tries left: 2',
    ],
    [
      'the link of a slider',
      { qrCode: null, challenge: { __typename: 'SliderChallenge', url: 'https://slide.example/1' } },
      {},
      'https://slide.example/1',
    ],
    [
      'that the gateway is away',
      {},
      { lost: 'it does not answer' },
      'waiting for the gateway… (it does not answer) · 正在重新连接',
    ],
    [
      'that the upstream answers badly',
      { polling: { state: 'DEGRADED' } },
      {},
      'The upstream does not answer well; trying on · 上游响应异常，正在重试',
    ],
    [
      'that polling waits for the person',
      { polling: { state: 'PAUSED' } },
      {},
      'Not asking the upstream until you say whether the phone wants a code · 等待您确认',
    ],
    ['what went wrong', {}, { note: 'Somebody is scanning.' }, 'Somebody is scanning.'],
    ['the allowed keys and no others', {}, {}, '[r] new QR code · 换二维码   [q] cancel · 取消'],
    [
      'the phone with its keys',
      { qrCode: null },
      { phone: { page: 'http://p', screen: { says: '扫一扫', code: null, can: ['scan', 'killQr'] } } },
      'Simulated phone: 扫一扫   [1] scan',
    ],
    [
      'the code on the phone',
      { qrCode: null },
      { phone: { page: 'http://p', screen: { says: '验证码', code: '123456', can: [] } } },
      'Simulated phone: 验证码  123456   http://p',
    ],
    [
      'no keys of the phone while a code is typed',
      { qrCode: null },
      { typed: '', phone: { page: 'http://p', screen: { says: '', code: null, can: ['scan'] } } },
      'Simulated phone: —   http://p',
    ],
  ])('%s', (_, login, part, line) => {
    expect(texts(aView(login, part))).toContain(line)
  })

  test('the QR code, drawn so that light modules are light on a dark terminal', () => {
    const drawn = render(aView({}), ROOM, 0).filter(line => line.tone === 'code')
    expect(drawn.length).toBeGreaterThan(12)
    expect(new Set(drawn.map(line => line.text.length)).size).toBe(1)
    // The margin is light, the corner's finder pattern dark.
    expect(drawn[0]?.text).toMatch(/^ {2}█+$/)
    expect(drawn[1]?.text).toMatch(/^ {2}██ ▄▄▄▄▄ /)
  })

  test.each<[string, Partial<Login>, typeof ROOM]>([
    ['could not be read', { qrCode: { content: null, url: 'http://u/qr.png', generation: 1 } }, ROOM],
    ['does not fit into the rows', {}, { columns: 100, rows: 12 }],
    ['does not fit into the columns', {}, { columns: 24, rows: 50 }],
  ])('the link of a QR code that %s', (_, login, room) => {
    const view = aView({
      qrCode: { content: 'http://weixin.qq.com/x/a', url: 'http://u/qr.png', generation: 1 },
      ...login,
    })
    expect(texts(view, room).join('')).toContain('http://u/qr.png')
    expect(render(view, room, 0).some(line => line.tone === 'code')).toBe(false)
  })

  test('not that the person should say what the phone wants, once it was said', () => {
    const challenge = { __typename: 'VerifyCodeChallenge', attemptsLeft: 3 } as const
    const view = aView({ polling: { state: 'PAUSED' }, challenge })
    expect(texts(view, ROOM).join('\n')).not.toContain('until you say')
  })

  test('with the simulator all of it fits into 80 by 24, whatever the phone can do', () => {
    const can = ['confirm', 'decline', 'askForCode', 'askForNewDevice', 'killQr', 'forget']
    const phone = {
      page: 'http://127.0.0.1:4010/_phones',
      screen: { says: '登录 iPad 微信', code: null, can },
    }
    const allowedActions = ['CANCEL', 'REFRESH_QR_CODE', 'REPORT_CODE_PROMPT', 'REPORT_NEW_DEVICE_PROMPT']
    const qrCode = { content: 'http://weixin.qq.com/x/AbCdEfGhIjKlMnOpQrSt', url: null, generation: 1 }
    const view = aView({ allowedActions, qrCode }, { phone, note: 'Somebody is scanning.' })
    const lines = render(view, { columns: 80, rows: 24 }, 0)
    expect(lines.some(line => line.tone === 'code')).toBe(true)
    expect(lines.length).toBeLessThan(24)
    expect(lines.filter(line => widthOf(line.text) >= 80)).toEqual([])
  })

  test('nothing that a terminal would obey, whoever sent it', () => {
    const evil = '\u001b[2J\u001b]0;x\u0007\r\n小\u202e明'
    const view = aView(
      {},
      { note: evil, lost: evil, phone: { page: evil, screen: { says: evil, code: evil, can: [] } } },
    )
    const event = anEvent({ __typename: 'QrCodeScanned', nickName: evil })
    for (const { text } of [...render(view, ROOM, 0), eventLine(event)])
      expect(text).not.toMatch(/[\p{Cc}\u202e]/u)
  })
})

function anEvent(event: Partial<LoginEvent>): LoginEvent {
  return {
    __typename: 'LoginStarted',
    sequence: 1,
    at: '2026-11-20T10:00:00.000Z',
    state: 'STARTING',
    ...event,
  }
}

describe('Each event in words', () => {
  test.each<[Partial<LoginEvent>, string]>([
    [{ __typename: 'LoginStarted', method: 'QR_CODE' }, 'Started, with a QR code · 开始登录（二维码）'],
    [
      { __typename: 'LoginStarted', method: 'PUSH' },
      'Started, with a push to the phone · 开始登录（手机推送）',
    ],
    [{ __typename: 'QrCodeIssued', generation: 1 }, 'The QR code is there · 二维码已生成'],
    [
      { __typename: 'QrCodeIssued', generation: 2 },
      'QR code 2 is there, the one before is void · 二维码已更新',
    ],
    [{ __typename: 'PushSent' }, 'The phone is asked · 已推送到手机'],
    [{ __typename: 'QrCodeScanned', nickName: '小明' }, 'Scanned by 小明 · 已扫码'],
    [{ __typename: 'QrCodeScanned', nickName: null }, 'Scanned · 已扫码'],
    [
      { __typename: 'VerifyCodeRequired', announcedBy: 'PERSON' },
      'You reported that the phone asks for a code · 手机要求输入验证码',
    ],
    [
      { __typename: 'VerifyCodeRequired', announcedBy: 'UPSTREAM' },
      'The phone asks for a code · 手机要求输入验证码',
    ],
    [{ __typename: 'VerifyCodePromptWithdrawn' }, 'No code after all · 无需验证码'],
    [{ __typename: 'VerifyCodeSubmitted' }, 'The code is being verified · 正在验证'],
    [
      { __typename: 'VerifyCodeRejected', attemptsLeft: 1, upstreamMessage: '验证码错误' },
      'The code was wrong (“验证码错误”); 1 try left · 验证码错误',
    ],
    [
      { __typename: 'VerifyCodeUnanswered', attemptsLeft: 2 },
      'The code got no answer; 2 tries left · 验证无响应',
    ],
    [{ __typename: 'SliderRequired' }, 'A slider is to be solved · 需要滑块验证'],
    [{ __typename: 'SliderReportedSolved' }, 'You reported the slider as solved · 已完成滑块验证'],
    [
      { __typename: 'MethodChanged', method: 'QR_CODE', reason: 'PUSH_REFUSED' },
      'Going on with a QR code (PUSH_REFUSED) · 改用二维码',
    ],
    [
      { __typename: 'PollingDegraded', message: 'no answer' },
      'The upstream does not answer well: no answer · 上游响应异常',
    ],
    [{ __typename: 'PollingRecovered' }, 'The upstream answers again · 上游已恢复'],
    [{ __typename: 'LoginEnded', state: 'CONFIRMED' }, 'Signed in · 已登录'],
    [{ __typename: 'LoginEnded', state: 'EXPIRED' }, 'Ended: EXPIRED · 已结束'],
    [{ __typename: 'SomethingNew' }, 'SomethingNew'],
  ])('%j', (event, words) => {
    expect(eventLine(anEvent(event)).text.slice('00:00:00  '.length)).toBe(words)
  })
})
