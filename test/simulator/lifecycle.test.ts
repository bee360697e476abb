import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { afterEach, describe, expect, test } from 'vitest'
import { type Simulator, startSimulator } from '../../simulator/server.ts'
import { ask, formerlySignedIn, say, withQr } from './support.ts'

describe('close', () => {
  test('ends every call that hangs, and leaves nothing', async () => {
    const simulator = await startSimulator()
    formerlySignedIn(simulator, 'push')
    await withQr(simulator, 'long')
    await withQr(simulator, 'fault')
    simulator.world.faults.add({ endpoint: 'isOnline', kind: 'hang' })
    simulator.world.faults.add({ endpoint: 'offlineReason', kind: 'delay', ms: 600_000 })
    const hanging = [
      say(simulator, '/open/loginAgain', { deviceId: 'push' }),
      say(simulator, '/open/checkLogin', { deviceId: 'long' }),
      say(simulator, '/open/isOnline', { deviceId: 'fault' }),
      say(simulator, '/open/offlineReason', { deviceId: 'fault' }),
      fetch(`${simulator.phonesUrl}/events`).then(answer => answer.text()),
    ].map(call => call.then(() => 'ended').catch(() => 'ended'))
    await Promise.all([
      simulator.world.when('pushShown', 'push'),
      simulator.world.when('asked:checkLogin', 'long'),
      simulator.world.when('asked:isOnline', 'fault'),
      simulator.world.when('asked:offlineReason', 'fault'),
    ])
    await Promise.all([simulator.close(), simulator.close()])
    await Promise.all(hanging)
    expect(simulator.world.timers.size).toBe(0)
    await expect(say(simulator, '/open/isOnline')).rejects.toThrow()
  })

  test('a client that goes away leaves no timer and no waiter', async () => {
    await using simulator = await startSimulator()
    await withQr(simulator, 'd')
    const stop = new AbortController()
    const hanging = say(simulator, '/open/checkLogin', { deviceId: 'd' }, { signal: stop.signal })
    await simulator.world.when('asked:checkLogin', 'd')
    expect(simulator.world.timers.size).toBe(1)
    stop.abort()
    await expect(hanging).rejects.toThrow()
    await simulator.world.until(() => simulator.world.timers.size === 0)
    expect(simulator.world.device('d').hanging.size).toBe(0)
    expect(simulator.world.calls('checkLogin')).toMatchObject([{ end: 'gone', answered: null }])
  })
})

describe('the log', () => {
  test('remembers so many calls, and counts all', async () => {
    await using simulator = await startSimulator({ logSize: 3 })
    await withQr(simulator, 'd')
    for (let n = 0; n < 5; n++) await ask(simulator, '/open/checkLoginShort', { deviceId: 'd' })
    expect(simulator.log.calls().map(call => call.id)).toEqual([5, 6, 7])
    expect(simulator.log.calls({ limit: 1 })[0]?.id).toBe(7)
    expect(simulator.log.totals()).toEqual({ createWorkstation: 1, getLoginQrCode: 1, checkLoginShort: 5 })
  })
})

describe('waiting for a moment', () => {
  test('what has happened already answers at once, what has not waits for its number', async () => {
    await using simulator = await startSimulator()
    await withQr(simulator, 'd')
    await simulator.world.when('qrIssued', 'd')
    const third = simulator.world.when('polled', 'd', 3)
    const next = simulator.world.next('polled', 'd')
    for (let n = 0; n < 3; n++) await ask(simulator, '/open/checkLoginShort', { deviceId: 'd' })
    await Promise.all([third, next])
    const scanned = simulator.world.until(() => simulator.world.phone('d').look().screen === 'confirm')
    simulator.world.phone('d').scan()
    await scanned
  })
})

describe('the command line', () => {
  const children: ReturnType<typeof spawn>[] = []
  const run = (...args: string[]) => {
    const child = spawn(process.execPath, ['simulator/main.ts', ...args], {
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    children.push(child)
    return child
  }
  const finished = async (child: ReturnType<typeof run>) => {
    let said = ''
    for (const stream of [child.stdout, child.stderr]) stream.on('data', data => (said += String(data)))
    const [code] = await once(child, 'close')
    return { code, said }
  }
  afterEach(() => {
    for (const child of children.splice(0)) child.kill('SIGKILL')
  })

  test.each(['SIGINT', 'SIGTERM'] as const)('says where it is, and stops on %s', async signal => {
    const child = run('--port', '0', '--token', 'tok', '--scenario', 'scan-and-confirm')
    const lines: string[] = []
    for await (const line of createInterface(child.stdout)) {
      lines.push(line)
      if (line.includes('Ctrl-C')) break
    }
    const url = /http:\S+/.exec(lines[1] ?? '')?.[0] ?? ''
    expect(lines[2]).toContain('tok')
    expect(lines[3]).toContain(`${url}/_phones`)
    const stub: Pick<Simulator, 'url' | 'token'> = { url, token: 'tok' }
    expect((await ask(stub as Simulator, '/open/workstation', { deviceId: 'd' })).code).toBe('1000')
    child.kill(signal)
    const [code] = await once(child, 'close')
    expect(code).toBe(0)
  })

  test('a port that is taken: one sentence, and 1', async () => {
    await using simulator = await startSimulator()
    const port = new URL(simulator.url).port
    const { code, said } = await finished(run('--port', port))
    expect(code).toBe(1)
    expect(said).toBe(`Port ${port} on 127.0.0.1 is taken; choose another with --port.\n`)
  })

  test.each([
    [['--help'], 0, /--scenario <name>/],
    [['--port', 'x'], 1, /--port must be a number/],
    [['--nonsense'], 1, /Try --help/],
    [['--port', '0', '--scenario', 'none'], 1, /There is no scenario none\. There are: already-signed-in/],
  ] as const)('%s ends with %s', async (args, expected, text) => {
    const { code, said } = await finished(run(...args))
    expect([code, said]).toEqual([expected, expect.stringMatching(text)])
  })
})
