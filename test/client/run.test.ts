import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { aLogin, anUpdate, FakeGateway, KEY, signedIn } from './fake-gateway.ts'
import { type RunOptions, runLogin } from './terminal-of.ts'

let gateway: FakeGateway

beforeEach(async () => {
  gateway = new FakeGateway()
  await gateway.start()
})
afterEach(() => gateway.stop())

const started = anUpdate(aLogin({ sequence: 1, state: 'STARTING', nextStep: 'WAIT', qrCode: null }), {
  method: 'QR_CODE',
})
const issued = anUpdate(aLogin(), { __typename: 'QrCodeIssued', generation: 1 })
const scanned = anUpdate(
  aLogin({ sequence: 3, state: 'AWAITING_CONFIRMATION', nextStep: 'CONFIRM_ON_PHONE', qrCode: null }),
  { __typename: 'QrCodeScanned', nickName: '小明' },
)
const ended = (state: string, reason: string, nextStep: string) => {
  const outcome = { state, reason, message: 'It was not to be.', upstreamMessage: null, nextStep }
  const login = aLogin({ sequence: 4, state, nextStep, allowedActions: [], qrCode: null, outcome })
  return anUpdate(login, { __typename: 'LoginEnded', outcome })
}

const aDevice = {
  id: 'device-1',
  deviceKey: 'demo',
  upstreamId: null,
  deviceType: 'IPAD',
  province: '四川',
}

const login = (argv: readonly string[] = [], options: RunOptions = {}) =>
  runLogin(['--device', 'demo', '--url', gateway.url, ...argv], {
    ...options,
    env: { GATEHOUSE_ADMIN_KEY: KEY, ...options.env },
  })

describe('A login through a pipe', () => {
  test('prints a line per event, then who is signed in, and exits 0', async () => {
    gateway.tell(started, issued, scanned, signedIn(4))
    const run = login()
    expect(await run.status).toBe(0)
    expect(run.out().trimEnd().split('\n')).toEqual([
      '2026-11-20T10:00:00.000Z 1 LoginStarted STARTING WAIT method=QR_CODE',
      '2026-11-20T10:00:00.000Z 2 QrCodeIssued AWAITING_SCAN SCAN_QR_CODE generation=1',
      '2026-11-20T10:00:00.000Z 3 QrCodeScanned AWAITING_CONFIRMATION CONFIRM_ON_PHONE nickName=小明',
      '2026-11-20T10:00:00.000Z 4 LoginEnded CONFIRMED NONE reason=SIGNED_IN message="Signed in."',
      'Signed in as 小明 · 登录成功',
    ])
  })

  test('prints neither the QR code nor its link', async () => {
    gateway.tell(started, issued, signedIn(3))
    const run = login()
    await run.status
    expect(run.out() + run.err()).not.toMatch(/qr\.png|weixin|█/)
  })

  test('exits 1 with the reason and what to do next when it ends otherwise', async () => {
    gateway.tell(started, ended('EXPIRED', 'TIMED_OUT', 'START_AGAIN'))
    const run = login()
    expect(await run.status).toBe(1)
    expect(run.out()).toContain(
      'It was not to be. (EXPIRED, TIMED_OUT)\n  Next: Start again: run the same command',
    )
  })

  test('does not call an early end an expiry alone: a declined code may look the same', async () => {
    const early = ended('EXPIRED', 'QR_CODE_EXPIRED', 'START_AGAIN')
    const said = 'expired, or declined on the phone'
    gateway.tell(started, issued, early)
    const run = login()
    await run.status
    expect(run.out()).toContain(said)
    gateway.told.splice(0)
    gateway.tell(started, issued, { ...early, serverTime: '2026-11-20T10:03:35.000Z' })
    const late = login()
    await late.status
    expect(late.out()).not.toContain(said)
  })

  test('takes a code as a line while one may be submitted', async () => {
    gateway.tell(
      started,
      issued,
      anUpdate(
        aLogin({
          sequence: 3,
          state: 'AWAITING_CODE',
          nextStep: 'ENTER_CODE',
          allowedActions: ['CANCEL', 'SUBMIT_CODE'],
        }),
        { __typename: 'VerifyCodeRequired', announcedBy: 'PERSON' },
      ),
    )
    const run = login()
    await run.saw('VerifyCodeRequired')
    run.type('123456\n')
    await gateway.called('submitVerifyCode')
    expect(gateway.calls).toContain('submitVerifyCode {"code":"123456","loginId":"login-1"}')
    gateway.tell(signedIn(4))
    expect(await run.status).toBe(0)
  })

  test('says which keys there are when one does nothing', async () => {
    gateway.tell(started, issued)
    const run = login()
    await run.saw('QrCodeIssued')
    run.type('w\n')
    await run.saw('"w" does nothing now; offered: r q')
    run.type('q\n')
    await gateway.called('cancelLogin')
    gateway.tell(ended('CANCELLED', 'CANCELLED_BY_CALLER', 'NONE'))
    expect(await run.status).toBe(130)
  })

  test('a signal cancels the login; a second one leaves without waiting for its end', async () => {
    gateway.tell(started, issued)
    const run = login()
    await run.saw('QrCodeIssued')
    run.interrupt()
    await gateway.called('cancelLogin')
    run.interrupt()
    expect(await run.status).toBe(130)
  })
})

describe('A watch that breaks', () => {
  test('goes on after the last number when the gateway was stopped and started on the same port', async () => {
    gateway.tell(started, issued)
    const run = login()
    await run.saw('QrCodeIssued')
    await gateway.stop()
    await run.saw('waiting for the gateway…')
    gateway.tell(scanned, signedIn(4))
    await gateway.start()
    expect(await run.status).toBe(0)
    expect(gateway.calls.filter(call => call.startsWith('subscribe'))).toEqual([
      'subscribe {"after":0}',
      'subscribe {"after":2}',
    ])
    expect(
      run
        .out()
        .match(/^\S+ \d+ /gm)
        ?.map(line => line.split(' ')[1]),
    ).toEqual(['1', '2', '3', '4'])
    expect(run.err()).toContain('the gateway is back')
  })

  test.each(['SLOW_CONSUMER', 'SHUTTING_DOWN', 'UNAVAILABLE', 4403, 1012])(
    '%s: comes back',
    async refusal => {
      gateway.refusals.push(refusal)
      gateway.tell(started, issued, signedIn(3))
      const run = login()
      expect(await run.status).toBe(0)
      expect(run.err()).toContain('waiting for the gateway…')
    },
  )

  test.each(['SLOW_CONSUMER', 'SHUTTING_DOWN'])(
    '%s in the middle: comes back for what is new',
    async code => {
      gateway.tell(started, issued)
      const run = login()
      await run.saw('QrCodeIssued')
      gateway.cut(code)
      await gateway.called('subscribe {"after":2}')
      gateway.tell(scanned, signedIn(4))
      expect(await run.status).toBe(0)
    },
  )

  test.each([
    ['REVOKED', 'Told to say REVOKED.'],
    ['NOT_FOUND', 'Told to say NOT_FOUND.'],
    ['UNAUTHENTICATED', 'does not accept the key from GATEHOUSE_ADMIN_KEY'],
    [4401, 'does not accept the key from GATEHOUSE_ADMIN_KEY'],
  ])('%s: ends with a sentence and status 2', async (refusal, sentence) => {
    gateway.refusals.push(refusal)
    const run = login()
    expect(await run.status).toBe(2)
    expect(run.err()).toContain(sentence)
  })

  test('complete without an end, twice in a row: asks for the login as it is', async () => {
    gateway.tell(started, issued)
    const run = login()
    await run.saw('QrCodeIssued')
    gateway.cut(null)
    await gateway.called('subscribe {"after":2}')
    gateway.cut(null)
    await gateway.called('subscribe {"after":null}')
    gateway.tell(signedIn(3))
    expect(await run.status).toBe(0)
  })

  test('complete in the middle of what is caught up: comes back for the rest', async () => {
    const end = signedIn(4)
    gateway.tell(anUpdate(end.login, { sequence: 1, state: 'STARTING', method: 'QR_CODE' }), end)
    const run = login()
    expect(await run.status).toBe(0)
    expect(run.out()).toContain(' 4 LoginEnded CONFIRMED')
  })

  test('a snapshot after a resync is told as such', async () => {
    gateway.tell(anUpdate(aLogin({ sequence: 7 }), null, { resync: true }), signedIn(8))
    const run = login()
    expect(await run.status).toBe(0)
    expect(run.out()).toContain('2026-11-20T10:00:00.000Z 7 Snapshot AWAITING_SCAN SCAN_QR_CODE\n')
  })
})

describe('What is refused before a login runs, with status 2 and one sentence', () => {
  test('nothing answers', async () => {
    await gateway.stop()
    const run = login()
    expect(await run.status).toBe(2)
    expect(run.err()).toBe(`Nothing answers at ${gateway.url}: run "npm start" first.\n`)
  })

  test('the wrong key, and none', async () => {
    const wrong = login([], { env: { GATEHOUSE_ADMIN_KEY: 'nonsense' } })
    expect(await wrong.status).toBe(2)
    expect(wrong.err()).toBe(
      'The gateway does not accept the key from GATEHOUSE_ADMIN_KEY. Is it the key of this gateway?\n',
    )
    const none = login([], { env: { GATEHOUSE_ADMIN_KEY: '', DATA_DIR: '/nowhere' } })
    expect(await none.status).toBe(2)
    expect(none.err()).toContain('/nowhere/admin.key is missing.')
  })

  test('a key file that cannot be read', async () => {
    const run = login(['--key-file', '/nowhere/key'])
    expect(await run.status).toBe(2)
    expect(run.err()).toBe('The key file /nowhere/key cannot be read (ENOENT).\n')
  })

  test('a device that is busy or a rule that forbids it, in the words of the gateway', async () => {
    gateway.answers = {
      startLogin: () => ({
        __typename: 'RefusedByRuleError',
        code: 'REFUSED_BY_RULE',
        message: 'Not now.',
        advisory: { code: 'TOO_MANY_ATTEMPTS', message: 'Five logins in an hour.', until: null },
      }),
    }
    const run = login()
    expect(await run.status).toBe(2)
    expect(run.err()).toBe('Not now. Five logins in an hour.\n')
  })

  test('input that the gateway finds malformed, with the field', async () => {
    gateway.answers = {
      registerDevice: () => ({
        __typename: 'InvalidInputError',
        code: 'INVALID_INPUT',
        message: 'Check the input.',
        fields: [{ path: ['input', 'province'], message: 'Did you mean 广东?' }],
      }),
    }
    const run = login(['--province', '广洞'])
    expect(await run.status).toBe(2)
    expect(run.err()).toBe('Check the input. input.province: Did you mean 广东?\n')
  })

  test('a push to a phone that nobody knows yet, with the way that is left', async () => {
    gateway.answers = {
      startLogin: () => ({
        __typename: 'RefusedByRuleError',
        code: 'REFUSED_BY_RULE',
        message: 'A push needs an account.',
        advisory: { code: 'PUSH_NEEDS_A_KNOWN_ACCOUNT', message: 'A push needs an account.', until: null },
      }),
    }
    const run = login(['--strategy', 'PUSH'])
    expect(await run.status).toBe(2)
    expect(run.err()).toBe('A push needs an account. Use --strategy QR_CODE.\n')
  })

  test('a known device with another province, with the way that is left', async () => {
    const message = 'input.deviceKey: This key belongs to a device with other settings: province.'
    gateway.answers = {
      registerDevice: () => ({ __typename: 'InvalidInputError', code: 'INVALID_INPUT', message, fields: [] }),
    }
    const run = login(['--province', '四川'])
    expect(await run.status).toBe(2)
    expect(run.err()).toBe(`${message} Leave out --province to use the device demo as it is.\n`)
  })

  test.each([
    ['PENDING', 'is still being asked'],
    ['UNCLEAR', 'whether it knows the device is unknown'],
  ])('a registration that is %s', async (state, said) => {
    gateway.answers = {
      devices: () => ({ edges: [] }),
      registerDevice: () => ({
        __typename: 'RegisterDevicePayload',
        created: true,
        device: aDevice,
        operation: { state },
      }),
    }
    const run = login()
    expect(await run.status).toBe(2)
    expect(run.err()).toContain(said)
  })

  test('several providers and none named, or one that is not there', async () => {
    const capabilities = { provinceRequired: true, announcesScan: true }
    gateway.answers = {
      providers: () => [
        { name: 'east', phonesUrl: null, capabilities },
        { name: 'west', phonesUrl: null, capabilities },
      ],
    }
    const unnamed = login()
    expect(await unnamed.status).toBe(2)
    expect(unnamed.err()).toBe('Which provider? Name one with --provider: east, west.\n')
    const wrong = login(['--provider', 'north'])
    expect(await wrong.status).toBe(2)
    expect(wrong.err()).toBe('There is no provider north here, only: east, west.\n')
  })

  test('a new device on a real upstream without a province; nothing is registered', async () => {
    gateway.answers = {
      providers: () => [
        { name: 'east', phonesUrl: null, capabilities: { provinceRequired: true, announcesScan: true } },
      ],
      devices: () => ({ edges: [] }),
    }
    const run = login()
    expect(await run.status).toBe(2)
    expect(run.err()).toContain('name the province, for instance --province 广东.')
    expect(gateway.calls.some(call => call.startsWith('registerDevice'))).toBe(false)
  })

  test('a phone that plays along where there is none', async () => {
    gateway.answers = {
      providers: () => [
        { name: 'east', phonesUrl: null, capabilities: { provinceRequired: true, announcesScan: true } },
      ],
    }
    const run = login(['--phone', 'auto'])
    expect(await run.status).toBe(2)
    expect(run.err()).toContain('--phone auto is for the built-in simulator')
  })

  test('a device whose registration came to nothing is registered again, as it was', async () => {
    gateway.answers = {
      devices: () => ({ edges: [{ node: { ...aDevice, operation: { state: 'FAILED' } } }] }),
    }
    gateway.tell(started, signedIn(2))
    const run = login()
    expect(await run.status).toBe(0)
    expect(gateway.calls.find(call => call.startsWith('registerDevice'))).toContain('"province":"四川"')
  })

  test('a device that is new to the built-in simulator gets a province of its own', async () => {
    gateway.answers = { devices: () => ({ edges: [] }) }
    gateway.tell(started, signedIn(2))
    const run = login()
    expect(await run.status).toBe(0)
    expect(gateway.calls.find(call => call.startsWith('registerDevice'))).toContain('"province":"广东"')
  })
})

describe('A login on a terminal', () => {
  const tty = { columns: 100, rows: 40 }

  test('draws the code and offers only the keys that are allowed', async () => {
    gateway.tell(started, issued)
    const run = login([], { tty })
    await run.saw('[r] new QR code')
    expect(run.out()).toContain('█')
    expect(run.out()).not.toContain('[w]')
    run.type('w')
    run.type('r')
    await gateway.called('refreshQrCode')
    expect(gateway.calls.some(call => call.startsWith('withdrawCodePrompt'))).toBe(false)
    gateway.tell(signedIn(3))
    expect(await run.status).toBe(0)
    expect(run.out()).toContain('Signed in as 小明')
    expect(run.out().lastIndexOf('\u001b[?25h')).toBeGreaterThan(run.out().lastIndexOf('\u001b[?25l'))
  })

  test('opens a line for the code, corrects it, and sends it with Enter', async () => {
    gateway.tell(
      started,
      anUpdate(
        aLogin({
          sequence: 2,
          state: 'AWAITING_CODE',
          nextStep: 'ENTER_CODE',
          allowedActions: ['CANCEL', 'SUBMIT_CODE'],
        }),
        { __typename: 'VerifyCodeRequired', announcedBy: 'PERSON' },
      ),
    )
    const run = login([], { tty })
    await run.saw('Code · 验证码: ▁')
    run.type('12x9\u007f3456')
    await run.saw('123456▁')
    run.type('\r')
    await gateway.called('submitVerifyCode')
    expect(gateway.calls).toContain('submitVerifyCode {"code":"123456","loginId":"login-1"}')
    gateway.tell(signedIn(3))
    expect(await run.status).toBe(0)
  })

  test('opens a new line for the next code, however fast the first is refused', async () => {
    const allowedActions = ['CANCEL', 'SUBMIT_CODE', 'WITHDRAW_CODE_PROMPT']
    const asked = { state: 'AWAITING_CODE', nextStep: 'ENTER_CODE', allowedActions }
    const rejected = [
      anUpdate(
        aLogin({ sequence: 3, state: 'VERIFYING_CODE', nextStep: 'WAIT', allowedActions: ['CANCEL'] }),
        {
          __typename: 'VerifyCodeSubmitted',
        },
      ),
      anUpdate(aLogin({ sequence: 4, ...asked }), { __typename: 'VerifyCodeRejected', attemptsLeft: 2 }),
    ]
    const run = login([], { tty })
    let answer = () => {}
    gateway.answers = {
      submitVerifyCode: async () => {
        gateway.tell(...rejected)
        await new Promise<void>(resolve => {
          answer = resolve
        })
        return { __typename: 'LoginPayload', login: aLogin() }
      },
    }
    gateway.tell(
      started,
      anUpdate(aLogin({ sequence: 2, ...asked }), {
        __typename: 'VerifyCodeRequired',
        announcedBy: 'PERSON',
      }),
    )
    await run.saw('Code · 验证码: ▁')
    run.type('1111\r')
    await run.saw('2 tries left')
    run.type('22')
    answer()
    // One call waits for the other: by now the first answer has been taken in.
    run.type('w')
    await gateway.called('withdrawCodePrompt')
    run.type('22\r')
    await gateway.called('submitVerifyCode {"code":"2222"')
    answer()
    gateway.tell(signedIn(5))
    expect(await run.status).toBe(0)
  })

  test('opens it at once where the login that was under way waits for a code', async () => {
    const allowedActions = ['CANCEL', 'SUBMIT_CODE']
    const waiting = aLogin({ sequence: 4, state: 'AWAITING_CODE', nextStep: 'ENTER_CODE', allowedActions })
    gateway.answers = {
      startLogin: () => ({ __typename: 'StartLoginPayload', login: waiting, created: false }),
    }
    const run = login([], { tty })
    await run.saw('A login was under way on this device')
    await run.saw('Code · 验证码: ▁')
    gateway.tell(signedIn(5))
    expect(await run.status).toBe(0)
  })

  test('shows why an action was refused and goes on', async () => {
    gateway.answers = {
      refreshQrCode: () => ({
        __typename: 'RefusedByRuleError',
        code: 'REFUSED_BY_RULE',
        message: 'Somebody is scanning.',
        advisory: { code: 'DO_NOT_REISSUE_QR_CODE', message: 'Somebody is scanning.', until: null },
      }),
    }
    gateway.tell(started, issued)
    const run = login([], { tty })
    await run.saw('[r] new QR code')
    run.type('r')
    await run.saw('Somebody is scanning.')
    gateway.tell(signedIn(3))
    expect(await run.status).toBe(0)
  })

  test('Ctrl-C cancels and exits 130', async () => {
    gateway.tell(started, issued)
    const run = login([], { tty })
    await run.saw('[r] new QR code')
    run.type('\u0003')
    await gateway.called('cancelLogin')
    gateway.tell(ended('CANCELLED', 'CANCELLED_BY_CALLER', 'NONE'))
    expect(await run.status).toBe(130)
  })

  test('asks for the province of a new device on a real upstream', async () => {
    gateway.answers = {
      providers: () => [
        { name: 'east', phonesUrl: null, capabilities: { provinceRequired: true, announcesScan: true } },
      ],
      devices: () => ({ edges: [] }),
    }
    gateway.tell(started, signedIn(2))
    const run = login([], { tty })
    await run.saw('In which province')
    run.type('江苏\n')
    expect(await run.status).toBe(0)
    expect(gateway.calls.find(call => call.startsWith('registerDevice'))).toContain('"province":"江苏"')
  })
})
