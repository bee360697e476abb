// An import through the whole gateway: what a page of each kind of upstream becomes, as clients read it.

import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Running, running } from './running.ts'

let gateway: Running

beforeAll(async () => {
  gateway = await running()
})
afterAll(() => gateway[Symbol.asyncDispose]())

const world = () => {
  const { simulator } = gateway.gatehouse
  if (simulator === null) throw new Error('The simulator is not built in')
  return simulator.world
}

const importing = async (provider: string, more: object = {}) => {
  const { data } = await gateway.ask(
    `mutation ($input: ImportDevicesInput!) {
      importDevices(input: $input) {
        __typename
        ... on ImportDevicesPayload { found imported known total nextPage }
        ... on Error { code message }
      }
    }`,
    { input: { provider, ...more } },
  )
  return data.importDevices
}

const devicesOn = async (provider: string, deviceKey?: string) => {
  const { data, errors } = await gateway.ask(
    `query ($where: DeviceWhere!) {
      devices(where: $where) {
        edges { node {
          deviceKey upstreamId deviceType province label
          account { wcId nickName profileAsOf instanceId presence { state reason } device { deviceKey } }
          operation { kind }
        } }
      }
    }`,
    { where: { provider: [provider], deviceKey } },
  )
  expect(errors).toBeUndefined()
  return data.devices.edges.map(({ node }: { node: unknown }) => node)
}

test('a page of devices', async () => {
  const online = world().createDevice('柜台 1')
  world().signIn(online, online.person)
  world().createDevice('柜台 2')
  expect(await importing('simulator', { dryRun: true })).toMatchObject({ found: 2, imported: 2, known: 0 })
  expect(await devicesOn('simulator')).toEqual([])
  expect(await importing('simulator')).toEqual({
    __typename: 'ImportDevicesPayload',
    found: 2,
    imported: 2,
    known: 0,
    total: 2,
    nextPage: null,
  })
  expect(await importing('simulator')).toMatchObject({ found: 2, imported: 0, known: 2 })

  const devices = await devicesOn('simulator')
  const taken = { deviceType: 'IPAD', province: null, label: null, operation: null }
  expect(devices).toHaveLength(2)
  expect(devices).toContainEqual({ ...taken, deviceKey: '柜台 2', upstreamId: '柜台 2', account: null })
  expect(devices).toContainEqual({
    ...taken,
    deviceKey: '柜台 1',
    upstreamId: '柜台 1',
    account: {
      wcId: online.person.wcId,
      nickName: null,
      profileAsOf: null,
      instanceId: '柜台 1',
      presence: { state: 'ONLINE', reason: 'FOUND_ONLINE' },
      device: { deviceKey: '柜台 1' },
    },
  })
})

test('accounts of an upstream without devices, from page to page', async () => {
  for (let number = 0; number < 120; number++) {
    const slot = world().createDevice(`slot ${number}`, 'ipad')
    world().signIn(slot, slot.person)
    world().instances.handOver(slot)
  }
  const first = await importing('simulator-ipad')
  expect(first).toMatchObject({ found: 100, imported: 100, total: 120, nextPage: expect.any(String) })
  const page = { page: first.nextPage }
  expect(await importing('simulator-ipad', page)).toMatchObject({ found: 20, imported: 20, nextPage: null })
  expect(await importing('simulator-ipad', page)).toMatchObject({ found: 20, imported: 0, known: 20 })

  const slot = world().device('slot 0')
  expect(await devicesOn('simulator-ipad', slot.person.wcId)).toMatchObject([
    {
      upstreamId: null,
      account: { wcId: slot.person.wcId, instanceId: slot.wId, presence: { state: 'ONLINE' } },
    },
  ])
  // Slots of the one kind are no devices of the other.
  expect(await importing('simulator')).toMatchObject({ found: 2, imported: 0, known: 2 })
})

test('what is none is refused in words of the contract', async () => {
  expect(await importing('nobody')).toMatchObject({ __typename: 'InvalidInputError', code: 'INVALID_INPUT' })
  expect(await importing('simulator', { page: 'x' })).toMatchObject({ __typename: 'InvalidInputError' })
  world().faults.add({ endpoint: 'listWorkstations', kind: 'html502', times: 1 })
  expect(await importing('simulator')).toMatchObject({ __typename: 'UpstreamError', code: 'UPSTREAM_ERROR' })
})
