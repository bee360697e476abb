// /callbacks/<provider>/<secret>: who is let in, what is read of what they say, and what it costs when they mean harm.

import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import fc from 'fast-check'
import { describe, expect, it, vi } from 'vitest'
import type { PresenceHint } from '../../src/login/presence.ts'
import type { Services } from '../../src/resolvers/services.ts'
import { callbackLimits, createCallbacks } from '../../src/server/callbacks.ts'
import { dropsIn } from '../../src/server/callbacks-body.ts'
import { callbackPath, callbackSecrets } from '../../src/server/callbacks-secrets.ts'
import { listen } from '../../src/server/listening.ts'
import { type Served, served } from './served.ts'

const secrets = callbackSecrets(Buffer.alloc(32, 7))
const path = callbackPath(secrets, 'desk-line')

interface Called extends Served {
  readonly hints: PresenceHint[]
}

const called = async (hintPresence?: () => void): Promise<Called> => {
  const hints: PresenceHint[] = []
  const services = {
    feeds: { stop: () => {} },
    store: { ping: async () => ({ strayEvents: false }) },
    providers: new Map([['desk-line', {}]]),
    hintPresence: hintPresence ?? ((hint: PresenceHint) => void hints.push(hint)),
  } as unknown as Services
  return Object.assign(await served({ services, callbacks: secrets }), { hints })
}

const call = ({ url }: Served, body: string, to = path) => fetch(`${url}${to}`, { method: 'POST', body })

// P 2.6 and P 3.5, to the letter.
const raw = { account: 'developer', data: { wId: 'w-1' }, messageType: 4, wcId: 'wxid_a' }
const optimised = { wcId: 'wxid_b', messageType: '30000', data: { wId: 'w-2', reason: '你已退出微信' } }
const chat = {
  wcId: 'wxid_a',
  messageType: '60001',
  data: { wId: 'w-1', content: '我们的秘密', newMsgId: 7 },
}

describe('what an upstream says', () => {
  it.each([
    ['the raw form, one object (P 2.6)', JSON.stringify(raw), [['wxid_a', 'w-1']]],
    ['the optimised form (P 2.6)', JSON.stringify(optimised), [['wxid_b', 'w-2']]],
    ['an array of JSON strings (P 3.5)', JSON.stringify([JSON.stringify(raw)]), [['wxid_a', 'w-1']]],
    [
      'an array of objects',
      JSON.stringify([raw, optimised]),
      [
        ['wxid_a', 'w-1'],
        ['wxid_b', 'w-2'],
      ],
    ],
    ['the int as a string', JSON.stringify({ ...raw, messageType: '4' }), [['wxid_a', 'w-1']]],
    ['no wcId', JSON.stringify({ messageType: 4, data: { wId: 'w-1' } }), [[null, 'w-1']]],
    ['no data', JSON.stringify({ messageType: 4, wcId: 'wxid_a' }), [['wxid_a', null]]],
    ['data of another type', JSON.stringify({ ...raw, data: ' ' }), [['wxid_a', null]]],
    ['the test after registering (P 2.6)', JSON.stringify({ messageType: '00000', data: {} }), []],
    ['a chat message', JSON.stringify(chat), []],
    ['a chat message with an int (P 3.5)', JSON.stringify([JSON.stringify({ ...raw, messageType: 9 })]), []],
    [
      'a drop told inside a chat message',
      JSON.stringify({ ...chat, data: { content: JSON.stringify(raw) } }),
      [],
    ],
    ['names of other types', JSON.stringify({ messageType: 4, wcId: 7, data: { wId: {} } }), []],
    ['a name that is none', JSON.stringify({ messageType: 4, wcId: 'x'.repeat(129) }), []],
    ['a type of another type', JSON.stringify({ ...raw, messageType: [4] }), []],
    ['an array in an array', JSON.stringify([[raw]]), []],
    ['a string in a string', JSON.stringify([JSON.stringify(JSON.stringify(raw))]), []],
    ['no JSON', 'messageType=4&wcId=wxid_a', []],
    ['nothing', '', []],
  ] as const)('%s', async (_name, body, names) => {
    await using server = await called()
    const answer = await call(server, body)
    expect(answer.status).toBe(200)
    expect(await answer.json()).toMatchObject({ code: '1000' })
    expect(server.hints).toEqual(names.map(([wcId, handle]) => ({ provider: 'desk-line', wcId, handle })))
    expect(server.logged).toEqual([])
  })

  it('hints at an account once, however often a body and however stale a handle say so', async () => {
    await using server = await called()
    const drops = Array.from({ length: 10_000 }, (_, n) =>
      JSON.stringify({ messageType: 4, wcId: 'wxid_a', data: { wId: `w-${n}` } }),
    )
    expect((await call(server, JSON.stringify(drops))).status).toBe(200)
    expect(server.hints).toHaveLength(1)
  })

  it('costs no more than one hint for each of many bodies', async () => {
    await using server = await called()
    const body = JSON.stringify([raw, raw])
    for (let round = 0; round < 100; round++)
      await Promise.all(Array.from({ length: 20 }, async () => (await call(server, body)).text()))
    expect(server.hints).toHaveLength(2_000)
    expect(new Set(server.hints.map(({ wcId }) => wcId)).size).toBe(1)
  })

  it('is answered whatever comes of it, and no word of it is logged', async () => {
    await using server = await called(() => {
      throw new Error(`Nobody can follow ${JSON.stringify(optimised)}`)
    })
    const answer = await call(server, JSON.stringify([chat, optimised, raw]))
    expect(answer.status).toBe(200)
    await answer.text()
    expect(server.logged).toHaveLength(1)
    const log = JSON.stringify(server.logged)
    for (const word of ['秘密', '退出', 'wxid_', 'w-1', 'w-2', secrets.of('desk-line')])
      expect(log).not.toContain(word)
  })

  it('does not wait for what is made of it', async () => {
    await using server = await called(() => new Promise(() => {}))
    expect((await call(server, JSON.stringify(raw))).status).toBe(200)
  })
})

describe('nonsense', () => {
  it('says nothing, in any shape and at any depth', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 6 }), fc.boolean(), (value, asString) => {
        const body = JSON.stringify(asString ? [JSON.stringify(value), value] : value)
        for (const { wcId, handle } of dropsIn(body)) expect(wcId ?? handle).toEqual(expect.any(String))
      }),
    )
    fc.assert(fc.property(fc.string({ unit: 'binary' }), text => void expect(dropsIn(text)).toEqual([])))
  })

  it('beside a drop does not hide it', () => {
    fc.assert(
      fc.property(fc.array(fc.jsonValue({ maxDepth: 4 })), fc.array(fc.jsonValue()), (before, after) => {
        const found = dropsIn(JSON.stringify([...before, JSON.stringify(raw), ...after]))
        expect(found).toContainEqual({ wcId: 'wxid_a', handle: 'w-1' })
      }),
    )
  })

  it('in a megabyte of texts is not looked at for ever', () => {
    const parse = vi.spyOn(JSON, 'parse')
    const looks = (text: string) => {
      parse.mockClear()
      dropsIn(JSON.stringify(Array.from({ length: 50_000 }, () => text)))
      return parse.mock.calls.length
    }
    expect(looks('')).toBe(1)
    expect(looks('{"type":4}')).toBe(1)
    expect(looks('{"messageType"')).toBe(20_001)
    parse.mockRestore()
  })

  it.each([
    ['arrays', '['.repeat(400_000) + ']'.repeat(400_000)],
    ['open arrays', '['.repeat(1_000_000)],
    ['objects', `${'{"data":'.repeat(100_000)}4${'}'.repeat(100_000)}`],
    ['a drop with a deep name', `{"messageType":4,"wcId":${'['.repeat(300_000)}${']'.repeat(300_000)}}`],
  ])('a depth bomb of %s is answered', async (_name, body) => {
    await using server = await called()
    expect((await call(server, body)).status).toBe(200)
    expect(server.hints).toEqual([])
    expect(server.logged).toEqual([])
  })
})

describe('who is let in', () => {
  it('has the secret of that provider; nobody learns what was wrong', async () => {
    await using server = await called()
    const wrong = [
      '/callbacks/desk-line/wrong',
      `/callbacks/desk-line/${secrets.of('desk-line')}x`,
      `/callbacks/desk-line/${secrets.of('desk-line')}/`,
      `/callbacks/desk-line/${secrets.of('desk-line').toUpperCase()}`,
      '/callbacks/desk-line/',
      '/callbacks/desk-line',
      '/callbacks/',
      // Right for its name, but nobody here has that name.
      callbackPath(secrets, 'other-line'),
      `/callbacks/desk-line/${secrets.of('other-line')}`,
      callbackPath(callbackSecrets(Buffer.alloc(32, 8)), 'desk-line'),
      '/callbacks/%zz/%',
    ]
    const answers = await Promise.all(
      wrong.map(async to => {
        const { status, headers } = await call(server, JSON.stringify(raw), to)
        return { status, type: headers.get('content-type') }
      }),
    )
    expect(new Set(answers.map(answer => JSON.stringify(answer))).size).toBe(1)
    expect(answers[0]?.status).toBe(404)
    expect(server.hints).toEqual([])
    expect(server.logged).toEqual([])
  })

  it('posts', async () => {
    await using server = await called()
    for (const method of ['GET', 'PUT', 'DELETE', 'OPTIONS', 'HEAD']) {
      const answer = await fetch(`${server.url}${path}`, { method })
      expect(answer.status).toBe(405)
      expect(answer.headers.get('allow')).toBe('POST')
    }
    expect(server.hints).toEqual([])
  })

  it('finds nothing where no callbacks are taken', async () => {
    await using server = await served()
    expect((await call(server, JSON.stringify(raw))).status).toBe(404)
  })

  it('keeps the address for as long as the gateway keeps its secret', () => {
    const again = callbackSecrets(Buffer.alloc(32, 7))
    expect(again.of('desk-line')).toBe(secrets.of('desk-line'))
    expect(again.holds('desk-line', secrets.of('desk-line'))).toBe(true)
    expect(secrets.of('a')).not.toBe(secrets.of('b'))
    expect(path).toMatch(/^\/callbacks\/desk-line\/[\w-]{43}$/)
  })
})

/** The route alone, with what a test wants to see of it. */
const alone = async (
  given: Partial<Pick<Services, 'hintPresence'>> & { patience?: number; sockets?: Socket[] },
) => {
  const listening = await listen('127.0.0.1', 0)
  const { hintPresence = () => {}, sockets, patience } = given
  const answer = createCallbacks({
    services: { providers: new Map([['desk-line', {} as never]]), hintPresence },
    secrets,
    log: { error: () => {} },
    ...(patience === undefined ? {} : { patience }),
  })
  listening.serve({
    request: (request, response) => {
      sockets?.push(request.socket)
      void answer(request, response)
    },
    upgrade: () => {},
  })
  return { url: listening.url, [Symbol.asyncDispose]: () => listening.close(0) }
}

/** Sends as fast as it is read, until it is cut off; tells what it was answered. */
const flood = async (url: string, head: string, size: number) => {
  const { hostname, port } = new URL(url)
  const socket = connect(Number(port), hostname)
  const closed = once(socket, 'close').catch(() => {})
  let answer = ''
  socket
    .on('error', () => {})
    .on('data', chunk => {
      answer += chunk
    })
  await once(socket, 'connect')
  socket.write(head)
  const chunk = Buffer.alloc(65_536, 0x61)
  let sent = 0
  while (sent < size && !socket.destroyed) {
    sent += chunk.length
    if (!socket.write(chunk)) await Promise.race([once(socket, 'drain').catch(() => {}), closed])
  }
  await closed
  return answer
}

describe('a body of ten megabytes', () => {
  const size = 10_485_760
  const told = `content-length: ${size}`
  const inPieces = 'transfer-encoding: chunked'

  it.each([
    ['with its length told, costs nothing', path, told, 413, 262_144],
    ['in pieces, costs no more than a body may have', path, inPieces, 413, callbackLimits.bytes + 262_144],
    ['with the wrong secret, costs nothing', '/callbacks/desk-line/wrong', told, 404, 262_144],
    ['in pieces with the wrong secret, costs nothing', '/callbacks/desk-line/wrong', inPieces, 404, 262_144],
  ])('%s', async (_name, to, length, status, atMost) => {
    const hints: PresenceHint[] = []
    const sockets: Socket[] = []
    await using server = await alone({ hintPresence: hint => void hints.push(hint), sockets })
    const pieces = length === inPieces ? `${size.toString(16)}\r\n` : ''
    const head = `POST ${to} HTTP/1.1\r\nhost: gatehouse\r\n${length}\r\n\r\n${pieces}`
    const answer = await flood(server.url, head, size)
    expect(answer).toMatch(new RegExp(`^HTTP/1.1 ${status} `))
    expect(answer).toMatch(/connection: close/i)
    // What was on its way is taken off the wire, and no more.
    expect(sockets[0]?.bytesRead).toBeLessThan(atMost)
    expect(hints).toEqual([])
  })
})

describe('a slow body', () => {
  const slowly = async (patience: number) => {
    const server = await alone({ patience })
    const { hostname, port } = new URL(server.url)
    const begin = async () => {
      const socket = connect(Number(port), hostname)
      socket.write(`POST ${path} HTTP/1.1\r\nhost: gatehouse\r\ncontent-length: 100\r\n\r\n{`)
      socket.on('error', () => {})
      await once(socket, 'connect')
      return socket
    }
    return { begin, [Symbol.asyncDispose]: server[Symbol.asyncDispose] }
  }

  it('is given up', async () => {
    await using server = await slowly(20)
    const [answer] = await once(await server.begin(), 'data')
    expect(String(answer)).toMatch(/^HTTP\/1.1 408 /)
  })

  it('keeps nobody else waiting: the last of too many is sent away, and a place is free once one has gone', async () => {
    await using server = await slowly(60_000)
    const waiting: Socket[] = []
    for (let n = 0; n < callbackLimits.atOnce; n++) waiting.push(await server.begin())
    const [refused] = await once(await server.begin(), 'data')
    expect(String(refused)).toMatch(/^HTTP\/1.1 503 /)
    const first = waiting[0] as Socket
    first.write(' '.repeat(99))
    expect(String((await once(first, 'data'))[0])).toMatch(/^HTTP\/1.1 200 /)
    for (const socket of waiting) socket.destroy()
  })
})
