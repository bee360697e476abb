// A wall that drops and comes back ends with the same picture as one that never left, whatever happened meanwhile, whatever
// was rung, and whichever instance it came back to.

import fc from 'fast-check'
import { expect, it } from 'vitest'
import { openMemoryBus } from '../../src/bus/memory.ts'
import type { LoginFilter } from '../../src/db/filters.ts'
import type { Carried } from '../../src/db/store.ts'
import { Feeds } from '../../src/resolvers/feeds.ts'
import { fits } from '../../src/resolvers/watch-activity-filter.ts'
import { aDevice, aLogin, aProfile, tenant } from '../db/given.ts'
import { type Given, given } from './given.ts'
import { handedOver, movable, PageWithWall } from './wall.ts'

const deeds = ['show', 'scan', 'mac', 'hiccup', 'confirm', 'cancel'] as const

const anyStep = fc.oneof(
  { weight: 3, arbitrary: fc.record({ what: fc.constant('start') }) },
  {
    weight: 10,
    arbitrary: fc.record({
      what: fc.constant('tell'),
      deed: fc.constantFrom(...deeds),
      which: fc.nat(),
      ring: fc.constantFrom('CARRIED', 'BARE', 'LOST'),
      /** Observed so long before it is written. */
      ago: fc.constantFrom(0, 0, 900, 15_000),
    }),
  },
  // A page that reads all there is, or falls behind.
  {
    weight: 3,
    arbitrary: fc.record({ what: fc.constant('take'), count: fc.constantFrom(1, 2, 5, 1_000) }),
  },
  { weight: 2, arbitrary: fc.record({ what: fc.constant('drop') }) },
  { weight: 2, arbitrary: fc.record({ what: fc.constant('come'), instance: fc.nat(1) }) },
  { weight: 2, arbitrary: fc.record({ what: fc.constant('look') }) },
  { weight: 2, arbitrary: fc.record({ what: fc.constant('wait'), by: fc.constantFrom(500, 4_000, 30_000) }) },
)
type Step = typeof anyStep extends fc.Arbitrary<infer Value> ? Value : never

const wheres: readonly LoginFilter[] = [
  {},
  { live: true },
  { live: false },
  { state: ['AWAITING_SCAN'] },
  { state: ['STARTING', 'CONFIRMED'] },
  { deviceType: ['MAC'] },
  { firstMethod: ['QR_CODE'], state: ['AWAITING_CONFIRMATION', 'AWAITING_SCAN', 'EXPIRED', 'CANCELLED'] },
  { wcId: 'wxid_lin' },
  { reason: ['CANCELLED_BY_CALLER'] },
]

/** Another process: it hears no ring of the first, and looks. */
const another = (one: Given): Given['context'] & { readonly services: { readonly feeds: Feeds } } => {
  const failed = (error: unknown) => {
    throw error
  }
  const feeds = new Feeds({
    store: one.store,
    bus: openMemoryBus<Carried>(failed),
    pictureUrl: one.services.pictureUrl,
    failed,
    lookEvery: 3_600_000,
  })
  return { ...one.context, services: { ...one.services, feeds } }
}

const tell = async (one: Given, loginId: string, step: Extract<Step, { what: 'tell' }> | object) => {
  const { deed, ring, ago } = step as { deed: (typeof deeds)[number]; ring: string; ago: number }
  const at = one.store.clock.now() - ago
  const failure = { kind: 'UNREACHABLE', upstreamCode: null, upstreamMessage: null } as const
  const secret = { url: 'https://upstream.example/qr.png', image: null, content: null }
  const scan = { kind: 'SCANNED', nickName: 'Lin', avatarUrl: null } as const
  const signedIn = { kind: 'SIGNED_IN', profile: aProfile() } as const
  const observations = {
    show: [
      { kind: 'OnlineChecked', at, began: at, profile: null },
      { kind: 'Intended', at, intent: 'qr-1' },
      { kind: 'QrCodeReceived', at, intent: 'qr-1', handle: null, secret },
    ],
    scan: [{ kind: 'Polled', at, began: at, answer: scan }],
    mac: [{ kind: 'NewDevicePromptReported', at }],
    hiccup: [1, 2, 3].map(() => ({ kind: 'PollFailed', at, began: at, failure }) as const),
    confirm: [{ kind: 'Polled', at, began: one.store.clock.now(), answer: signedIn }],
    cancel: [{ kind: 'CancelAsked', at, by: 'CANCELLED_BY_CALLER' }],
  } as const
  for (const observation of observations[deed]) {
    const recorded = await one.store.record(loginId, observation)
    if (recorded.kind !== 'RECORDED' || ring === 'LOST') continue
    const { sequence } = recorded.turn.state
    one.bus.ring({ id: loginId, sequence, ...(ring === 'CARRIED' ? { carried: recorded } : {}) })
  }
}

const play = async (one: Given, where: LoginFilter, steps: readonly Step[], later: (by: number) => void) => {
  const contexts = [one.context, another(one)]
  const look = async () => {
    for (const { services } of contexts) await services.feeds.look()
    await handedOver()
  }
  const started: string[] = []
  const stays = (await new PageWithWall(where).come(one.context)).take(100_000)
  const drops = await new PageWithWall(where).come(one.context)
  for (const step of steps as readonly (Step & Record<string, never>)[])
    switch (step.what as string) {
      case 'start': {
        const { loginId } = await aLogin(one.store, await aDevice(one.store))
        started.push(loginId)
        one.bus.ring({ id: loginId, sequence: 1 })
        break
      }
      case 'tell': {
        const loginId = started[Number(step.which) % started.length]
        if (loginId !== undefined) await tell(one, loginId, step)
        break
      }
      case 'take':
        drops.take(Number(step.count))
        await handedOver()
        break
      case 'drop':
        // One that was told nothing yet has no place to come back to: it would be a new wall.
        if (drops.cursor !== null) drops.leave()
        break
      case 'come':
        if (!drops.isThere) await drops.come(contexts[Number(step.instance)] ?? one.context)
        break
      case 'look':
        await look()
        break
      case 'wait':
        later(Number(step.by))
    }
  if (drops.cursor !== null) drops.leave()
  if (!drops.isThere) await drops.come(contexts[steps.length % 2] ?? one.context)
  drops.take(100_000)
  await look()
  // Pages of what ended meanwhile are read one after another.
  await expect.poll(() => drops.picture).toEqual(stays.picture)
  const all = { limit: 100_000, after: null, before: null, backward: false }
  const live = await one.store.pageLogins(tenant, { live: true }, 'STARTED_AT_ASC', all)
  for (const login of live)
    expect(drops.picture[login.id]).toBe(
      fits(where, login, null) ? `${login.stateName} ${login.sequence}` : undefined,
    )
  // Of those that were started here, none is missing that fits now.
  const mine = await one.store.pageLogins(tenant, where, 'STARTED_AT_ASC', all)
  expect(Object.keys(drops.picture)).toEqual(
    expect.arrayContaining(mine.filter(({ id }) => started.includes(id)).map(({ id }) => id)),
  )
  expect(stays.error ?? drops.error).toBeNull()
  stays.leave()
  drops.leave()
  for (const { services } of contexts) expect(services.feeds.watches).toBe(0)
  // The next play begins with nobody.
  for (const login of live) await tell(one, login.id, { deed: 'cancel', ring: 'LOST', ago: 0 })
  return started.length
}

it('through 500 logins, in short plays of all sorts', { timeout: 300_000 }, async () => {
  await using one = await given({ ringsWait: 0 })
  const later = movable(one)
  let started = 0
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...wheres),
      fc.array(anyStep, { minLength: 20, maxLength: 120, size: 'max' }),
      async (where, steps) => {
        started += await play(one, where, steps, later)
        // So long after that nothing of it is told again.
        later(120_000)
      },
    ),
    { numRuns: 45, endOnFailure: true },
  )
  expect(started).toBeGreaterThan(300)
})

it('through 500 logins at once', { timeout: 300_000 }, async () => {
  await using one = await given({ ringsWait: 0 })
  const later = movable(one)
  const begin: readonly Step[] = Array.from({ length: 500 }, () => ({ what: 'start' }) as Step)
  const [steps = []] = fc.sample(fc.array(anyStep, { minLength: 600, maxLength: 600, size: 'max' }), {
    numRuns: 1,
    seed: 500,
  })
  expect(await play(one, {}, [...begin, ...steps], later)).toBeGreaterThanOrEqual(500)
})
