// What the `open` dialect's answers mean, from files: each case says where its shape comes from.

import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readDone } from '../../../src/provider/done.ts'
import {
  readCode,
  readCreated,
  readOnline,
  readPoll,
  readProfile,
  readPush,
  readQrCode,
} from '../../../src/provider/open/decode.ts'
import { readOfflineReason, readSignedIn } from '../../../src/provider/open/presence.ts'
import { readWorkstations } from '../../../src/provider/open/workstations.ts'
import { ProviderError } from '../../../src/provider/port.ts'
import { type Conceal, conceal } from '../../../src/provider/text.ts'

interface Case {
  readonly name: string
  readonly because: string
  readonly status: number
  readonly body: string
  /** What is read; `{ throws }`: the fields of the ProviderError. */
  readonly expect: unknown
}

type Read = (status: number, body: Uint8Array, hide: Conceal) => unknown

const hide = conceal('the-token')

const desk = { upstreamId: 'desk-1', wcId: null, handle: null, knownHandles: [] }

const readers: Readonly<Record<string, Read>> = {
  'check-login-short': readPoll,
  'who-is-signed-in': readProfile,
  'is-online': readOnline,
  'get-login-qr-code': readQrCode,
  'login-again': readPush,
  'login-verify-code': readCode,
  workstation: (...answer) => readCreated(...answer) ?? null,
  /** Whether desk-1 is among them. */
  'query-login-device': (...answer) => readSignedIn(...answer).find(desk).online,
  'offline-reason': readOfflineReason,
  workstations: (...answer) => readWorkstations(...answer, 1),
}

const casesOf = (name: string): readonly Case[] =>
  JSON.parse(readFileSync(new URL(`fixtures/${name}.json`, import.meta.url), 'utf8'))

const outcome = (read: Read, status: number, body: Uint8Array): unknown => {
  try {
    return read(status, body, hide)
  } catch (error) {
    if (!(error instanceof ProviderError)) throw error
    const { kind, sent, answered, upstreamCode, upstreamMessage } = error
    return { throws: { kind, sent, answered, upstreamCode, upstreamMessage } }
  }
}

describe.each(Object.entries(readers))('%s', (file, read) => {
  it.each(casesOf(file))('$name ($because)', ({ status, body, expect: expected }) => {
    expect(outcome(read, status, Buffer.from(body))).toEqual(expected)
  })

  it('does not read bytes that are no UTF-8', () => {
    const body = Buffer.from([...Buffer.from('{"code":"1000","message":"'), 0xff, ...Buffer.from('"}')])
    expect(outcome(read, 200, body)).toMatchObject({ throws: { kind: 'UNREADABLE', answered: false } })
  })
})

const texts = fc.constantFrom('成功', '登录信息失效', '用户取消', '已离线', '设备不存在', 'token', '超时', '')
const wcIds = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.constantFrom(' ', 'wxid_a', ' wxid_a '),
  fc.jsonValue(),
)
const fields = fc.record(
  {
    wcId: wcIds,
    code: fc.oneof(fc.constantFrom('1000', '1001', 1000, 1001), fc.jsonValue()),
    message: texts,
    smallHeadImgUrl: fc.oneof(fc.webUrl(), fc.string(), fc.jsonValue()),
    nickName: fc.oneof(fc.string({ unit: 'binary' }), fc.jsonValue()),
    sex: fc.jsonValue(),
    qrCodeUrl: fc.oneof(fc.webUrl(), fc.jsonValue()),
    isOnline: fc.oneof(fc.boolean(), fc.jsonValue()),
    deviceIds: fc.oneof(fc.array(fc.oneof(fc.constant('desk-1'), fc.jsonValue())), fc.jsonValue()),
    total: fc.jsonValue(),
    reason: fc.oneof(fc.string({ unit: 'binary' }), fc.jsonValue()),
    lists: fc.oneof(
      fc.array(fc.record({ deviceId: fc.jsonValue(), wxid: fc.jsonValue(), lastLoginTime: fc.jsonValue() })),
      fc.jsonValue(),
    ),
  },
  { requiredKeys: [] },
)
const envelopes = fc.record(
  {
    code: fc.oneof({ weight: 4, arbitrary: fc.constantFrom('1000', 1000, '1001') }, fc.jsonValue()),
    message: fc.oneof(texts, fc.string({ unit: 'binary' }), fc.jsonValue()),
    msg: fc.oneof(texts, fc.jsonValue()),
    data: fc.oneof({ weight: 4, arbitrary: fields }, fc.jsonValue(), fc.constantFrom('', ' ')),
  },
  { requiredKeys: ['code'] },
)
const bodies = fc.oneof(
  { weight: 6, arbitrary: envelopes.map(envelope => Buffer.from(JSON.stringify(envelope))) },
  {
    weight: 1,
    arbitrary: fc
      .tuple(envelopes, fc.nat(200))
      .map(([one, cut]) => Buffer.from(JSON.stringify(one)).subarray(0, cut)),
  },
  { weight: 1, arbitrary: fc.uint8Array().map(bytes => Buffer.from(bytes)) },
)
const statuses = fc.oneof(fc.constant(200), fc.integer({ min: 100, max: 599 }))

const profileIn = (answer: unknown): unknown =>
  typeof answer === 'object' &&
  answer !== null &&
  'kind' in answer &&
  answer.kind === 'SIGNED_IN' &&
  'profile' in answer
    ? answer.profile
    : null

describe('whatever an upstream sends', () => {
  it.each(Object.entries(readers))('%s is read, or a ProviderError', (_name, read) => {
    fc.assert(
      fc.property(statuses, bodies, (status, body) => {
        const read1 = outcome(read, status, body)
        expect(outcome(read, status, body), 'the same bytes mean the same').toEqual(read1)
      }),
      { numRuns: 2_000 },
    )
  })

  it.each([
    ['check-login-short', (status: number, body: Uint8Array) => profileIn(outcome(readPoll, status, body))],
    ['login-verify-code', (status: number, body: Uint8Array) => profileIn(outcome(readCode, status, body))],
    [
      'who-is-signed-in',
      (status: number, body: Uint8Array) => {
        const told = outcome(readProfile, status, body)
        return typeof told === 'object' && told !== null && !('throws' in told) ? told : null
      },
    ],
  ])('%s signs nobody in but by a text in data.wcId, under a success', (_name, profile) => {
    let confirmed = 0
    fc.assert(
      fc.property(statuses, bodies, (status, body) => {
        const told = profile(status, body)
        if (told === null) return
        confirmed++
        const { code, data } = JSON.parse(body.toString('utf8'))
        expect(String(code).trim()).toBe('1000')
        expect(status).toBeLessThan(300)
        expect(typeof data.wcId).toBe('string')
        expect(data.wcId.trim()).not.toBe('')
        expect(told).toMatchObject({ wcId: data.wcId.trim() })
      }),
      { numRuns: 3_000 },
    )
    expect(confirmed, 'the property was put to the test').toBeGreaterThan(50)
  })

  it('nothing is taken to be done but what a success says', () => {
    fc.assert(
      fc.property(statuses, bodies, (status, body) => {
        const told = outcome(readDone, status, body)
        if (typeof told === 'object' && told !== null && 'throws' in told) return
        expect(String(JSON.parse(body.toString('utf8')).code).trim()).toBe('1000')
        expect(status).toBeLessThan(300)
      }),
      { numRuns: 1_000 },
    )
  })

  it('loginAgain never confirms', () => {
    fc.assert(
      fc.property(statuses, bodies, (status, body) => {
        expect(profileIn(outcome(readPush, status, body))).toBeNull()
      }),
      { numRuns: 500 },
    )
  })

  it('no text that leaves here holds a control character, half a character or more than it may', () => {
    const unfit = /[\p{Cc}\p{Cs}\u202a-\u202e\u2066-\u2069]/u
    const walk = (value: unknown): void => {
      if (typeof value === 'string') {
        expect(value).not.toMatch(unfit)
        expect(value.length).toBeLessThanOrEqual(4_096)
      } else if (typeof value === 'object' && value !== null) Object.values(value).forEach(walk)
    }
    fc.assert(
      fc.property(bodies, body => {
        for (const read of Object.values(readers)) walk(outcome(read, 200, body))
      }),
      { numRuns: 2_000 },
    )
  })
})
