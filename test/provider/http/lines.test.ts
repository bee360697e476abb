// Lines and the calls on them, over real connections.

import type { Socket } from 'node:net'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { Call } from '../../../src/provider/http/call.ts'
import { Lines, newConnector } from '../../../src/provider/http/lines.ts'
import type { ProviderError, RawAnswer } from '../../../src/provider/port.ts'
import { answerWith, flood, never, reset, Upstream } from '../upstream.ts'

const request = { method: 'POST', path: '/', body: 'a=b' } as const

let upstream: Upstream
let lines: Lines
beforeEach(async () => {
  upstream = await Upstream.start(answerWith('hello'))
  lines = open()
})
afterEach(async () => {
  await lines.close()
  await upstream.stop()
})

const open = (
  options: {
    max?: number
    origin?: string
    idle?: number | null
    connector?: ReturnType<typeof newConnector>
  } = {},
) =>
  new Lines({
    origin: upstream.origin,
    connector: newConnector(),
    max: 4,
    patience: 20_000,
    idle: 10_000,
    ...options,
  })

/** A call whose answer can be awaited; it fails the test by settling twice, or before `send` has returned. */
const begin = (from = lines) => {
  const line = from.take()
  if (line === null) throw new Error('No line is free')
  const { promise, resolve } = Promise.withResolvers<RawAnswer>()
  let settlements = 0
  let hasReturned = false
  const call = new Call(from, line, answer => {
    settlements++
    expect(hasReturned, 'settled before send returned').toBe(true)
    resolve(answer)
  })
  call.send(request)
  hasReturned = true
  return { call, answer: promise, settlements: () => settlements }
}

const bodyOf = (answer: RawAnswer): string => {
  if (answer.kind === 'FAILED') throw answer.error
  return Buffer.from(answer.body).toString()
}

const errorIn = (answer: RawAnswer): ProviderError => {
  if (answer.kind === 'ANSWERED') throw new Error(`answered with ${answer.status}`)
  return answer.error
}

describe('a connection that cannot be made', () => {
  it('ends one call, and whoever hears of it may ask again on the same line at once', async () => {
    const closed = await Upstream.start(never)
    await closed.stop()
    const one = open({ max: 1, origin: closed.origin })
    const heard: RawAnswer['kind'][] = []
    const { promise, resolve } = Promise.withResolvers<void>()
    const ask = () => {
      const line = one.take()
      if (line === null) throw new Error('No line is free')
      const call = new Call(one, line, ({ kind }) => {
        heard.push(kind)
        if (heard.length < 3) ask()
        else resolve()
      })
      call.send(request)
    }
    ask()
    await promise
    expect(heard).toEqual(['FAILED', 'FAILED', 'FAILED'])
    await one.close()
  })
})

describe('a call', () => {
  it('brings status and bytes', async () => {
    upstream.handle(answerWith('nobody', 404))
    expect(await begin().answer).toMatchObject({ kind: 'ANSWERED', status: 404, body: Buffer.from('nobody') })
  })

  it('puts an answer of many pieces together', async () => {
    upstream.handle((_request, response) => {
      response.writeHead(200)
      response.write('one ')
      setImmediate(() => response.write('two ', () => setImmediate(() => response.end('three'))))
    })
    expect(bodyOf(await begin().answer)).toBe('one two three')
  })

  it('takes an answer without a body for an empty one', async () => {
    upstream.handle(answerWith(''))
    const answer = await begin().answer
    expect(answer.kind === 'ANSWERED' && answer.body.byteLength).toBe(0)
  })

  it('fails on a connection that is reset, and the line works again', async () => {
    upstream.handle(reset)
    const failed = begin()
    expect(errorIn(await failed.answer)).toMatchObject({ kind: 'UNREACHABLE', sent: true, answered: false })
    upstream.handle(answerWith('back'))
    expect(bodyOf(await begin().answer)).toBe('back')
    expect(failed.settlements()).toBe(1)
    expect(lines.size).toBe(1)
  })

  it('fails on an answer that is cut', async () => {
    upstream.handle((_request, response) => {
      response.writeHead(200, { 'content-length': 100 })
      response.write('half', () => response.destroy())
    })
    expect(errorIn(await begin().answer)).toMatchObject({ kind: 'UNREACHABLE', sent: true, answered: false })
  })

  it('reads no more than it may', async () => {
    upstream.handle(flood)
    const { answer, settlements } = begin()
    expect(errorIn(await answer)).toMatchObject({ kind: 'UNREADABLE', sent: true, answered: false })
    await upstream.quiet()
    expect(settlements()).toBe(1)
  })

  it('was never sent where the connection is refused', async () => {
    await upstream.stop()
    expect(errorIn(await begin().answer)).toMatchObject({ kind: 'UNREACHABLE', sent: false, answered: false })
  })

  it('ends at once when it is given up, and settles once', async () => {
    upstream.handle(never)
    const { asked } = upstream
    const { call, answer, settlements } = begin()
    await asked
    call.abort(new Error('given up'))
    call.abort(new Error('given up again'))
    expect(errorIn(await answer)).toMatchObject({ kind: 'TIMEOUT', sent: true, answered: false })
    await upstream.quiet()
    expect(settlements()).toBe(1)
    upstream.handle(answerWith('next'))
    expect(bodyOf(await begin().answer)).toBe('next')
  })

  it('ends at once when it is given up before its connection stands', async () => {
    lines = open({ connector: () => {} })
    const { call, answer, settlements } = begin()
    call.abort(new Error('given up'))
    expect(errorIn(await answer)).toMatchObject({ kind: 'TIMEOUT' })
    expect(settlements()).toBe(1)
    expect(lines.size, 'its line is gone, and another may be opened').toBe(0)
  })

  it('whose teller throws harms no connection, and the bug is seen', async () => {
    const seen = Promise.withResolvers<unknown>()
    const { queueMicrotask: queue } = globalThis
    const queued = vi.spyOn(globalThis, 'queueMicrotask').mockImplementation(work =>
      queue(() => {
        try {
          work()
        } catch (error) {
          seen.resolve(error)
        }
      }),
    )
    const bug = new Error('a bug')
    const line = lines.take()
    if (line === null) throw new Error('No line is free')
    const call = new Call(lines, line, () => {
      throw bug
    })
    call.send(request)
    expect(await seen.promise).toBe(bug)
    queued.mockRestore()
    expect(bodyOf(await begin().answer)).toBe('hello')
    expect(upstream.connections).toBe(1)
  })

  it('that has settled does not mind being given up', async () => {
    const { call, answer, settlements } = begin()
    await answer
    call.abort(new Error('too late'))
    expect(bodyOf(await begin().answer)).toBe('hello')
    expect(settlements()).toBe(1)
  })
})

describe('the lines', () => {
  it('are one call each, up to the cap', async () => {
    upstream.handle(never)
    const calls = Array.from({ length: 4 }, () => begin())
    expect(lines.full).toBe(true)
    expect(lines.take()).toBeNull()
    while (upstream.requests < 4) await upstream.asked
    expect(upstream.connections).toBe(4)
    for (const { call } of calls) call.abort(new Error('enough'))
    await Promise.all(calls.map(({ answer }) => answer))
    expect(lines.full).toBe(false)
    expect(lines.size).toBe(4)
  })

  it('are taken warmest first, so that few are kept busy', async () => {
    upstream.handle(never)
    const [first, second] = [begin(), begin()]
    while (upstream.requests < 2) await upstream.asked
    upstream.handle(answerWith('hello'))
    first.call.abort(new Error('enough'))
    second.call.abort(new Error('enough'))
    await Promise.all([first.answer, second.answer])
    for (let round = 0; round < 10; round++) await begin().answer
    // The aborted ones lost their connections; since then one served every call.
    expect(upstream.connections).toBe(3)
  })

  it('free themselves when their call settles, so that the next can begin in it', async () => {
    lines = open({ max: 1 })
    const told: string[] = []
    const { promise, resolve } = Promise.withResolvers<void>()
    const again = (left: number) => {
      const line = lines.take()
      if (line === null) throw new Error('not free')
      new Call(lines, line, answer => {
        told.push(bodyOf(answer))
        if (left > 0) again(left - 1)
        else resolve()
      }).send(request)
    }
    again(20)
    await promise
    expect(told).toHaveLength(21)
    expect(upstream.connections).toBe(1)
    expect(upstream.mostUnderWay).toBe(1)
  })

  it('end every call when they close, keep no connection, and give none out afterwards', async () => {
    upstream.handle(never)
    const calls = Array.from({ length: 3 }, () => begin())
    while (upstream.requests < 3) await upstream.asked
    await lines.close()
    const answers = await Promise.all(calls.map(({ answer }) => answer))
    for (const answer of answers) expect(errorIn(answer)).toMatchObject({ answered: false })
    for (const { settlements } of calls) expect(settlements()).toBe(1)
    await upstream.quiet()
    expect(lines.full).toBe(true)
    expect(lines.take()).toBeNull()
  })
})

describe('lines that are not kept', () => {
  const newSockets = () => {
    const sockets: Socket[] = []
    const connect = newConnector()
    const connector: typeof connect = (options, callback) =>
      connect(options, (...told) => {
        if (told[1] !== null) sockets.push(told[1])
        callback(...told)
      })
    return { sockets, connector }
  }

  it('end with their call', async () => {
    const lines = open({ idle: null })
    expect(bodyOf(await begin(lines).answer)).toBe('hello')
    expect(lines.size).toBe(0)
    await upstream.quiet()
    await lines.close()
  })

  it('tell of a call that was given up once its connection is closed', async () => {
    upstream.handle(never)
    const { sockets, connector } = newSockets()
    const lines = open({ idle: null, connector })
    const { asked } = upstream
    const { call, answer, settlements } = begin(lines)
    const closed = answer.then(() => sockets[0]?.closed)
    await asked
    call.abort(new Error('given up'))
    call.abort(new Error('given up again'))
    expect(settlements(), 'it is not closed yet').toBe(0)
    expect(errorIn(await answer)).toMatchObject({ kind: 'TIMEOUT', sent: true, answered: false })
    expect(await closed).toBe(true)
    expect([settlements(), lines.size]).toEqual([1, 0])
    await upstream.quiet()
  })

  it('tell of a call that was given up before its connection stood', async () => {
    const lines = open({ idle: null })
    const { call, answer, settlements } = begin(lines)
    call.abort(new Error('given up'))
    expect(errorIn(await answer)).toMatchObject({ kind: 'TIMEOUT', answered: false })
    expect([settlements(), lines.size]).toEqual([1, 0])
    await upstream.quiet()
  })

  it('tell at once where the upstream ends the connection', async () => {
    upstream.handle(reset)
    const lines = open({ idle: null })
    const { answer } = begin(lines)
    expect(errorIn(await answer)).toMatchObject({ kind: 'UNREACHABLE', sent: true })
    expect(lines.size).toBe(0)
  })
})
