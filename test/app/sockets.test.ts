// What a client of the protocol may count on while it watches: that it is left alone once it says so, told why where the
// gateway leaves, and handed everything however slowly it reads.

import { describe, expect, it } from 'vitest'
import { running } from './running.ts'
import { beginLogin, cancelLogin, going, hiccups, RawSocket, upTo, ways } from './watching.ts'

const query = `subscription ($id: ID!, $after: Int) {
  loginProgress(loginId: $id, after: $after) { sequence event { __typename } login { state } }
}`

describe.each(ways)('with %s', way => {
  it('a client that has enough is sent nothing more, and may use the same id again', async () => {
    await using run = await running({ feeds: { lookEvery: 20 } }, going(way))
    const login = await beginLogin(run)
    const socket = await RawSocket.open(run.socketEndpoint)
    const { id } = login
    for (const name of ['one', 'other']) socket.subscribe(name, query, { id, after: 0 })
    for (const name of ['one', 'other']) await socket.came(name, 2)

    socket.complete('one')
    // Whoever is answered now said so later: the first one has gone by then.
    socket.subscribe('third', query, { id, after: null })
    await socket.came('third', 1)
    expect(run.gatehouse.watches).toBe(2)
    const before = socket.frames('one').length
    const seen = await hiccups(run, login, 3)
    // What came to the other one by the same socket would have come to this one before.
    await socket.until(() => socket.numbers('other').at(-1) === seen)
    expect(socket.frames('one')).toHaveLength(before)

    socket.subscribe('one', query, { id, after: seen })
    await expect.poll(() => run.gatehouse.watches).toBe(3)
    const newest = await hiccups(run, login, 2)
    await socket.until(() => socket.numbers('one').at(-1) === newest)
    await cancelLogin(run, login)
    for (const name of ['one', 'other'])
      expect((await socket.over(name)).at(-1)).toEqual({ type: 'complete', id: name })
    expect(socket.numbers('other')).toEqual(upTo(newest + 1))
    expect(socket.numbers('one').slice(-2)).toEqual([newest, newest + 1])
    expect(socket.numbers('one').filter(number => number > seen)).toEqual(upTo(newest + 1, seen + 1))
    await socket.leave()
    expect(run.logged).toEqual([])
  })

  it('a gateway that stops says so to every watcher, and then leaves', async () => {
    await using run = await running({}, going(way))
    const { id } = await beginLogin(run)
    const socket = await RawSocket.open(run.socketEndpoint)
    const names = ['one', 'two', 'three']
    for (const name of names) socket.subscribe(name, query, { id })
    for (const name of names) await socket.came(name, 1)
    await run.gatehouse.close()
    expect(await socket.closed()).toBe(1001)
    for (const name of names)
      expect(socket.frames(name)).toMatchObject([
        { type: 'next' },
        { type: 'error', payload: [{ extensions: { code: 'SHUTTING_DOWN' } }] },
      ])
    expect(run.logged).toEqual([])
  })

  it('whoever comes late to a long login and reads slowly gets all of it, and what happens meanwhile', async () => {
    await using run = await running({ feeds: { lookEvery: 20 } }, going(way))
    const login = await beginLogin(run)
    await hiccups(run, login, 70)
    const socket = await RawSocket.open(run.socketEndpoint)
    // Frames of many kilobytes, more in all than lies between the two ends of a socket.
    const pictures = upTo(50).map(number => `p${number}: qrCode { image }`)
    const large = `subscription ($id: ID!) {
      loginProgress(loginId: $id, after: 0) { sequence event { __typename } login { ${pictures.join(' ')} } }
    }`
    socket.socket.pause()
    socket.subscribe('it', large, { id: login.id })
    await expect.poll(() => run.gatehouse.watches).toBe(1)
    const { live } = run.gatehouse
    if (live !== null) {
      let before = 0
      const stands = () => {
        const moved = live.delivered - before
        before = live.delivered
        return before > 0 && moved === 0
      }
      await expect.poll(stands).toBe(true)
      // It is held back, long before the first part of the log is out.
      expect(live.delivered).toBeLessThan(100)
    }
    let newest = 0
    for (let pause = 0; pause < 4; pause += 1) {
      newest = await hiccups(run, login, 3)
      socket.socket.resume()
      await socket.came('it', socket.frames('it').length + 10)
      socket.socket.pause()
    }
    socket.socket.resume()
    expect(newest).toBeGreaterThan(120)
    await socket.until(() => socket.numbers('it').at(-1) === newest)
    await cancelLogin(run, login)
    await socket.over('it')
    expect(socket.numbers('it')).toEqual(upTo(newest + 1))
    await socket.leave()
    expect(run.logged).toEqual([])
  })
})
