// kill -9 in every live state and in every intent on `open`, then a start on the same data: each login ends as its phone
// decides, and the simulator's log of calls proves what was not sent again.

import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { act, type SeenEvent } from '../support/api-client.ts'
import { engines } from '../support/database.ts'
import { Stage } from './stage.ts'

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

describe.each(engines)('on %s', engine => {
  let stage: Stage
  const codes = new Map<string, string>()
  let polledBefore = 0

  const scanned = async (name: string): Promise<void> => {
    await stage.begin(name)
    await stage.inState(name, 'AWAITING_SCAN')
    stage.phone(name).scan()
    await stage.inState(name, 'AWAITING_CONFIRMATION')
  }

  const codeAsked = async (name: string): Promise<string> => {
    await scanned(name)
    const code = stage.phone(name).askForCode()
    await act(stage.gateway.address, 'reportCodePrompt', stage.subject(name).loginId)
    await stage.inState(name, 'AWAITING_CODE')
    return code
  }

  beforeAll(async () => {
    stage = await Stage.open(engine, 'open')
    const { world } = stage.simulator
    const { address } = stage.gateway
    await stage.register(names)

    // One that signed in before, so that it can be pushed to.
    await scanned('pushed')
    stage.phone('pushed').confirm()
    await stage.inState('pushed', 'CONFIRMED')
    stage.phone('pushed').goOffline('loggedOutOnPhone')

    await scanned('ended')
    stage.phone('ended').confirm()
    await stage.inState('ended', 'CONFIRMED')

    // Each where it is to be found by the kill.
    stage.hang('starting', 'isOnline', 'none')
    await stage.begin('starting')
    stage.hang('code asked for', 'getLoginQrCode', 'none')
    await stage.begin('code asked for')
    stage.hang('code answered', 'getLoginQrCode', 'applied')
    await stage.begin('code answered')
    await stage.begin('unscanned')
    await scanned('scanned')
    await stage.begin('pushed', 'PUSH')
    codes.set('prompted', await codeAsked('prompted'))
    await scanned('confirmed')
    codes.set('code lost', await codeAsked('code lost'))
    codes.set('code landed', await codeAsked('code landed'))
    await scanned('mistaken')
    await act(address, 'reportCodePrompt', stage.subject('mistaken').loginId)

    stage.hang('code lost', 'loginVerifyCode', 'none')
    stage.hang('code landed', 'loginVerifyCode', 'applied')
    for (const name of ['code lost', 'code landed'] as const)
      await act(address, 'submitVerifyCode', stage.subject(name).loginId, codes.get(name))

    // A code that waits for the poll under way, so that it is a wish when the process dies.
    await scanned('wished')
    stage.hang('wished', 'checkLoginShort', 'none')
    await world.next('asked:checkLoginShort', stage.subject('wished').slot)
    codes.set('wished', stage.phone('wished').askForCode())
    await act(address, 'reportCodePrompt', stage.subject('wished').loginId)
    await act(address, 'submitVerifyCode', stage.subject('wished').loginId, codes.get('wished'))

    await Promise.all([
      stage.asked('starting', 'isOnline'),
      stage.asked('code asked for', 'getLoginQrCode'),
      stage.asked('code answered', 'getLoginQrCode'),
      world.when('pushShown', stage.subject('pushed').slot),
      stage.asked('code lost', 'loginVerifyCode'),
      stage.asked('code landed', 'loginVerifyCode'),
      stage.inState('unscanned', 'AWAITING_SCAN'),
    ])
    await stage.remember()

    // Between the confirming answer and its record: frozen before the answer is sent, dead before it is read.
    const { slot } = stage.subject('confirmed')
    world.faults.add({ endpoint: 'checkLoginShort', kind: 'delay', ms: 300, deviceId: slot })
    stage.phone('confirmed').confirm()
    await world.next('asked:checkLoginShort', slot)
    stage.gateway.freeze()
    await world.next('answered:checkLoginShort', slot)
    await stage.gateway.kill()
    world.faults.clear()
    polledBefore = stage.calls('confirmed', 'checkLoginShort').length

    await stage.restart()
  })

  afterAll(() => stage?.[Symbol.asyncDispose]())

  const continues = (name: string, events: readonly SeenEvent[]) => {
    stage.continues(name, events)
    // Confirmed upstream, and nobody here knew: one call to learn who.
    const unrecorded = name === 'confirmed' || name === 'code landed'
    const { watch } = stage.simulator.world.device(stage.subject(name).slot)
    expect(watch.pollsAfterSuccess).toBe(unrecorded ? 1 : 0)
  }

  const confirmFrom = async (name: string) => {
    stage.phone(name).scan()
    await stage.inState(name, 'AWAITING_CONFIRMATION')
    stage.phone(name).confirm()
    return await stage.story(name)
  }

  describe('a login whose gateway was killed', () => {
    it('in STARTING, while it asked who is signed in: asks again and goes on', async () => {
      await stage.inState('starting', 'AWAITING_SCAN')
      continues('starting', await confirmFrom('starting'))
      expect(stage.calls('starting', 'getLoginQrCode')).toHaveLength(1)
    })

    it.each([
      ['did not reach the upstream', 'code asked for'],
      ['was answered too late', 'code answered'],
    ] as const)(
      'while a call for a QR code was under way that %s: looks once, and issues one that can be seen',
      async (_, name) => {
        await stage.inState(name, 'AWAITING_SCAN')
        const events = await confirmFrom(name)
        continues(name, events)
        expect(events.filter(event => event.__typename === 'QrCodeIssued')).toHaveLength(1)
        expect(stage.calls(name, 'getLoginQrCode')).toHaveLength(2)
      },
    )

    it('in AWAITING_SCAN: the same code is scanned, and no other is issued', async () => {
      continues('unscanned', await confirmFrom('unscanned'))
      expect(stage.calls('unscanned', 'getLoginQrCode')).toHaveLength(1)
    })

    it('in AWAITING_CONFIRMATION after a scan: confirmed, with no QR code after the scan', async () => {
      stage.phone('scanned').confirm()
      continues('scanned', await stage.story('scanned'))
      expect(stage.calls('scanned', 'getLoginQrCode')).toHaveLength(1)
    })

    it('in AWAITING_CONFIRMATION of a push: confirmed, and no second push', async () => {
      stage.phone('pushed').confirm()
      const events = await stage.story('pushed')
      continues('pushed', events)
      expect(events.at(-1)).toMatchObject({ confirmedBy: 'PUSH' })
      expect(stage.calls('pushed', 'loginAgain')).toHaveLength(1)
    })

    it('in AWAITING_CODE: the code is submitted afterwards, and sent once', async () => {
      await act(
        stage.gateway.address,
        'submitVerifyCode',
        stage.subject('prompted').loginId,
        codes.get('prompted'),
      )
      continues('prompted', await stage.story('prompted'))
      expect(stage.calls('prompted', 'loginVerifyCode')).toHaveLength(1)
    })

    it('in AWAITING_CODE, withdrawn afterwards: goes back to the scan and is confirmed there', async () => {
      stage.phone('mistaken').confirm()
      await act(stage.gateway.address, 'withdrawCodePrompt', stage.subject('mistaken').loginId)
      const events = await stage.story('mistaken')
      continues('mistaken', events)
      expect(events.map(event => event.__typename)).toContain('VerifyCodePromptWithdrawn')
    })

    it('in VERIFYING_CODE with a code that was not sent yet: sends it, once', async () => {
      continues('wished', await stage.story('wished'))
      expect(stage.calls('wished', 'loginVerifyCode')).toHaveLength(1)
    })

    it('in VERIFYING_CODE with a code that was lost: asks the person once more, and sends nothing by itself', async () => {
      const { loginId } = stage.subject('code lost')
      await stage.until('code lost', update => update.event?.__typename === 'VerifyCodeUnanswered')
      expect(stage.calls('code lost', 'loginVerifyCode')).toHaveLength(1)
      await act(stage.gateway.address, 'submitVerifyCode', loginId, codes.get('code lost'))
      continues('code lost', await stage.story('code lost'))
      expect(stage.calls('code lost', 'loginVerifyCode')).toHaveLength(2)
    })

    it('in VERIFYING_CODE with a code that landed: finds the account signed in', async () => {
      continues('code landed', await stage.story('code landed'))
      expect(stage.calls('code landed', 'loginVerifyCode')).toHaveLength(1)
    })

    it('between the confirming answer and its record: one poll more, and confirmed', async () => {
      continues('confirmed', await stage.story('confirmed'))
      expect(stage.calls('confirmed', 'checkLoginShort').length - polledBefore).toBe(1)
      expect(stage.calls('confirmed', 'getLoginQrCode')).toHaveLength(1)
    })

    it('after its end: stays as it was, and is polled no more', async () => {
      const events = await stage.story('ended')
      expect(events).toEqual(stage.subject('ended').seen)
      expect(stage.simulator.world.device(stage.subject('ended').slot).watch.pollsAfterSuccess).toBe(0)
    })
  })
})
