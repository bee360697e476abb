// The presence command: what it draws and prints, and how it follows a gateway that may go away.

import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'
import { parse, validate } from 'graphql'
import { describe, expect, test } from 'vitest'
import type { Account, PresenceUpdate } from '../../client/presence/documents.ts'
import * as documents from '../../client/presence/documents.ts'
import { lineOf } from '../../client/presence/line.ts'
import { run } from '../../client/presence/run.ts'
import { drawnOn, linesTo } from '../../client/presence/surface.ts'
import { table } from '../../client/presence/table.ts'
import { idOf } from '../../src/resolvers/global-id.ts'
import { schema } from '../../src/schema/schema.ts'
import { type Running, running, testKey } from '../app/running.ts'
import { beginLogin } from '../app/watching.ts'

const noon = new Date(2026, 10, 21, 12, 0, 0)

const account = (
  wcId: string,
  presence: Partial<Account['presence']> = {},
  more: Partial<Account> = {},
): Account => ({
  id: wcId,
  wcId,
  nickName: null,
  presence: {
    state: 'ONLINE',
    since: new Date(2026, 10, 21, 9, 30, 5).toISOString(),
    asOf: '2026-11-21T12:00:00.000Z',
    reason: 'SIGNED_IN',
    upstreamReason: null,
    nextStep: 'NONE',
    ...presence,
  },
  device: { deviceKey: `on-${wcId}`, provider: 'main' },
  ...more,
})

const offline = (wcId: string, hour: number) =>
  account(wcId, {
    state: 'OFFLINE',
    since: new Date(2026, 10, 21, hour).toISOString(),
    reason: 'LOGGED_OUT_ON_PHONE',
    upstreamReason: '你已退出微信',
    nextStep: 'START_AGAIN',
  })

const drawn = (accounts: readonly Account[], room = { columns: 120, rows: 24 }, lost: string | null = null) =>
  table({ accounts, lost, now: noon }, room).map(({ text }) => text)

describe('the table', () => {
  test('has who is not signed in first, whoever dropped last on top, then the others by name', () => {
    const lines = drawn([
      account('wxid_b'),
      account('wxid_a'),
      offline('wxid_early', 8),
      account('wxid_old', { state: 'UNKNOWN' }),
      offline('wxid_late', 11),
    ])
    expect(lines[0]).toBe('2 offline · 1 unknown · 2 online   (Ctrl-C leaves)')
    expect(lines.slice(2).map(line => line.split(' ')[0])).toEqual([
      'wxid_late',
      'wxid_early',
      'wxid_old',
      'wxid_a',
      'wxid_b',
    ])
  })

  test('says of each what it is called, where it is, since when, why, and what to do', () => {
    const lines = drawn([{ ...offline('wxid_lin', 11), nickName: '小林' }, account('wxid_chen')])
    expect(lines.slice(1)).toEqual([
      'account    device        state    since     reason                             next step',
      '小林       on-wxid_lin   OFFLINE  11:00:00  LOGGED_OUT_ON_PHONE: 你已退出微信  start a login again',
      'wxid_chen  on-wxid_chen  ONLINE   09:30:05',
    ])
  })

  test('shows another day as a date, an unknown step as it came, and obeys no name', () => {
    const since = new Date(2026, 10, 19, 7, 5).toISOString()
    const [, , line = ''] = drawn([
      account(
        'wxid_1',
        { state: 'OFFLINE', since, nextStep: 'DANCE' },
        { nickName: 'a\u001b[2Jb', device: null },
      ),
    ])
    expect(line).toContain('11-19 07:05')
    expect(line).toContain('DANCE')
    expect(line).not.toContain('\u001b')
  })

  test('fits into the window, and says how many do not', () => {
    const accounts = Array.from({ length: 40 }, (_, index) => account(`wxid_${index}`))
    const lines = drawn(accounts, { columns: 80, rows: 10 }, 'it does not answer')
    expect(lines).toHaveLength(9)
    expect(lines[1]).toBe('waiting for the gateway… (it does not answer)')
    expect(lines.at(-1)).toBe('… and 35 more')
    expect(drawn([])).toEqual([
      '0 offline · 0 unknown · 0 online   (Ctrl-C leaves)',
      'No account is known yet.',
    ])
  })

  test('is drawn once for many changes, not at all where nothing changed, and taken away at the end', async () => {
    const writes: string[] = []
    const terminal = { columns: 100, rows: 20, write: (text: string) => writes.push(text) }
    const surface = drawnOn(terminal, { colours: false, wait: 0, now: () => noon })
    for (let index = 0; index < 5; index += 1)
      surface.show({ account: account(`wxid_${index}`), change: null })
    await expect.poll(() => writes.length).toBe(2)
    surface.show({ account: account('wxid_0'), change: null })
    surface.connection('it is being stopped')
    await expect.poll(() => writes.at(-1)).toContain('waiting for the gateway… (it is being stopped)')
    expect(writes).toHaveLength(3)
    surface.close()
    expect(writes.at(-1)?.endsWith('\u001b[J\u001b[?25h')).toBe(true)
  })
})

describe('the lines', () => {
  const change: PresenceUpdate = {
    account: { ...offline('wxid_lin', 11), nickName: '小 林' },
    change: {
      from: 'ONLINE',
      to: 'OFFLINE',
      reason: 'LOGGED_OUT_ON_PHONE',
      upstreamReason: '你已退出微信',
      at: '2026-11-21T11:59:00.000Z',
    },
  }

  test('have columns that stay, and what is told by name', () => {
    expect(lineOf(change)).toBe(
      '2026-11-21T11:59:00.000Z Change wxid_lin OFFLINE START_AGAIN from=ONLINE reason=LOGGED_OUT_ON_PHONE upstreamReason=你已退出微信 name="小 林" device=on-wxid_lin',
    )
    expect(lineOf({ account: account('wxid_chen'), change: null })).toMatch(
      /^2026-11-21T12:00:00.000Z Snapshot wxid_chen ONLINE NONE since=\S+ reason=SIGNED_IN device=on-wxid_chen$/,
    )
  })

  test('do not repeat what is known, as after a lost connection', () => {
    const out: string[] = []
    const surface = linesTo({ write: text => out.push(text) }, { write: () => {} })
    surface.show(change)
    surface.show({ account: change.account, change: null })
    surface.show({ account: account('wxid_lin'), change: null })
    expect(out.map(line => line.split(' ')[1])).toEqual(['Change', 'Snapshot'])
  })
})

test.each(Object.entries(documents))('the gateway understands %s', (_, text) => {
  expect(validate(schema, parse(text))).toEqual([])
})

// ---------------------------------------------------------------- the command

/** A line to the gateway that can be cut and mended; it keeps its address. */
class Line implements AsyncDisposable {
  readonly #server = createServer(near => this.#connect(near))
  readonly #ends = new Set<Socket>()
  readonly #to: number
  #isCut = false

  constructor(url: string) {
    this.#to = Number(new URL(url).port)
  }

  async open(): Promise<this> {
    await once(this.#server.listen(0, '127.0.0.1'), 'listening')
    return this
  }

  get url(): string {
    const address = this.#server.address()
    return `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`
  }

  cut(): void {
    this.#isCut = true
    for (const end of this.#ends) end.destroy()
  }

  mend(): void {
    this.#isCut = false
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.cut()
    await new Promise(resolve => this.#server.close(resolve))
  }

  #connect(near: Socket): void {
    if (this.#isCut) {
      near.destroy()
      return
    }
    const far = connect(this.#to, '127.0.0.1')
    for (const [end, other] of [
      [near, far],
      [far, near],
    ] as const) {
      this.#ends.add(end)
      end
        .on('error', () => {})
        .on('close', () => {
          this.#ends.delete(end)
          other.destroy()
        })
      end.pipe(other)
    }
  }
}

interface Started {
  readonly status: Promise<number>
  readonly out: () => string
  readonly err: () => string
  interrupt(): void
}

const presence = (
  argv: readonly string[],
  {
    tty = false,
    env = { GATEHOUSE_ADMIN_KEY: testKey },
  }: { tty?: boolean; env?: Record<string, string> } = {},
): Started => {
  let out = ''
  let err = ''
  const listeners = new Set<() => void>()
  const status = run({
    argv,
    env,
    stdout: {
      isTTY: tty,
      columns: 100,
      rows: 20,
      write: text => {
        out += text
      },
    },
    stderr: {
      write: text => {
        err += text
      },
    },
    onInterrupt: listener => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    pause: async () => {
      await new Promise(resolve => setTimeout(resolve, 20))
    },
  })
  return {
    status,
    out: () => out,
    err: () => err,
    interrupt: () => {
      for (const listener of listeners) listener()
    },
  }
}

const signIn = async (gateway: Running, deviceKey: string) => {
  const login = await beginLogin(gateway, deviceKey)
  const phone = gateway.gatehouse.simulator?.world.phone(login.upstreamId)
  phone?.scan()
  phone?.confirm()
  const query = 'query ($id: ID!) { login(id: $id) { account { id wcId } } }'
  const found = async () => (await gateway.ask(query, { id: login.id })).data.login.account
  await expect.poll(found).not.toBeNull()
  return (await found()) as { id: string; wcId: string }
}

const drop = async ({ gatehouse: { store } }: Running, accountId: string) => {
  const accounts = [idOf('Account', accountId) ?? '']
  const [followed] = await store.readFollowedOf({ provider: 'simulator', accounts })
  if (followed === undefined) throw new Error('Nobody follows it')
  const missed = store.clock.now()
  await store.recordGone({ followed, missed, reason: 'PASSWORD_CHANGED', words: '密码已修改', dropTags: [] })
}

describe('the command', () => {
  test('prints who is signed in, then each change, comes back after a lost connection, and leaves clean', async () => {
    await using gateway = await running({ feeds: { lookEvery: 50 } })
    await using line = await new Line(gateway.gatehouse.url).open()
    const lin = await signIn(gateway, 'one')
    const command = presence(['--url', line.url, '--provider', 'simulator'])
    await expect
      .poll(command.out)
      .toMatch(new RegExp(`^\\S+ Snapshot ${lin.wcId} ONLINE NONE .*device=one$`, 'mu'))
    line.cut()
    await expect.poll(command.err).toContain('waiting for the gateway… (it does not answer)')
    await drop(gateway, lin.id)
    line.mend()
    await expect.poll(command.err).toContain('the gateway is back')
    await expect
      .poll(command.out)
      .toMatch(new RegExp(`^\\S+ Snapshot ${lin.wcId} OFFLINE .*upstreamReason=密码已修改`, 'mu'))
    const chen = await signIn(gateway, 'two')
    await expect.poll(command.out).toMatch(new RegExp(`^\\S+ (Change|Snapshot) ${chen.wcId} ONLINE`, 'mu'))
    command.interrupt()
    expect(await command.status).toBe(0)
    await expect.poll(() => gateway.gatehouse.watches).toBe(0)
  })

  test('draws the table on a terminal, and only of one provider', async () => {
    await using gateway = await running({ feeds: { lookEvery: 50 } })
    const lin = await signIn(gateway, 'one')
    const url = ['--url', gateway.gatehouse.url]
    const command = presence(url, { tty: true })
    const other = presence([...url, '--provider', 'simulator-ipad'], { tty: true })
    await expect.poll(command.out).toContain('0 offline · 0 unknown · 1 online')
    await drop(gateway, lin.id)
    await expect.poll(command.out).toContain('1 offline · 0 unknown · 0 online')
    expect(other.out()).not.toContain('1 o')
    for (const each of [command, other]) {
      each.interrupt()
      expect(await each.status).toBe(0)
      expect(each.out().endsWith('\u001b[?25h')).toBe(true)
    }
  })

  test('is refused in a sentence: arguments, provider, key, nobody there', async () => {
    await using gateway = await running()
    const url = ['--url', gateway.gatehouse.url]
    const refused = async (argv: readonly string[], env?: Record<string, string>) => {
      const command = presence(argv, env === undefined ? {} : { env })
      expect(await command.status).toBe(2)
      return command.err()
    }
    expect(await refused(['main'])).toContain('Mind the --')
    expect(await refused([...url, '--provider', 'nowhere'])).toBe(
      'There is no provider nowhere; there is simulator, simulator-ipad.\n',
    )
    expect(await refused(url, { GATEHOUSE_ADMIN_KEY: 'wrong' })).toContain('does not accept the key')
    expect(await refused(['--url', 'http://127.0.0.1:1'])).toContain('Nothing answers at http://127.0.0.1:1')
    const help = presence(['--help'])
    expect(await help.status).toBe(0)
    expect(help.out()).toContain('npm run presence')
  })
})
