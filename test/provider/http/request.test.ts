// The rare calls: what waits, what was sent, and what is left when one is called off.

import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { Lines, newConnector } from '../../../src/provider/http/lines.ts'
import { Requests } from '../../../src/provider/http/request.ts'
import { ProviderError } from '../../../src/provider/port.ts'
import { answerWith, flood, never, reset, Upstream } from '../upstream.ts'

let upstream: Upstream
let requests: Requests
beforeEach(async () => {
  upstream = await Upstream.start(answerWith('hello'))
  requests = open()
})
afterEach(async () => {
  await requests.close()
  await upstream.stop()
})

const open = (options: { origin?: string; connector?: ReturnType<typeof newConnector> } = {}) =>
  new Requests(
    new Lines({
      origin: upstream.origin,
      connector: newConnector(),
      max: 2,
      patience: 20_000,
      idle: 10_000,
      ...options,
    }),
  )

const post = (
  signal = new AbortController().signal,
  { waiting = signal, leaves = () => {}, body = 'a=b' as string | null } = {},
) =>
  requests.ask({
    path: '/open/x',
    headers: { authorization: 'secret-token' },
    body,
    signal,
    waiting,
    leaves,
  })

const failure = async (work: Promise<unknown>): Promise<ProviderError> => {
  const error = await work.then(
    () => new Error('It was answered'),
    error => error,
  )
  if (!(error instanceof ProviderError)) throw error
  return error
}

it('brings status and bytes', async () => {
  upstream.handle(answerWith('gone', 500))
  expect(await post()).toEqual({ status: 500, body: Buffer.from('gone') })
})

it.each([
  ['POST', 'a=b'],
  ['GET', null],
])('is a %s where the body is %j', async (method, body) => {
  upstream.handle((request, response) => {
    answerWith(`${request.method} ${upstream.bodyOf(request)}`)(request, response)
  })
  expect(await post(undefined, { body })).toMatchObject({ body: Buffer.from(`${method} ${body ?? ''}`) })
})

it('was never sent where the connection is refused, or the name leads nowhere', async () => {
  requests = open({ origin: 'http://upstream.invalid' })
  expect(await failure(post())).toMatchObject({ sent: false, answered: false })
  await upstream.stop()
  requests = open()
  expect(await failure(post())).toMatchObject({ kind: 'UNREACHABLE', sent: false, answered: false })
})

it('may have been sent where the connection breaks', async () => {
  upstream.handle(reset)
  expect(await failure(post())).toMatchObject({ kind: 'UNREACHABLE', sent: true, answered: false })
})

it('reads no more than it may, and keeps no connection for the rest', async () => {
  upstream.handle(flood)
  expect(await failure(post())).toMatchObject({ kind: 'UNREADABLE', sent: true, answered: false })
  await upstream.quiet()
})

it('called off before it begins, nothing is sent', async () => {
  expect(await failure(post(AbortSignal.abort()))).toMatchObject({ kind: 'TIMEOUT', sent: false })
  expect(upstream.requests).toBe(0)
})

it('called off while its connection is not up yet, nothing is sent, and that is known at once', async () => {
  requests = open({ connector: () => {} })
  const stop = new AbortController()
  const work = failure(post(stop.signal))
  await Promise.resolve()
  stop.abort()
  expect(await work).toMatchObject({ kind: 'TIMEOUT', sent: false })
})

it('called off while it hangs, it was sent', async () => {
  upstream.handle(never)
  const stop = new AbortController()
  const { asked } = upstream
  const work = failure(post(stop.signal))
  await asked
  stop.abort()
  expect(await work).toMatchObject({ kind: 'TIMEOUT', sent: true, answered: false })
  await upstream.quiet()
})

it('called off inside its answer, it was sent', async () => {
  upstream.handle((_request, response) => response.writeHead(200).write('half'))
  const stop = new AbortController()
  const { asked } = upstream
  const work = failure(post(stop.signal))
  await asked
  setImmediate(() => stop.abort())
  expect(await work).toMatchObject({ kind: 'TIMEOUT', sent: true, answered: false })
})

it('leaves in the very tick where a line is free', () => {
  let left = false
  const work = post(undefined, {
    leaves: () => {
      left = true
    },
  })
  expect(left).toBe(true)
  return work
})

it('called off as it leaves, nothing is sent, and its line is free for the next', async () => {
  const leaves = () => {
    throw new ProviderError({ kind: 'TIMEOUT', sent: false, answered: false })
  }
  for (let call = 0; call < 3; call++)
    expect(await failure(post(undefined, { leaves }))).toMatchObject({ sent: false })
  expect(upstream.requests).toBe(0)
  expect(await post()).toMatchObject({ status: 200 })
})

it('that may not wait for long is given up while it waits, and leaves nobody behind', async () => {
  upstream.handle(never)
  const stop = new AbortController()
  const busy = [failure(post(stop.signal)), failure(post(stop.signal))]
  while (upstream.requests < 2) await upstream.asked
  const enough = new AbortController()
  const leaves = vi.fn()
  const work = failure(post(undefined, { waiting: enough.signal, leaves }))
  enough.abort()
  expect(await work).toMatchObject({ kind: 'TIMEOUT', sent: false })
  stop.abort()
  await Promise.all(busy)
  expect(leaves).not.toHaveBeenCalled()
})

it('waits for a free line in order, one call on each', async () => {
  const answers: (() => void)[] = []
  upstream.handle((_request, response) => answers.push(() => response.end('hello')))
  const calls = Array.from({ length: 6 }, () => post())
  while (upstream.requests < 2) await upstream.asked
  for (let answered = 0; answered < 6; answered++) {
    while (answers.length <= answered) await upstream.asked.then(() => new Promise(setImmediate))
    answers[answered]?.()
    await calls[answered]
  }
  expect(upstream.mostUnderWay).toBe(2)
  expect(upstream.connections).toBe(2)
})

it('called off while it waits, nothing is sent, and the others go on', async () => {
  upstream.handle(never)
  const busy = [new AbortController(), new AbortController()]
  const work = busy.map(({ signal }) => failure(post(signal)))
  while (upstream.requests < 2) await upstream.asked
  const stop = new AbortController()
  const waiting = failure(post(stop.signal))
  const next = post()
  stop.abort()
  expect(await waiting).toMatchObject({ kind: 'TIMEOUT', sent: false })
  upstream.handle(answerWith('at last'))
  busy[0]?.abort()
  expect(await next).toMatchObject({ status: 200 })
  busy[1]?.abort()
  await Promise.all(work)
})

it('refuses those that wait when it closes, as unsent', async () => {
  upstream.handle(never)
  const work = Array.from({ length: 3 }, () => failure(post()))
  while (upstream.requests < 2) await upstream.asked
  await requests.close()
  const errors = await Promise.all(work)
  expect(errors.map(({ sent }) => sent)).toEqual([true, true, false])
  expect(await failure(post(AbortSignal.timeout(1)))).toMatchObject({ sent: false })
  await upstream.quiet()
})

it('lets no token into an error', async () => {
  upstream.handle(reset)
  const error = await failure(post())
  for (let cause: unknown = error; cause instanceof Error; cause = cause.cause)
    expect(`${cause.message}\n${cause.stack}\n${JSON.stringify(cause)}`).not.toContain('secret-token')
})
