// What a feed takes from a ring is what it would have read.

import { describe, expect, it } from 'vitest'
import type { LoginRecord } from '../../src/db/records.ts'
import type { Carried } from '../../src/db/store.ts'
import { ended } from '../../src/login/state.ts'
import { continued } from '../../src/resolvers/continued.ts'
import { aDevice, aLogin } from '../db/given.ts'
import { type Given, given } from './given.ts'
import { living, madeUpLives } from './living.ts'

const read = async (one: Given, loginId: string): Promise<LoginRecord> => {
  const login = await one.store.readLogin('default', loginId)
  if (login === null) throw new Error('There is no such login')
  return login
}

/** One step: the login before, what was recorded, and the login after. */
const step = async (one: Given, loginId: string, observation: Parameters<Given['tell']>[1]) => {
  const before = await read(one, loginId)
  const recorded = await one.tell(loginId, observation)
  if (recorded.kind !== 'RECORDED') throw new Error(`${observation.kind} changed nothing`)
  return { before, carried: recorded satisfies Carried, after: await read(one, loginId) }
}

const asked = async (one: Given) => one.login(await one.device('one'))

describe('the login that follows from what was recorded', () => {
  it('is the one that is read, whatever its terms and whatever is told', async () => {
    await using one = await given()
    const taken = { RETURNS: 0, HANGS: 0 }
    for (const [terms, story] of madeUpLives(15)) {
      const { loginId } = await aLogin(one.store, await aDevice(one.store), {
        terms: { ...terms, started: one.store.clock.now() },
        advisories: [{ code: 'OTHER_CLIENTS_KICK', until: null }],
      })
      for await (const observation of living(one, loginId, story)) {
        const before = await read(one, loginId)
        const recorded = await one.store.record(loginId, observation)
        if (recorded.kind !== 'RECORDED') continue
        const after = continued(before, recorded)
        expect(after === null).toBe(ended(recorded.turn.state))
        if (after === null) break
        expect(after).toEqual(await read(one, loginId))
        taken[terms.capabilities.poll]++
        if (recorded.scanner !== undefined) await one.store.attachScannerPicture(loginId, 'avatar')
      }
    }
    expect(Math.min(taken.RETURNS, taken.HANGS)).toBeGreaterThan(100)
  })

  it('is not known where something lies between the two, or it happened before', async () => {
    await using one = await given()
    const { loginId } = await asked(one)
    const { before, after, carried } = await step(one, loginId, {
      kind: 'OnlineChecked',
      began: one.store.clock.now(),
      profile: null,
    })
    const next = await step(one, loginId, { kind: 'Intended', intent: 'qr-1' })
    expect(continued(before, carried)).toEqual(after)
    expect(continued(before, next.carried)).toBeNull()
    expect(continued(after, carried)).toBeNull()
    expect(continued(next.after, carried)).toBeNull()
    expect(continued({ ...before, sequence: before.sequence + 1 }, carried)).toBeNull()
  })

  it('is not known of an end, which writes more than a turn', async () => {
    await using one = await given()
    const { loginId } = await asked(one)
    const { before, carried } = await step(one, loginId, { kind: 'CancelAsked', by: 'CANCELLED_BY_CALLER' })
    expect(continued(before, carried)).toBeNull()
  })
})

it('a login that goes on as MAC says so at once, and after its end', async () => {
  await using one = await given()
  const { loginId } = await asked(one)
  await one.showQrCode(loginId)
  expect((await read(one, loginId)).deviceType).toBe('IPAD')
  const { before, carried, after } = await step(one, loginId, { kind: 'NewDevicePromptReported' })
  expect(carried.events).toMatchObject([{ body: { kind: 'MethodChanged', deviceType: 'MAC' } }])
  expect(after.deviceType).toBe('MAC')
  expect(continued(before, carried)).toEqual(after)
  await one.tell(loginId, { kind: 'CancelAsked', by: 'CANCELLED_BY_CALLER' })
  expect((await read(one, loginId)).deviceType).toBe('MAC')
})
