// kill -9 in every live state and in every intent on `ipad`, where a confirmation is told once and its handle dies with
// it: each login ends as its phone decides, or, where nobody can know, asks a person to start again.

import { setTimeout as wait } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Settings } from '../../simulator/settings.ts'
import { act } from '../support/api-client.ts'
import { engines } from '../support/database.ts'
import { Stage, twin } from './stage.ts'

/** Their accounts are known: they signed in before. */
const acquainted = ['starting', 'pushed', 'push refused', 'code landed', 'confirmed'] as const
const strangers = [
  'code asked for',
  'code answered',
  'unscanned',
  'scanned',
  'prompted',
  'reported',
  'mistaken',
  'code lost',
  'slider shown',
  'slider reported',
  'told again',
  'forgotten',
  'ended',
] as const

describe.each(engines)('on %s', engine => {
  let stage: Stage
  const codes = new Map<string, string>()

  const set = (name: string, settings: Settings) =>
    stage.simulator.world.set(settings, stage.subject(name).slot)

  const qrOut = async (name: string): Promise<void> => {
    await stage.begin(name)
    await stage.inState(name, 'AWAITING_SCAN')
    await stage.asked(name, 'getIPadLoginInfo')
  }

  const scanned = async (name: string): Promise<void> => {
    await qrOut(name)
    stage.phone(name).scan()
  }

  const signedIn = async (name: string): Promise<void> => {
    await scanned(name)
    stage.phone(name).confirm()
    await stage.inState(name, 'CONFIRMED')
  }

  const codeAsked = async (name: string): Promise<void> => {
    await scanned(name)
    codes.set(name, stage.phone(name).askForCode())
    await stage.inState(name, 'AWAITING_CODE')
  }

  const submit = (name: string) =>
    act(stage.gateway.address, 'submitVerifyCode', stage.subject(name).loginId, codes.get(name))

  const sliderShown = async (name: string): Promise<void> => {
    set(name, { switches: { slider: 'always' } })
    await scanned(name)
    await stage.inState(name, 'AWAITING_SLIDER')
  }

  beforeAll(async () => {
    stage = await Stage.open(engine, 'ipad')
    const { world } = stage.simulator
    const { address } = stage.gateway
    await stage.register([...acquainted, ...strangers])
    await stage.register(['wished', 'spoiler'], twin)
    for (const name of [...acquainted, ...strangers]) world.createDevice(stage.subject(name).slot, 'ipad')
    for (const name of acquainted) {
      await signedIn(name)
      stage.phone(name).goOffline('loggedOutOnPhone')
    }
    await signedIn('ended')

    // Each where it is to be found by the kill.
    stage.hang('code asked for', 'iPadLogin', 'none')
    await stage.begin('code asked for')
    stage.hang('code answered', 'iPadLogin', 'applied')
    await stage.begin('code answered')
    await qrOut('unscanned')
    await scanned('scanned')
    await codeAsked('prompted')
    set('reported', { switches: { codePrompt: 'silent' } })
    set('mistaken', { switches: { codePrompt: 'silent' } })
    for (const name of ['reported', 'mistaken'] as const) {
      await scanned(name)
      if (name === 'reported') codes.set(name, stage.phone(name).askForCode())
      await act(address, 'reportCodePrompt', stage.subject(name).loginId)
    }
    await codeAsked('code lost')
    await codeAsked('code landed')
    stage.hang('code lost', 'getIPadLoginInfo', 'none')
    stage.hang('code landed', 'getIPadLoginInfo', 'applied')
    for (const name of ['code lost', 'code landed'] as const) {
      const polls = stage.calls(name, 'getIPadLoginInfo').length
      await submit(name)
      await stage.asked(name, 'getIPadLoginInfo', polls + 1)
    }
    await sliderShown('slider shown')
    await sliderShown('slider reported')
    stage.phone('slider reported').solveSlider()
    await act(address, 'reportSliderSolved', stage.subject('slider reported').loginId)
    set('told again', { switches: { finishedHandle: 'profile' } })
    set('forgotten', { switches: { forgetsHandle: 'always' } })
    for (const name of ['confirmed', 'told again', 'forgotten'] as const) await scanned(name)
    await codeAsked('wished')
    for (const name of ['pushed', 'push refused'] as const) {
      const shown = world.next('pushShown', stage.subject(name).slot)
      await stage.begin(name, 'PUSH')
      await shown
    }
    await Promise.all([stage.asked('code asked for', 'iPadLogin'), stage.asked('code answered', 'iPadLogin')])
    // The question who is signed in is one for all of them, and its answer serves a whole second.
    await wait(1_050)
    world.faults.add({ endpoint: 'queryLoginWx', kind: 'hang', effect: 'none' })
    const questions = world.next('asked:queryLoginWx')
    await stage.begin('starting')
    await questions
    await stage.remember()

    // A provider whose token was refused takes no code: it waits, a wish, while the process dies.
    const spoiled = stage.subject('spoiler').slot
    world.faults.add({ endpoint: 'iPadLogin', kind: 'status', status: 401, deviceId: spoiled })
    await stage.begin('spoiler')
    await stage.inState('spoiler', 'FAILED')
    await submit('wished')
    // By the time that others have been read, it has been tried and held back.
    for (const name of ['unscanned', 'prompted', 'slider shown']) await stage.until(name, () => true)

    // Between the confirming answer and its record: frozen before the answer is sent, dead before it is read.
    stage.gateway.freeze()
    const answered = ['confirmed', 'told again', 'forgotten'].map(name => {
      const { slot } = stage.subject(name)
      const answer = world.next('answered:getIPadLoginInfo', slot)
      stage.phone(name).confirm()
      return answer
    })
    await Promise.all(answered)
    await stage.gateway.kill()
    // The person does not wait for us.
    stage.phone('pushed').confirm()
    await world.until(() => world.device(stage.subject('pushed').slot).online)
    stage.phone('push refused').decline()

    await stage.restart()
  })

  afterAll(() => stage?.[Symbol.asyncDispose]())

  const issued = (name: string) => stage.calls(name, 'iPadLogin').length
  /** Calls with a code in them. */
  const codesSent = (name: string) =>
    stage.calls(name, 'getIPadLoginInfo').filter(call => (call.params.verifyCode ?? '') !== '').length

  const confirmFrom = async (name: string) => {
    stage.phone(name).scan()
    stage.phone(name).confirm()
    return await stage.story(name)
  }

  describe('a login whose gateway was killed', () => {
    it('in STARTING, while it asked who is signed in: asks again and goes on', async () => {
      await stage.inState('starting', 'AWAITING_SCAN')
      stage.continues('starting', await confirmFrom('starting'))
      expect(issued('starting')).toBe(2)
    })

    it.each([
      ['did not reach the upstream', 'code asked for'],
      ['was answered too late', 'code answered'],
    ] as const)(
      'while a call for a QR code was under way that %s: issues one that can be seen',
      async (_, name) => {
        await stage.inState(name, 'AWAITING_SCAN')
        const events = await confirmFrom(name)
        stage.continues(name, events)
        expect(events.filter(event => event.__typename === 'QrCodeIssued')).toHaveLength(1)
        expect(issued(name)).toBe(2)
      },
    )

    it('in AWAITING_SCAN: the same code is scanned, and no other is issued', async () => {
      stage.continues('unscanned', await confirmFrom('unscanned'))
      expect(issued('unscanned')).toBe(1)
    })

    it('in AWAITING_SCAN after a scan that nobody is told of: confirmed, with no other code', async () => {
      stage.phone('scanned').confirm()
      stage.continues('scanned', await stage.story('scanned'))
      expect(issued('scanned')).toBe(1)
    })

    it('with a push under way that the person confirmed meanwhile: found signed in, and no second push', async () => {
      const events = await stage.story('pushed')
      stage.continues('pushed', events)
      expect(events.at(-1)).toMatchObject({ confirmedBy: 'PUSH' })
      expect(stage.calls('pushed', 'secondLogin')).toHaveLength(1)
    })

    it('with a push under way that the person declined meanwhile: waits for it, and sends no second one', async () => {
      await stage.simulator.world.when('asked:queryLoginWx')
      await act(stage.gateway.address, 'cancelLogin', stage.subject('push refused').loginId)
      stage.continues('push refused', await stage.story('push refused'), 'CANCELLED')
      expect(stage.calls('push refused', 'secondLogin')).toHaveLength(1)
    })

    it.each(['prompted', 'reported'])('in AWAITING_CODE (%s): the code is sent once', async name => {
      await submit(name)
      stage.continues(name, await stage.story(name))
      expect(codesSent(name)).toBe(1)
    })

    it('in AWAITING_CODE, withdrawn afterwards: goes back to the code and is confirmed there', async () => {
      await act(stage.gateway.address, 'withdrawCodePrompt', stage.subject('mistaken').loginId)
      stage.phone('mistaken').confirm()
      const events = await stage.story('mistaken')
      stage.continues('mistaken', events)
      expect(events.map(event => event.__typename)).toContain('VerifyCodePromptWithdrawn')
    })

    it('in VERIFYING_CODE with a code that was not sent yet: sends it, once', async () => {
      stage.continues('wished', await stage.story('wished'))
      expect(codesSent('wished')).toBe(1)
    })

    it('in VERIFYING_CODE with a code that was lost: asks the person once more, and sends nothing by itself', async () => {
      await stage.until('code lost', update => update.event?.__typename === 'VerifyCodeUnanswered')
      expect(codesSent('code lost')).toBe(1)
      await submit('code lost')
      stage.continues('code lost', await stage.story('code lost'))
      expect(codesSent('code lost')).toBe(2)
    })

    it('in VERIFYING_CODE with a code that landed: finds the account signed in', async () => {
      stage.continues('code landed', await stage.story('code landed'))
      expect(codesSent('code landed')).toBe(1)
    })

    it('in AWAITING_SLIDER: the page is solved and reported afterwards, and is no second one', async () => {
      stage.phone('slider shown').solveSlider()
      await act(stage.gateway.address, 'reportSliderSolved', stage.subject('slider shown').loginId)
      stage.phone('slider shown').confirm()
      const events = await stage.story('slider shown')
      stage.continues('slider shown', events)
      expect(events.filter(event => event.__typename === 'SliderRequired')).toHaveLength(1)
    })

    it('in AWAITING_CONFIRMATION after a slider: confirmed', async () => {
      stage.phone('slider reported').confirm()
      stage.continues('slider reported', await stage.story('slider reported'))
      expect(issued('slider reported')).toBe(1)
    })

    it('between the confirming answer and its record: found confirmed where its account is listed', async () => {
      const events = await stage.story('confirmed')
      stage.continues('confirmed', events)
      expect(events.at(-1)).toMatchObject({ confirmedBy: 'QR_CODE' })
      expect(issued('confirmed')).toBe(2)
    })

    it('between them on a first login whose handle still answers: confirmed by one poll', async () => {
      stage.continues('told again', await stage.story('told again'))
      expect(issued('told again')).toBe(1)
    })

    it('between them on a first login that the upstream has forgotten: a person starts again', async () => {
      const events = await stage.story('forgotten')
      stage.continues('forgotten', events, 'EXPIRED')
      expect(events.at(-1)).toMatchObject({
        outcome: { reason: 'QR_CODE_EXPIRED', nextStep: 'START_AGAIN_WITH_QR_CODE' },
      })
      expect(issued('forgotten')).toBe(1)
    })

    it('after its end: stays as it was', async () => {
      expect(await stage.story('ended')).toEqual(stage.subject('ended').seen)
    })
  })
})
