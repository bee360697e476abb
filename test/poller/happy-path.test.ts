import { describe, expect, test } from 'vitest'
import { aProfile } from '../support/fake-provider.ts'
import { aGateway, gaps, second } from './gateway.ts'

const scanned = { kind: 'SCANNED', nickName: null, avatarUrl: 'https://upstream.test/anna.png' } as const

describe('a login by QR code', () => {
  test('goes from its start to CONFIRMED, and nobody is asked after that', async () => {
    await using gateway = await aGateway()
    const { provider } = gateway
    const profile = aProfile({ avatarUrl: scanned.avatarUrl })
    provider.answerPolls({ kind: 'NOT_SCANNED' }, scanned, scanned, { kind: 'SIGNED_IN', profile })

    const loginId = await gateway.startLogin()
    await gateway.pass(100)
    expect((await gateway.login(loginId)).stateName).toBe('AWAITING_SCAN')
    expect((await gateway.secrets(loginId)).qrCode).toEqual({
      url: 'https://upstream.test/qr/1.png',
      image: 'data:image/png;base64,AQID',
      content: 'http://weixin.qq.com/x/abc',
    })
    await gateway.pass(60 * second)

    expect(await gateway.eventKinds(loginId)).toEqual([
      'LoginStarted',
      'QrCodeIssued',
      'QrCodeScanned',
      'LoginEnded',
    ])
    expect((await gateway.login(loginId)).outcome?.reason).toBe('SIGNED_IN')
    expect(provider.callsOf('poll')).toHaveLength(4)
    expect(provider.callsOf('issueQrCode')).toHaveLength(1)
    expect(gateway.now.poller.statistics).toMatchObject({ live: 0, polls: 4, failures: 0, errors: 0 })
    expect(gateway.now.log).toEqual([])
  })

  test('is polled every two seconds before the scan and every second after it, never closer', async () => {
    await using gateway = await aGateway()
    const { provider } = gateway
    provider.answerPolls({ kind: 'NOT_SCANNED' }, { kind: 'NOT_SCANNED' }, { kind: 'NOT_SCANNED' }, scanned)
    await gateway.startLogin()
    await gateway.pass(12 * second)
    const between = gaps(provider.callsOf('poll'))
    expect(between.slice(0, 3).every(gap => gap >= 2_000 && gap <= 2_020)).toBe(true)
    expect(between.slice(3).every(gap => gap >= 1_000 && gap <= 1_020)).toBe(true)
  })

  test('is polled every three seconds while the upstream is slow', async () => {
    await using gateway = await aGateway()
    gateway.provider.slow = true
    await gateway.startLogin()
    await gateway.pass(20 * second)
    const between = gaps(gateway.provider.callsOf('poll'))
    expect(between.every(gap => gap >= 3_000 && gap <= 3_020)).toBe(true)
  })

  test('rings with the rows that it recorded, once for each record', async () => {
    await using gateway = await aGateway()
    gateway.provider.answerPolls({ kind: 'SIGNED_IN', profile: aProfile() })
    const rung: (string | undefined)[][] = []
    gateway.now.bus.listen(null, ring => {
      rung.push(ring.carried?.events.map(({ sequence, body }) => `${sequence} ${body.kind}`) ?? [])
    })
    await gateway.startLogin()
    await gateway.pass(5 * second)
    expect(rung.filter(events => events.length > 0)).toEqual([['2 QrCodeIssued'], ['3 LoginEnded']])
  })

  test('shows the link where the picture cannot be had within three seconds', async () => {
    await using gateway = await aGateway()
    gateway.fetchPicture = (_url, signal) =>
      new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason)))
    const loginId = await gateway.startLogin()
    await gateway.pass(2_900)
    expect((await gateway.login(loginId)).stateName).toBe('STARTING')
    await gateway.pass(700)
    expect((await gateway.login(loginId)).stateName).toBe('AWAITING_SCAN')
    expect((await gateway.secrets(loginId)).qrCode).toEqual({
      url: 'https://upstream.test/qr/1.png',
      image: null,
      content: null,
    })
  })

  test('keeps the picture of whoever scanned, asked for once, and shows it to watchers', async () => {
    await using gateway = await aGateway()
    gateway.provider.answerPolls(scanned, scanned, scanned, {
      kind: 'SIGNED_IN',
      profile: aProfile({ avatarUrl: scanned.avatarUrl }),
    })
    const loginId = await gateway.startLogin()
    await gateway.pass(1_500)
    expect((await gateway.login(loginId)).scanner?.pictureId).toEqual(expect.any(String))
    await gateway.pass(10 * second)
    const { accountId, scanner } = await gateway.login(loginId)
    const accounts = await gateway.now.store.readAccounts('default', [accountId ?? ''])
    expect(accounts.get(accountId ?? '')?.profile?.pictureId).toBe(scanner?.pictureId)
    expect(gateway.fetched.filter(url => url === scanned.avatarUrl)).toHaveLength(1)
  })

  test('ends as its deadlines say when nobody scans: three codes, each with a last look', async () => {
    await using gateway = await aGateway()
    const loginId = await gateway.startLogin()
    await gateway.pass(700 * second)
    expect(await gateway.eventKinds(loginId)).toEqual([
      'LoginStarted',
      'QrCodeIssued',
      'QrCodeIssued',
      'QrCodeIssued',
      'LoginEnded',
    ])
    expect((await gateway.login(loginId)).outcome?.reason).toBe('QR_CODE_EXPIRED')
    expect(gaps(gateway.provider.callsOf('poll')).every(gap => gap >= 1_000)).toBe(true)
    const polls = gateway.provider.callsOf('poll').length
    await gateway.pass(60 * second)
    expect(gateway.provider.callsOf('poll')).toHaveLength(polls)
  })
})
