// Accounts that drop, through the real server at a real upstream: each popup of the messenger in each way in which the
// dialects tell of it, the drops that the vendors' pages describe, and what somebody should do about each.

import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Simulator, startSimulator } from '../../simulator/server.ts'
import type { PopupName } from '../../simulator/words.ts'
import { ask, startLogin } from '../support/api-client.ts'
import { type Dialect, startTestGateway, type TestGateway } from '../support/gateway.ts'
import { checkPresence, signIn, type Told } from './signed-in.ts'

/** P 3.4, by its numbers: the popup, the reason, and whether somebody meant it. */
const popups: readonly (readonly [PopupName, string, string, boolean])[] = [
  ['securityCheck', 'SECURITY_CHECK', 'P 3.4.1', false],
  ['environmentCheck', 'ENVIRONMENT_CHECK', 'P 3.4.2', false],
  ['networkCheck', 'NETWORK_CHECK', 'P 3.4.3', false],
  ['loggedOutOnPhone', 'LOGGED_OUT_ON_PHONE', 'P 3.4.4', true],
  ['signedInElsewhere', 'SIGNED_IN_ELSEWHERE', 'P 3.4.5', true],
  ['passwordChanged', 'PASSWORD_CHANGED', 'P 3.4.6', false],
  ['paymentPasswordChanged', 'PAYMENT_PASSWORD_CHANGED', 'P 3.4.7', false],
  ['faceDataChanged', 'FACE_DATA_CHANGED', 'P 3.4.8', false],
  ['noPopup', 'NO_POPUP', 'P 3.4.9', false],
]

/** In which ways an upstream of this dialect tells: P 3.2; P 2.1 (both encodings of isOnline) and P 2.6 (XML inside JSON). */
const tellings: readonly (readonly [Dialect, object, string])[] = [
  ['open', { popups: 'verbatim' }, 'P 3.2'],
  ['open', { popups: 'filled' }, 'P 3.2, with device and date'],
  ['ipad', { onlineTold: 'flag', offlineReasonAs: 'text' }, 'P 2.1, a flag and plain words'],
  ['ipad', { onlineTold: 'code', offlineReasonAs: 'text' }, 'P 2.1, the code and plain words'],
  [
    'ipad',
    { onlineTold: 'flag', offlineReasonAs: 'nested', popups: 'filled' },
    'P 2.6, a flag and nested words',
  ],
  ['ipad', { onlineTold: 'code', offlineReasonAs: 'nested' }, 'P 2.6, the code and nested words'],
]

const cases = popups.flatMap(([popup, reason, line, meant]) =>
  tellings.map(([dialect, switches, way]) => ({ popup, reason, line, meant, dialect, switches, way })),
)

let simulator: Simulator
let gateway: TestGateway

beforeAll(async () => {
  simulator = await startSimulator()
  gateway = await startTestGateway({ upstream: simulator, dialects: ['open', 'ipad'] })
})
afterAll(async () => {
  await gateway[Symbol.asyncDispose]()
  await simulator.close()
})

const nextStepOf = ({ reason, meant, dialect }: (typeof cases)[number]): string => {
  // P 3.4.3 is about where the account comes from.
  if (reason === 'NETWORK_CHECK') return 'CHECK_PROXY'
  // S4:21: by QR on the first day, where a push is of no use then.
  return !meant && dialect === 'ipad' ? 'START_AGAIN_WITH_QR_CODE' : 'START_AGAIN'
}

const tagsOf = async (deviceId: string) => {
  const device = await ask<{ signIns: { edges: { node: { endReason: string; dropTags: string[] } }[] } }>(
    gateway.address,
    'query ($id: ID!) { device(id: $id) { signIns(first: 1) { edges { node { endReason dropTags } } } } }',
    { id: deviceId },
  )
  return device.signIns.edges[0]?.node
}

describe.concurrent('a popup', () => {
  test.each(cases)(
    '$popup ($line) as $dialect tells it ($way)',
    async one => {
      const { popup, reason, meant, dialect, switches } = one
      const key = `${popup} ${dialect} ${JSON.stringify(switches)}`.replaceAll(/[^\w]+/g, '-')
      const person = await signIn(gateway, simulator, dialect, key)
      simulator.world.set({ switches }, person.slot)
      expect(await checkPresence(gateway, person)).toMatchObject({
        account: { presence: { state: 'ONLINE' } },
      })
      const phone = simulator.world.phone(person.slot)
      phone.goOffline(popup)
      const words = simulator.world.device(person.slot).popup
      let told: Told = await checkPresence(gateway, person)
      if (dialect === 'ipad' && words === null) {
        // P 2.1: there, no reason means online: it takes more to be believed.
        expect(told).toMatchObject({ account: { presence: { state: 'ONLINE' } } })
        told = await checkPresence(gateway, person)
      }
      expect(told).toMatchObject({
        account: {
          presence: { state: 'OFFLINE', reason, upstreamReason: words, nextStep: nextStepOf(one) },
          device: { advisories: [] },
        },
      })
      // S2:70, S4:21: the first day on a new device.
      expect(await tagsOf(person.deviceId)).toEqual({
        endReason: reason,
        dropTags: meant ? [] : ['FIRST_DAY'],
      })
    },
    60_000,
  )
})

describe.each(['open', 'ipad'] as const)('an account on %s', dialect => {
  test('that was signed in a moment ago has the advisories of a new device', async () => {
    const person = await signIn(gateway, simulator, dialect, `new-${dialect}`)
    const { account } = await checkPresence(gateway, person)
    // S2:7, S2:70, S4:21.
    expect(account?.device.advisories.map(({ code }) => code)).toEqual([
      'FIRST_DAY_DROP_EXPECTED',
      'MOMENTS_RESTRICTED',
      'OTHER_CLIENTS_KICK',
    ])
  })

  test('is asked after and not believed to be gone while the upstream cannot say (P 3.2, 未知异常)', async () => {
    const person = await signIn(gateway, simulator, dialect, `unclear-${dialect}`)
    simulator.world.set({ switches: { isOnline: 'unknown' } }, person.slot)
    simulator.world.phone(person.slot).goOffline('securityCheck')
    const told = await checkPresence(gateway, person)
    expect(told).toMatchObject({ code: 'UPSTREAM_ERROR' })
    const { presence } = await ask<{ presence: { state: string } }>(
      gateway.address,
      'query ($id: ID!) { account(id: $id) { presence { state } } }',
      { id: person.accountId },
    )
    expect(presence.state).toBe('ONLINE')
  })
})

test('gone within a minute, an account came from an exit that the upstream rejects (S2:33)', async () => {
  await using strict = await startTestGateway({
    upstream: simulator,
    environment: { LOGIN_LIMITS: '{"loginsPerHour":0,"qrCodesPerHour":0,"promptHoldSeconds":0}' },
  })
  const person = await signIn(strict, simulator, 'open', 'rejected')
  simulator.world.phone(person.slot).goOffline('environmentCheck')
  expect(await checkPresence(strict, person)).toMatchObject({
    account: {
      presence: { state: 'OFFLINE', nextStep: 'CHECK_PROXY' },
      device: { advisories: [{ code: 'EXIT_REJECTED' }] },
    },
  })
  const start = () => startLogin(strict.address, { deviceId: person.deviceId, strategy: 'QR_CODE' })
  expect(await start()).toMatchObject({ code: 'REFUSED_BY_RULE', advisory: { code: 'EXIT_REJECTED' } })
  await ask(
    strict.address,
    `mutation ($input: UpdateDeviceInput!) { updateDevice(input: $input) { ... on DevicePayload { device { id } } } }`,
    { input: { deviceId: person.deviceId, province: '北京' } },
  )
  expect((await start()).login?.state).toBe('STARTING')
})
