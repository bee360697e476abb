// The hot path: what is learnt from polls that settle, whatever their bytes mean.

import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openProvider } from '../../src/provider/dialects.ts'
import { type Provider, ProviderError, type RawAnswer, type Target } from '../../src/provider/port.ts'
import { answerWith, never, reset, Upstream } from './upstream.ts'

const empty = JSON.stringify({ code: '1000', message: '成功', data: null })
const token = 'Authorization无效'
const noon = Date.parse('2026-11-20T12:00:00+08:00')

let upstream: Upstream
let provider: Provider
let now: number
let today: number
beforeEach(async () => {
  now = 1_000_000
  today = noon
  upstream = await Upstream.start(answerWith(empty))
  provider = openProvider({
    name: 'a',
    dialect: 'open',
    baseUrl: `${upstream.origin}/base/`,
    token: 'raw-token',
    pollConnections: 2,
    monotonic: () => now,
    today: () => today,
  })
})
afterEach(async () => {
  await provider.close()
  await upstream.stop()
})

const target: Target = {
  upstreamId: 'gh&1=广',
  deviceType: 'IPAD',
  province: '广东',
  city: null,
  proxy: null,
  ttuid: null,
  wcId: null,
  handle: null,
  knownHandles: [],
}

const send = () => {
  const { promise, resolve } = Promise.withResolvers<RawAnswer>()
  const call = provider.polling.send(provider.polling.prepare(target), resolve)
  return { call, answer: promise }
}

const errorIn = (answer: RawAnswer): ProviderError => {
  if (answer.kind === 'ANSWERED') throw new Error(`answered with ${answer.status}`)
  return answer.error
}

/** Reads as the poller does. */
const poll = async (): Promise<unknown> => {
  const answer = await send().answer
  return answer.kind === 'FAILED' ? answer.error : readOr(answer.status, answer.body)
}

const readOr = (status: number, body: Uint8Array): unknown => {
  try {
    return provider.polling.read(status, body, 0)
  } catch (error) {
    return error
  }
}

describe('a poll', () => {
  it('posts a form under the base path, with the raw token', async () => {
    const seen = Promise.withResolvers<unknown>()
    upstream.handle((request, response) => {
      const { method, url, headers } = request
      seen.resolve({
        method,
        url,
        authorization: headers.authorization,
        type: headers['content-type'],
        length: headers['content-length'],
      })
      answerWith(empty)(request, response)
    })
    expect(await poll()).toEqual({ kind: 'NOT_SCANNED' })
    expect(await seen.promise).toEqual({
      method: 'POST',
      url: '/base/open/checkLoginShort',
      authorization: 'raw-token',
      type: 'application/x-www-form-urlencoded',
      length: String('deviceId=gh%261%3D%E5%B9%BF'.length),
    })
  })

  it('is refused where it was prepared by another provider', () => {
    expect(() => provider.polling.send({ provider: 'b' }, () => {})).toThrow(TypeError)
  })

  it('is not sent where no line is free, and says so later', async () => {
    upstream.handle(never)
    const calls = [send(), send()]
    expect(provider.polling.full).toBe(true)
    let told = false
    provider.polling.send(provider.polling.prepare(target), answer => {
      told = true
      expect(errorIn(answer)).toMatchObject({ kind: 'UNREACHABLE', sent: false })
    })
    expect(told).toBe(false)
    await Promise.resolve()
    expect(told).toBe(true)
    for (const { call } of calls) call.abort(new Error('enough'))
    await Promise.all(calls.map(({ answer }) => answer))
    expect(provider.polling.full).toBe(false)
  })
})

describe('from polls the circuit learns', () => {
  it('that the upstream answers, whatever it says', async () => {
    expect(provider.reachable).toBeNull()
    upstream.handle(answerWith('{"code":"1001","message":"设备不存在"}'))
    await poll()
    expect(provider.reachable).toBe(true)
  })

  it.each([
    ['reset connections', reset, 'UNREACHABLE'],
    ['a gateway with nobody behind it', answerWith('<html>', 502), 'UNREACHABLE'],
  ])(
    'to hold polls back after five in a row met %s, and goes on after one was answered',
    async (_name, handler, kind) => {
      upstream.handle(handler)
      for (let failure = 0; failure < 5; failure++) expect(await poll()).toMatchObject({ kind, sent: true })
      expect(provider.reachable).toBe(false)
      expect(provider.polling.slow).toBe(true)
      const sent = upstream.requests
      expect(await poll()).toMatchObject({ kind, sent: false })
      expect(upstream.requests).toBe(sent)
      expect(provider.polling.full, 'no line is lost by it').toBe(false)

      upstream.handle(answerWith(empty))
      now += 1_000
      expect(await poll()).toEqual({ kind: 'NOT_SCANNED' })
      expect(provider.reachable).toBe(true)
      expect(provider.polling.slow).toBe(false)
    },
  )

  it.each([
    ['by status, without being read', answerWith('', 401)],
    ['by status 403, without being read', answerWith('{}', 403)],
  ])('a refused token %s', async (_name, handler) => {
    upstream.handle(handler)
    await send().answer
    expect(provider.reachable).toBe(false)
    expect(errorIn(await send().answer)).toMatchObject({ kind: 'UNAUTHORIZED', sent: false })
  })

  it('a refused token by its words, once they are read', async () => {
    upstream.handle(answerWith(JSON.stringify({ code: '1001', message: token })))
    expect(await poll()).toMatchObject({ kind: 'UNAUTHORIZED', answered: true })
    expect(provider.reachable).toBe(false)
    expect(await poll()).toMatchObject({ kind: 'UNAUTHORIZED', sent: false })
  })

  it('a refused token that many polls in flight are told of: one short pause', async () => {
    const answers: (() => void)[] = []
    upstream.handle((...call) =>
      answers.push(() => answerWith(JSON.stringify({ code: '1001', message: token }))(...call)),
    )
    const polls = [poll(), poll()]
    while (answers.length < 2) await upstream.asked
    for (const answer of answers) answer()
    await Promise.all(polls)
    const sent = upstream.requests
    now += 999
    expect(await poll()).toMatchObject({ kind: 'UNAUTHORIZED', sent: false })
    now += 1
    upstream.handle(answerWith(empty))
    expect(await poll()).toEqual({ kind: 'NOT_SCANNED' })
    expect(upstream.requests).toBe(sent + 1)
  })

  it('that the token is still refused from the one poll that tries, before anybody has read it', async () => {
    upstream.handle(answerWith(JSON.stringify({ code: '1001', message: token })))
    await poll()
    now += 1_000
    const { answer } = send()
    expect(await answer).toMatchObject({ kind: 'ANSWERED', status: 200 })
    expect(provider.reachable).toBe(false)
    now += 1_999
    expect(await poll()).toMatchObject({ kind: 'UNAUTHORIZED', sent: false })
  })

  it('that it answers, where it refuses under a status of failure', async () => {
    upstream.handle(answerWith(JSON.stringify({ code: '1001', message: '登录信息失效' }), 500))
    for (let told = 0; told < 6; told++) expect(await poll()).toMatchObject({ kind: 'DEAD' })
    expect(provider.reachable).toBe(true)
  })

  it('nothing from a poll that was given up: that was our own affair', async () => {
    upstream.handle(never)
    for (let given = 0; given < 5; given++) {
      const { asked } = upstream
      const { call, answer } = send()
      await asked
      now += 200
      call.abort(new Error('the login has ended'))
      expect(errorIn(await answer)).toMatchObject({ kind: 'TIMEOUT', sent: true })
    }
    expect(provider.reachable).toBeNull()
    expect(provider.polling.slow).toBe(false)
  })

  it('that it is slow from polls that were given up after a long silence, and no more than that', async () => {
    upstream.handle(never)
    for (let given = 0; given < 5; given++) {
      const { asked } = upstream
      const { call, answer } = send()
      await asked
      now += 10_000
      call.abort(new Error('swept'))
      await answer
    }
    expect(provider.reachable).toBeNull()
    expect(provider.polling.slow).toBe(true)
    upstream.handle(answerWith(empty))
    expect(await poll()).toEqual({ kind: 'NOT_SCANNED' })
  })

  it('nothing of its speed from polls that were given up sooner than it answers', async () => {
    upstream.handle((request, response) => {
      now += 2_000
      answerWith(empty)(request, response)
    })
    for (let late = 0; late < 20; late++) await poll()
    upstream.handle(never)
    for (let given = 0; given < 20; given++) {
      const { asked } = upstream
      const { call, answer } = send()
      await asked
      call.abort(new Error('the login has ended'))
      await answer
    }
    expect(provider.polling.slow).toBe(true)
  })
})

describe('it is slow', () => {
  it('where answers have taken more than a second for a while, and no more where they are quick again', async () => {
    const takes = (ms: number) =>
      upstream.handle((request, response) => {
        now += ms
        answerWith(empty)(request, response)
      })
    takes(2_000)
    await poll()
    expect(provider.polling.slow, 'one late answer is no weather').toBe(false)
    for (let late = 0; late < 15; late++) await poll()
    expect(provider.polling.slow).toBe(true)
    takes(5)
    for (let quick = 0; quick < 20; quick++) await poll()
    expect(provider.polling.slow).toBe(false)
  })

  it('while the upstream checks itself (P 3.6), looked up once a minute', () => {
    expect(provider.polling.slow).toBe(false)
    today = Date.parse('2026-11-20T03:01:00+08:00')
    expect(provider.polling.slow).toBe(false)
    now += 60_000
    expect(provider.polling.slow).toBe(true)
    today = Date.parse('2026-11-20T03:15:30+08:00')
    now += 60_000
    expect(provider.polling.slow).toBe(false)
  })
})

it('closed, it sends nothing and leaves nothing', async () => {
  upstream.handle(never)
  const { asked } = upstream
  const { answer } = send()
  await asked
  await provider.close()
  expect(errorIn(await answer)).toMatchObject({ answered: false })
  expect(errorIn(await send().answer)).toMatchObject({ sent: false })
  await expect(provider.issueQrCode(target, new AbortController().signal)).rejects.toBeInstanceOf(
    ProviderError,
  )
  await upstream.quiet()
  expect(upstream.requests).toBe(1)
})
