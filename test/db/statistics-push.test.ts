// `prompted` against the contract: "a QR code or a push prompt was out". A push is recorded before it is sent, so that
// `first_method` alone does not tell.

import { expect, test } from 'vitest'
import { newId } from '../../src/db/ids.ts'
import { everything } from '../../src/db/statistics.ts'
import type { Store } from '../../src/db/store.ts'
import { withStore } from '../support/database.ts'
import { aDevice, aLogin, tenant, told } from './given.ts'

const aPushAboutToGo = async (store: Store): Promise<{ loginId: string; intent: string }> => {
  const { loginId } = await aLogin(store, await aDevice(store), {
    terms: { strategy: 'PUSH', firstMethod: 'PUSH' },
  })
  const intent = newId(store.clock.now())
  await told(store, loginId, { kind: 'OnlineChecked', began: store.clock.now(), profile: null })
  await told(store, loginId, { kind: 'Intended', intent })
  return { loginId, intent }
}

const prompted = async (store: Store) => {
  const answer = await store.readLoginStatistics(tenant, { ...everything, groupBy: ['REASON'] })
  if (answer.kind !== 'COUNTED') throw new Error(answer.kind)
  return answer.rows.map(({ keys, started, prompted }) => [keys[0], started, prompted])
}

test('a push that the upstream refused outright, for a device that it does not know, was never out', () =>
  withStore('pglite', async store => {
    const { loginId, intent } = await aPushAboutToGo(store)
    const failure = { kind: 'DEVICE_UNKNOWN', upstreamCode: '1', upstreamMessage: null } as const
    await told(store, loginId, { kind: 'CallRefused', intent, failure })
    expect(await prompted(store)).toEqual([['DEVICE_UNKNOWN', 1, 0]])
  }))
