// kill -9 in every live state and in every intent, then a start on the same data: each login ends as its phone decides,
// and the simulator's log of calls proves what was not sent again.

import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Simulator, startSimulator } from '../../simulator/server.ts'
import {
  type Address,
  act,
  collect,
  eventsOf,
  registerDevice,
  type SeenEvent,
  type SeenUpdate,
  startLogin,
  watchBySocket,
} from '../support/api-client.ts'
import { engines, freshDatabase, type TestDatabase } from '../support/database.ts'
import { testKey } from '../support/gateway.ts'
import { freePort, type GatewayProcess, startProcess, temporaryFolder } from '../support/gateway-process.ts'

interface Subject {
  readonly name: string
  readonly deviceId: string
  readonly upstreamId: string
  loginId: string
  seen: readonly SeenEvent[]
}

const noLimits = JSON.stringify({ loginsPerHour: 0, qrCodesPerHour: 0, promptHoldSeconds: 0 })

describe.each(engines)('on %s', engine => {
  let simulator: Simulator
  let gateway: GatewayProcess
  let folder: Awaited<ReturnType<typeof temporaryFolder>>
  let port: number
  let database: TestDatabase | null = null
  let onServer: Readonly<Record<string, string>> = {}
  const subjects = new Map<string, Subject>()

  const start = () =>
    startProcess(folder.path, port, {
      ...(engine === 'postgres' ? onServer : {}),
      GATEHOUSE_PROVIDERS: JSON.stringify([
        { name: 'upstream', dialect: 'open', baseUrl: simulator.url, token: simulator.token },
      ]),
      LOGIN_LIMITS: noLimits,
      LOG_LEVEL: 'warn',
    })

  const subject = (name: string): Subject => {
    const found = subjects.get(name)
    if (found === undefined) throw new Error(`Nobody is called ${name}`)
    return found
  }

  const phone = (name: string) => simulator.world.phone(subject(name).upstreamId)

  /** Resolves with the first update that fits, from the first event on. */
  const until = async (
    address: Address,
    loginId: string,
    fits: (update: SeenUpdate) => boolean,
  ): Promise<SeenUpdate> => {
    const watching = watchBySocket(address, loginId, 0)
    for await (const update of watching) if (fits(update)) return update
    throw new Error('The login ended before')
  }

  const inState = (name: string, state: string) =>
    until(gateway.address, subject(name).loginId, update => update.login.state === state)

  /** What happened in it, to its end. */
  const story = async (name: string): Promise<readonly SeenEvent[]> =>
    eventsOf(await collect(watchBySocket(gateway.address, subject(name).loginId, 0)))

  const calls = (
    name: string,
    endpoint: 'getLoginQrCode' | 'loginAgain' | 'loginVerifyCode' | 'checkLoginShort' | 'isOnline',
  ) => simulator.world.calls(endpoint, subject(name).upstreamId)

  const asked = (name: string, endpoint: Parameters<typeof calls>[1], count = 1) =>
    simulator.world.when(`asked:${endpoint}`, subject(name).upstreamId, count)

  const hang = (name: string, endpoint: Parameters<typeof calls>[1], effect: 'applied' | 'none') =>
    simulator.world.faults.add({
      endpoint,
      kind: 'hang',
      effect,
      deviceId: subject(name).upstreamId,
      times: 1,
    })

  const begin = async (name: string, strategy: 'QR_CODE' | 'PUSH' = 'QR_CODE'): Promise<void> => {
    const { login, message } = await startLogin(gateway.address, {
      deviceId: subject(name).deviceId,
      strategy,
    })
    if (login === undefined) throw new Error(`${name}: ${message}`)
    subject(name).loginId = login.id
  }

  const scanned = async (name: string): Promise<void> => {
    await begin(name)
    await inState(name, 'AWAITING_SCAN')
    phone(name).scan()
    await inState(name, 'AWAITING_CONFIRMATION')
  }

  const codeAsked = async (name: string): Promise<string> => {
    await scanned(name)
    const code = phone(name).askForCode()
    await act(gateway.address, 'reportCodePrompt', subject(name).loginId)
    await inState(name, 'AWAITING_CODE')
    return code
  }

  const names = [
    'starting',
    'code asked for',
    'code answered',
    'unscanned',
    'scanned',
    'pushed',
    'prompted',
    'mistaken',
    'wished',
    'code lost',
    'code landed',
    'confirmed',
    'ended',
  ] as const

  const codes = new Map<string, string>()

  beforeAll(async () => {
    folder = await temporaryFolder()
    simulator = await startSimulator()
    port = await freePort()
    if (engine === 'postgres') {
      database = await freshDatabase('postgres')
      onServer = {
        DATABASE_URL: database.url ?? '',
        GATEHOUSE_PROFILE: 'development',
        GATEHOUSE_ADMIN_KEY: testKey,
        GATEHOUSE_SECRET: '07'.repeat(32),
      }
    }
    gateway = await start()
    for (const name of names) {
      const answer = await registerDevice(gateway.address, {
        provider: 'upstream',
        deviceKey: name.replaceAll(' ', '-'),
        province: '广东',
      })
      if (answer.device === undefined) throw new Error(answer.message)
      const { id, upstreamId } = answer.device
      subjects.set(name, { name, deviceId: id, upstreamId, loginId: '', seen: [] })
    }

    // One that signed in before, so that it can be pushed to.
    await scanned('pushed')
    phone('pushed').confirm()
    await inState('pushed', 'CONFIRMED')
    phone('pushed').goOffline('loggedOutOnPhone')

    await scanned('ended')
    phone('ended').confirm()
    await inState('ended', 'CONFIRMED')

    // Each where it is to be found by the kill.
    hang('starting', 'isOnline', 'none')
    await begin('starting')
    hang('code asked for', 'getLoginQrCode', 'none')
    await begin('code asked for')
    hang('code answered', 'getLoginQrCode', 'applied')
    await begin('code answered')
    await begin('unscanned')
    await scanned('scanned')
    await begin('pushed', 'PUSH')
    codes.set('prompted', await codeAsked('prompted'))
    await scanned('confirmed')
    codes.set('code lost', await codeAsked('code lost'))
    codes.set('code landed', await codeAsked('code landed'))
    await scanned('mistaken')
    await act(gateway.address, 'reportCodePrompt', subject('mistaken').loginId)

    hang('code lost', 'loginVerifyCode', 'none')
    hang('code landed', 'loginVerifyCode', 'applied')
    for (const name of ['code lost', 'code landed'] as const)
      await act(gateway.address, 'submitVerifyCode', subject(name).loginId, codes.get(name))

    // A code that waits for the poll under way, so that it is a wish when the process dies.
    await scanned('wished')
    hang('wished', 'checkLoginShort', 'none')
    await simulator.world.next('asked:checkLoginShort', subject('wished').upstreamId)
    codes.set('wished', phone('wished').askForCode())
    await act(gateway.address, 'reportCodePrompt', subject('wished').loginId)
    await act(gateway.address, 'submitVerifyCode', subject('wished').loginId, codes.get('wished'))

    await Promise.all([
      asked('starting', 'isOnline'),
      asked('code asked for', 'getLoginQrCode'),
      asked('code answered', 'getLoginQrCode'),
      simulator.world.when('pushShown', subject('pushed').upstreamId),
      asked('code lost', 'loginVerifyCode'),
      asked('code landed', 'loginVerifyCode'),
      inState('unscanned', 'AWAITING_SCAN'),
    ])
    for (const one of names)
      if (subject(one).loginId !== '') subject(one).seen = await soFar(subject(one).loginId)

    // Between the confirming answer and its record: frozen before the answer is sent, dead before it is read.
    const { upstreamId } = subject('confirmed')
    simulator.world.faults.add({ endpoint: 'checkLoginShort', kind: 'delay', ms: 300, deviceId: upstreamId })
    phone('confirmed').confirm()
    await simulator.world.next('asked:checkLoginShort', upstreamId)
    gateway.freeze()
    await simulator.world.next('answered:checkLoginShort', upstreamId)
    await gateway.kill()
    simulator.world.faults.clear()
    polledBefore = calls('confirmed', 'checkLoginShort').length

    gateway = await start()
  }, 60_000)

  let polledBefore = 0

  /** The events up to now; a login under way does not complete its watch. */
  const soFar = async (loginId: string): Promise<readonly SeenEvent[]> => {
    const watching = watchBySocket(gateway.address, loginId, null)
    const newest = await (async () => {
      for await (const update of watching) return update.login.sequence
      return 0
    })()
    const events: SeenEvent[] = []
    for await (const { event } of watchBySocket(gateway.address, loginId, 0)) {
      if (event !== null) events.push(event)
      if (events.length >= newest) break
    }
    return events
  }

  afterAll(async () => {
    await gateway?.kill()
    await simulator?.close()
    await folder?.[Symbol.asyncDispose]()
    await database?.[Symbol.asyncDispose]()
  })

  /** Nothing lost, nothing doubled: what was seen before the kill is the beginning of what is there now. */
  const continues = (name: string, events: readonly SeenEvent[]) => {
    expect(events.map(event => event.sequence)).toEqual(events.map((_, index) => index + 1))
    expect(events.slice(0, subject(name).seen.length)).toEqual(subject(name).seen)
    expect(events.at(-1)).toMatchObject({ __typename: 'LoginEnded', state: 'CONFIRMED' })
    // Confirmed upstream, and nobody here knew: one call to learn who.
    const unrecorded = name === 'confirmed' || name === 'code landed'
    expect(simulator.world.device(subject(name).upstreamId).watch.pollsAfterSuccess).toBe(unrecorded ? 1 : 0)
  }

  const confirmFrom = async (name: string) => {
    phone(name).scan()
    await inState(name, 'AWAITING_CONFIRMATION')
    phone(name).confirm()
    return await story(name)
  }

  describe('a login whose gateway was killed', () => {
    it('in STARTING, while it asked who is signed in: asks again and goes on', async () => {
      await inState('starting', 'AWAITING_SCAN')
      continues('starting', await confirmFrom('starting'))
      expect(calls('starting', 'getLoginQrCode')).toHaveLength(1)
    })

    it.each([
      ['did not reach the upstream', 'code asked for'],
      ['was answered too late', 'code answered'],
    ] as const)(
      'while a call for a QR code was under way that %s: looks once, and issues one that can be seen',
      async (_, name) => {
        await inState(name, 'AWAITING_SCAN')
        const events = await confirmFrom(name)
        continues(name, events)
        expect(events.filter(event => event.__typename === 'QrCodeIssued')).toHaveLength(1)
        expect(calls(name, 'getLoginQrCode')).toHaveLength(2)
      },
    )

    it('in AWAITING_SCAN: the same code is scanned, and no other is issued', async () => {
      continues('unscanned', await confirmFrom('unscanned'))
      expect(calls('unscanned', 'getLoginQrCode')).toHaveLength(1)
    })

    it('in AWAITING_CONFIRMATION after a scan: confirmed, with no QR code after the scan', async () => {
      phone('scanned').confirm()
      continues('scanned', await story('scanned'))
      expect(calls('scanned', 'getLoginQrCode')).toHaveLength(1)
    })

    it('in AWAITING_CONFIRMATION of a push: confirmed, and no second push', async () => {
      phone('pushed').confirm()
      const events = await story('pushed')
      continues('pushed', events)
      expect(events.at(-1)).toMatchObject({ confirmedBy: 'PUSH' })
      expect(calls('pushed', 'loginAgain')).toHaveLength(1)
    })

    it('in AWAITING_CODE: the code is submitted afterwards, and sent once', async () => {
      await act(gateway.address, 'submitVerifyCode', subject('prompted').loginId, codes.get('prompted'))
      continues('prompted', await story('prompted'))
      expect(calls('prompted', 'loginVerifyCode')).toHaveLength(1)
    })

    it('in AWAITING_CODE, withdrawn afterwards: goes back to the scan and is confirmed there', async () => {
      phone('mistaken').confirm()
      await act(gateway.address, 'withdrawCodePrompt', subject('mistaken').loginId)
      const events = await story('mistaken')
      continues('mistaken', events)
      expect(events.map(event => event.__typename)).toContain('VerifyCodePromptWithdrawn')
    })

    it('in VERIFYING_CODE with a code that was not sent yet: sends it, once', async () => {
      continues('wished', await story('wished'))
      expect(calls('wished', 'loginVerifyCode')).toHaveLength(1)
    })

    it('in VERIFYING_CODE with a code that was lost: asks the person once more, and sends nothing by itself', async () => {
      const { loginId } = subject('code lost')
      await until(gateway.address, loginId, update => update.event?.__typename === 'VerifyCodeUnanswered')
      expect(calls('code lost', 'loginVerifyCode')).toHaveLength(1)
      await act(gateway.address, 'submitVerifyCode', loginId, codes.get('code lost'))
      continues('code lost', await story('code lost'))
      expect(calls('code lost', 'loginVerifyCode')).toHaveLength(2)
    })

    it('in VERIFYING_CODE with a code that landed: finds the account signed in', async () => {
      continues('code landed', await story('code landed'))
      expect(calls('code landed', 'loginVerifyCode')).toHaveLength(1)
    })

    it('between the confirming answer and its record: one poll more, and confirmed', async () => {
      continues('confirmed', await story('confirmed'))
      expect(calls('confirmed', 'checkLoginShort').length - polledBefore).toBe(1)
      expect(calls('confirmed', 'getLoginQrCode')).toHaveLength(1)
    })

    it('after its end: stays as it was, and is polled no more', async () => {
      const events = await story('ended')
      expect(events).toEqual(subject('ended').seen)
      expect(simulator.world.device(subject('ended').upstreamId).watch.pollsAfterSuccess).toBe(0)
    })
  })
})
