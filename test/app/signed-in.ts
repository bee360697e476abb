// Accounts signed in through a real gateway at a real upstream, in either dialect, and what can be asked of them.

import type { Simulator } from '../../simulator/server.ts'
import { ask, collect, eventsOf, registerDevice, startLogin, watchBySocket } from '../support/api-client.ts'
import { type Dialect, providerOf, type TestGateway } from '../support/gateway.ts'

export interface Person {
  readonly deviceId: string
  readonly accountId: string
  /** Where the upstream has it. */
  readonly slot: string
}

export const desk = async (gateway: TestGateway, simulator: Simulator, dialect: Dialect, key: string) => {
  const registered = await registerDevice(gateway.address, {
    provider: providerOf(dialect),
    deviceKey: key,
    province: '广东',
    proxy: { host: 'proxy.test', port: 1080, username: key, password: 'secret' },
  })
  if (registered.device === undefined) throw new Error(registered.message)
  const slot = dialect === 'open' ? registered.device.upstreamId : `ipad:${key}`
  if (dialect === 'ipad') simulator.world.createDevice(slot, 'ipad')
  return { deviceId: registered.device.id, slot }
}

/** By a QR code, whoever holds the phone. */
export const signIn = async (
  gateway: TestGateway,
  simulator: Simulator,
  dialect: Dialect,
  key: string,
): Promise<Person> => {
  const { deviceId, slot } = await desk(gateway, simulator, dialect, key)
  const issued = simulator.world.next('qrIssued', slot)
  const { login, message } = await startLogin(gateway.address, { deviceId, strategy: 'QR_CODE' })
  if (login === undefined) throw new Error(message)
  await issued
  const phone = simulator.world.phone(slot)
  phone.scan()
  phone.confirm()
  const end = eventsOf(await collect(watchBySocket(gateway.address, login.id, 0))).at(-1)
  if (end?.state !== 'CONFIRMED') throw new Error(`The login ended ${end?.state}`)
  const { account } = await ask<{ account: { id: string } }>(
    gateway.address,
    'query ($id: ID!) { device(id: $id) { account { id } } }',
    { id: deviceId },
  )
  return { deviceId, slot, accountId: account.id }
}

const accountFields = `id wcId presence { state reason upstreamReason nextStep probationUntil }
  device { id advisories { code until } }`

export interface Told {
  readonly code?: string
  readonly message?: string
  readonly operation?: { readonly state: string; readonly kind: string } | null
  readonly account?: {
    readonly presence: {
      readonly state: string
      readonly reason: string | null
      readonly upstreamReason: string | null
      readonly nextStep: string
    }
    readonly device: { readonly advisories: readonly { readonly code: string }[] }
  }
}

const answered = `... on AccountPayload { operation { kind state } account { ${accountFields} } } ... on Error { code message }`

export const checkPresence = ({ address }: TestGateway, { accountId }: Person) =>
  ask<Told>(address, `mutation ($id: ID!) { checkPresence(accountId: $id) { ${answered} } }`, {
    id: accountId,
  })

export const logoutAccount = ({ address }: TestGateway, { accountId }: Person) =>
  ask<Told>(address, `mutation ($id: ID!) { logoutAccount(accountId: $id) { ${answered} } }`, {
    id: accountId,
  })
