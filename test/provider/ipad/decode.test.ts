// What the `ipad` dialect's answers mean, from files: each case says where its shape comes from.

import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readCode, readPoll, readPush, readQrCode } from '../../../src/provider/ipad/decode.ts'
import { readOnline } from '../../../src/provider/ipad/online.ts'
import { readIsOnline, readOfflineReason } from '../../../src/provider/ipad/presence.ts'
import { ProviderError } from '../../../src/provider/port.ts'
import { type Conceal, conceal } from '../../../src/provider/text.ts'

interface Case {
  readonly name: string
  readonly because: string
  readonly status: number
  /** Milliseconds that the call hung; none by default. */
  readonly took?: number
  readonly body: string
  /** What is read; `{ throws }`: the fields of the ProviderError. */
  readonly expect: unknown
}

type Read = (status: number, body: Uint8Array, hide: Conceal, took: number) => unknown

const hide = conceal('the-token')

const readers: Readonly<Record<string, Read>> = {
  'get-ipad-login-info': readPoll,
  'verify-code': readCode,
  'ipad-login': readQrCode,
  'second-login': readPush,
  'query-login-wx': (status, body, hide) => [...readOnline(status, body, hide).handles],
  'is-online': readIsOnline,
  'offline-reason': (status, body, hide) => readOfflineReason(status, body, hide, 'wxid_a'),
}

const casesOf = (name: string): readonly Case[] =>
  JSON.parse(readFileSync(new URL(`fixtures/${name}.json`, import.meta.url), 'utf8'))

const outcome = (read: Read, status: number, body: Uint8Array, took: number): unknown => {
  try {
    return read(status, body, hide, took)
  } catch (error) {
    if (!(error instanceof ProviderError)) throw error
    const { kind, sent, answered, upstreamCode, upstreamMessage } = error
    return { throws: { kind, sent, answered, upstreamCode, upstreamMessage } }
  }
}

describe.each(Object.entries(readers))('%s', (file, read) => {
  it.each(casesOf(file))('$name ($because)', ({ status, body, took = 0, expect: expected }) => {
    expect(outcome(read, status, Buffer.from(body), took)).toEqual(expected)
  })
})

const words = fc.constantFrom(
  ...['成功', '二维码已过期', '登录信息失效', '用户取消', '失败', '请在iPad上输入验证码', '验证码错误'],
  ...['网络链接异常', 'token', '超时', ''],
)
const data = fc.record(
  {
    wcId: fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom(' ', 'wxid_a'), fc.jsonValue()),
    wId: fc.oneof(fc.string({ unit: 'binary' }), fc.uuid(), fc.jsonValue()),
    url: fc.oneof(fc.webUrl(), fc.jsonValue()),
    qrCodeUrl: fc.oneof(fc.webUrl(), fc.jsonValue()),
    code: fc.oneof(fc.constantFrom('1000', '1001', 1000, 1001), fc.jsonValue()),
    message: words,
    isOnline: fc.oneof(fc.boolean(), fc.jsonValue()),
    reason: fc.oneof(fc.string({ unit: 'binary' }), fc.jsonValue()),
    uin: fc.oneof(fc.maxSafeInteger(), fc.double(), fc.jsonValue()),
    smallHeadImgUrl: fc.oneof(fc.webUrl(), fc.string(), fc.jsonValue()),
  },
  { requiredKeys: [] },
)
const envelopes = fc.record(
  {
    code: fc.oneof({ weight: 4, arbitrary: fc.constantFrom('1000', 1000, '1001') }, fc.jsonValue()),
    message: fc.oneof(words, fc.string({ unit: 'binary' }), fc.jsonValue()),
    data: fc.oneof({ weight: 4, arbitrary: data }, fc.array(data), fc.jsonValue()),
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
const times = fc.nat(300_000)

const walk = (value: unknown, see: (text: string) => void): void => {
  if (typeof value === 'string') see(value)
  else if (typeof value === 'object' && value !== null)
    for (const part of Object.values(value)) walk(part, see)
}

describe('whatever an upstream sends', () => {
  it.each(Object.entries(readers))('%s is read, or a ProviderError', (_name, read) => {
    fc.assert(
      fc.property(statuses, bodies, times, (status, body, took) => {
        const first = outcome(read, status, body, took)
        expect(outcome(read, status, body, took), 'the same bytes mean the same').toEqual(first)
      }),
      { numRuns: 2_000 },
    )
  })

  it.each([
    ['get-ipad-login-info', readPoll],
    ['verify-code', readCode],
    ['second-login', readPush],
  ])('%s signs nobody in but by a text in data.wcId, under nothing but successes', (_name, read) => {
    let confirmed = 0
    fc.assert(
      fc.property(statuses, bodies, times, (status, body, took) => {
        const told = outcome(read, status, body, took)
        if (typeof told !== 'object' || told === null || !('kind' in told) || told.kind !== 'SIGNED_IN')
          return
        confirmed++
        const answer = JSON.parse(body.toString('utf8'))
        expect(String(answer.code).trim()).toBe('1000')
        // A code may be an object whose text cannot be had.
        expect(JSON.stringify(answer.data.code ?? null)).not.toMatch(/^"?\s*1001/u)
        expect(status).toBeLessThan(300)
        expect(told).toMatchObject({ profile: { wcId: answer.data.wcId.trim() } })
        expect(answer.data.wcId.trim()).not.toBe('')
      }),
      { numRuns: 3_000 },
    )
    expect(confirmed, 'the property was put to the test').toBeGreaterThan(50)
  })

  it('no text that leaves here holds a control character, half a character or more than it may', () => {
    const unfit = /[\p{Cc}\p{Cs}\u202a-\u202e\u2066-\u2069]/u
    fc.assert(
      fc.property(bodies, times, (body, took) => {
        for (const read of Object.values(readers))
          walk(outcome(read, 200, body, took), text => {
            expect(text).not.toMatch(unfit)
            expect(text.length).toBeLessThanOrEqual(4_096)
          })
      }),
      { numRuns: 2_000 },
    )
  })
})
