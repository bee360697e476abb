// The command against the true gateway with its built-in simulator: nothing here is made up.

import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Running, running, testKey } from '../app/running.ts'
import { type RunOptions, runLogin } from './terminal-of.ts'

let gateway: Running

beforeAll(async () => {
  gateway = await running()
})
afterAll(() => gateway[Symbol.asyncDispose]())

const login = (device: string, argv: readonly string[] = [], options: RunOptions = {}) =>
  runLogin(['--device', device, '--url', gateway.gatehouse.url, ...argv], {
    ...options,
    env: { GATEHOUSE_ADMIN_KEY: testKey },
  })

const eventsIn = (out: string) =>
  out.match(/^\S+Z \d+ .*$/gm)?.map(line => line.split(' ').slice(1, 4).join(' '))

describe('Against the true gateway', () => {
  test('a phone that plays along signs in, and every step is printed', async () => {
    const run = login('auto', ['--phone', 'auto'])
    expect(await run.status).toBe(0)
    expect(eventsIn(run.out())).toEqual([
      '1 LoginStarted STARTING',
      '2 QrCodeIssued AWAITING_SCAN',
      '3 QrCodeScanned AWAITING_CONFIRMATION',
      '4 LoginEnded CONFIRMED',
    ])
    expect(run.out()).toMatch(/^Signed in as \S+ · 登录成功$/m)
  })

  test('an upstream that tells of no scan signs in as well, and nobody is told of its kind', async () => {
    const run = login('quiet', ['--provider', 'simulator-ipad', '--phone', 'auto'])
    expect(await run.status).toBe(0)
    expect(eventsIn(run.out())).toEqual([
      '1 LoginStarted STARTING',
      '2 QrCodeIssued AWAITING_SCAN',
      '3 LoginEnded CONFIRMED',
    ])
  })

  test('a code that the upstream announces is typed at once', async () => {
    const run = login('announced', ['--provider', 'simulator-ipad'], { tty: { columns: 80, rows: 24 } })
    await run.saw('[1] scan')
    run.type('1')
    await run.saw('[4] show a code page')
    run.type('4')
    await run.saw('请在iPad上输入验证码')
    await run.saw('Code · 验证码: ▁')
    const [, code] = /验证码 {2}(\d{6})/.exec(run.out()) ?? []
    run.type(`${code}\r`)
    expect(await run.status).toBe(0)
    expect(run.out()).toContain('The phone asks for a code')
  })

  test('on MAC a slider is shown, slid and reported', async () => {
    const run = login('sliding', ['--provider', 'simulator-ipad', '--device-type', 'mac'], {
      tty: { columns: 80, rows: 24 },
    })
    await run.saw('[1] scan')
    run.type('1')
    await run.saw('/captcha/index.html')
    await run.saw('[6] slide')
    run.type('6')
    await run.saw('[2] confirm')
    run.type('s')
    await run.saw('You reported the slider as solved')
    run.type('2')
    expect(await run.status).toBe(0)
  })

  test('a second login finds the account signed in', async () => {
    await login('twice', ['--phone', 'auto']).status
    const again = login('twice')
    expect(await again.status).toBe(0)
    expect(again.out()).toMatch(/ was signed in already/)
  })

  test('one terminal is enough: scan, code page, code', async () => {
    const run = login('keys', [], { tty: { columns: 80, rows: 24 } })
    await run.saw('█')
    await run.saw('[1] scan')
    run.type('1')
    await run.saw('[4] show a code page')
    run.type('4')
    await run.saw('请在iPad上输入验证码')
    run.type('c')
    await run.saw('Code · 验证码: ▁')
    const [, code] = /验证码 {2}(\d{6})/.exec(run.out()) ?? []
    run.type(`${code}\r`)
    expect(await run.status).toBe(0)
    expect(run.out()).toContain('You reported that the phone asks for a code')
  })

  test('q cancels', async () => {
    const run = login('cancelled')
    await run.saw('QrCodeIssued')
    run.type('q\n')
    expect(await run.status).toBe(130)
    expect(eventsIn(run.out())?.at(-1)).toBe('3 LoginEnded CANCELLED')
  })

  test('a province that is none is refused with suggestions', async () => {
    const run = login('nowhere', ['--province', '广洞'])
    expect(await run.status).toBe(2)
    expect(run.err()).toContain('input.province: ')
    expect(run.err()).toContain('广东')
  })

  test('two terminals show one login', async () => {
    const first = login('shared')
    await first.saw('QrCodeIssued')
    const second = login('shared', ['--phone', 'auto'])
    await second.saw('A login was under way on this device')
    expect(await Promise.all([first.status, second.status])).toEqual([0, 0])
    expect(eventsIn(second.out())).toEqual(eventsIn(first.out()))
  })
})
