// An ordered stop: watchers are told why, on either transport, before their connections go.

import { expect, it } from 'vitest'
import { subscribe, transports } from '../server/subscribing.ts'
import { running, testKey } from './running.ts'

it('lets watchers go with SHUTTING_DOWN, and stops once however often it is asked', async () => {
  await using run = await running()
  const registered = await run.ask(
    'mutation { registerDevice(input: { provider: "simulator", deviceKey: "demo", province: "广东" }) { ... on RegisterDevicePayload { device { id } } } }',
  )
  const started = await run.ask(
    'mutation ($id: ID!) { startLogin(input: { deviceId: $id }) { ... on StartLoginPayload { login { id } } } }',
    { id: registered.data.registerDevice.device.id },
  )
  const query = `subscription { loginProgress(loginId: "${started.data.startLogin.login.id}") { sequence } }`
  const heard = transports.map(transport => subscribe(transport, run.gatehouse.url, testKey, query))
  await expect.poll(() => run.gatehouse.watches).toBe(transports.length)

  await Promise.all([run.gatehouse.close(), run.gatehouse.close()])
  for (const { items, end } of await Promise.all(heard)) {
    const errors = items.flatMap(item => item.errors ?? []).concat(Array.isArray(end) ? end : [])
    expect(errors).toMatchObject([{ extensions: { code: 'SHUTTING_DOWN' } }])
  }
  expect(run.gatehouse).toMatchObject({ watches: 0, sockets: 0 })
  expect(run.logged).toEqual([])
  await expect(fetch(`${run.gatehouse.url}/healthz`)).rejects.toThrow()
})
