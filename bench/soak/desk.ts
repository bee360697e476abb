// One desk of the soak: a device, a phone and a frontend, one login after another until it is told to stop. Watchers
// come and go, people lose patience, and each login is judged when it is over.

import { setTimeout as wait } from 'node:timers/promises'
import { isActing } from '../../simulator/device.ts'
import type { World } from '../../simulator/world.ts'
import { type Address, act, ask, startLogin } from '../../test/support/api-client.ts'
import { type Carrier, type Follower, follow, type Now, type Update, type Written, written } from './api.ts'
import { type Calls, isPoll, isRisky } from './calls.ts'
import { judge, type Sat } from './judge.ts'
import { lookAndAct, plans, type Sitting } from './person.ts'
import type { Chance } from './random.ts'
import type { Tally } from './tally.ts'

export interface DeskOptions {
  readonly world: World
  readonly calls: Calls
  readonly chance: Chance
  readonly gateway: Address
  readonly dialect: 'open' | 'ipad'
  readonly deviceId: string
  /** The simulator's name for what stands on this desk. */
  readonly slot: string
  /** In the place of one that a stranger is signed in on: nobody can log out there. */
  readonly newDevice: () => Promise<Pick<DeskOptions, 'deviceId' | 'slot'>>
  readonly tally: Tally
  /** Milliseconds after which people call it off, at least and at most. */
  readonly patience: readonly [number, number]
  /** Milliseconds from one look at the phone to the next, at least and at most. */
  readonly pace: readonly [number, number]
  /** Aborted: no more logins, and those under way are called off. */
  readonly stop: AbortSignal
}

const strategies = { AUTO: 50, QR_CODE: 35, PUSH: 15 } as const
const carriers = { socket: 88, events: 12 } as const satisfies Record<Carrier, number>

export const sitAt = async (first: DeskOptions): Promise<void> => {
  let desk = first
  let offlineSince: number | null = null
  let isOver = true
  while (!desk.stop.aborted) {
    try {
      await lookForStrays(desk, isOver)
      isOver = true
      const isBlocked = await oneLogin(desk, offlineSince)
      if (isBlocked) desk = { ...desk, ...(await desk.newDevice()) }
    } catch (error) {
      // Its login may go on without us.
      isOver = false
      desk.tally.broke(error)
      await wait(1_000)
    }
    offlineSince = leaveThePhone(desk)
    await wait(desk.chance.between(100, 1_500))
  }
}

/** Nothing is sent about a desk that has no login. */
const lookForStrays = async (desk: DeskOptions, isOver: boolean): Promise<void> => {
  const { calls } = await desk.calls.take(desk.slot)
  if (!isOver) return
  for (const call of calls)
    if (isPoll(call) || isRisky(call))
      desk.tally.strayed(`${desk.dialect}: ${call.endpoint} sent between two logins`)
}

/** So that the next login has something to do; now and then it finds somebody signed in. When that was; null: not now. */
const leaveThePhone = ({ world, slot, chance }: DeskOptions): number | null => {
  const device = world.devices.get(slot)
  if (device?.online !== true || chance.happens(0.04)) return null
  world.phone(slot).goOffline('securityCheck')
  return performance.now()
}

/** Whether this device is of no more use. */
const oneLogin = async (desk: DeskOptions, offlineSince: number | null): Promise<boolean> => {
  const { world, slot, chance, tally, gateway } = desk
  const before = {
    signIns: world.count('signedIn', slot),
    online: world.devices.get(slot)?.online ?? false,
    acting: isActing(world.devices.get(slot)?.attempt ?? null),
    watch: watchOf(desk),
    offlineFor: offlineSince === null ? null : performance.now() - offlineSince,
  }
  const strategy = chance.pick(strategies)
  const started =
    (await begin(desk, strategy)) ?? (strategy === 'QR_CODE' ? null : await begin(desk, 'QR_CODE'))
  if (started === null || started === 'BLOCKED') {
    await wait(2_000)
    return started === 'BLOCKED'
  }
  const plan = chance.pick(plans)
  const watched = new Watched(desk, started)
  const submitted: string[] = []
  let cancelled = false
  const did = { codes: 0, died: false }
  const sitting: Sitting = {
    world,
    slot,
    gateway,
    chance,
    plan,
    did,
    loginId: started,
    now: () => watched.now,
    refused: (verb, code) => tally.refused(`${verb} ${code}`),
    submitted: code => void submitted.push(code),
  }
  tally.live++
  try {
    const losesPatience = performance.now() + chance.between(...desk.patience)
    while (!watched.over) {
      await Promise.race([watched.done, wait(chance.between(...desk.pace))])
      if (watched.over) break
      if (!cancelled && (performance.now() > losesPatience || desk.stop.aborted)) {
        cancelled = true
        const answer = await act(gateway, 'cancelLogin', started)
        if (answer.code !== undefined) tally.refused(`cancelLogin ${answer.code}`)
      } else await lookAndAct(sitting)
    }
    await watched.done
  } finally {
    tally.live--
    watched.leave()
  }
  const login = await ask<Written>(gateway, written, { id: started })
  const { calls, late } = await desk.calls.take(slot)
  // Long enough for a poll that should not come.
  if (login.outcome?.reason === 'SIGNED_IN') await wait(chance.between(1_000, 3_000))
  const then = await desk.calls.take(slot)
  const watch = watchOf(desk)
  const sat: Sat = {
    dialect: desk.dialect,
    plan,
    strategy,
    events: watched.events,
    written: login,
    calls,
    late: [...late, ...then.late],
    after: then.calls,
    signIns: world.count('signedIn', slot) - before.signIns,
    onlineAtStart: before.online,
    actingAtStart: before.acting,
    offlineFor: before.offlineFor,
    cancelled,
    submitted,
    account: world.devices.get(slot)?.account?.wcId ?? null,
    watch: {
      pollsOverlapping: watch.pollsOverlapping - before.watch.pollsOverlapping,
      pushesOverlapping: watch.pushesOverlapping - before.watch.pushesOverlapping,
      qrCodesWhileActing: watch.qrCodesWhileActing - before.watch.qrCodesWhileActing,
      // Counted anew from each sign-in.
      pollsAfterSuccess: watch.pollsAfterSuccess,
    },
  }
  tally.ended(started, sat, judge(sat))
  return false
}

const watchOf = ({ world, slot }: DeskOptions) => {
  const watch = world.devices.get(slot)?.watch
  return {
    pollsOverlapping: watch?.pollsOverlapping ?? 0,
    qrCodesWhileActing: watch?.qrCodesWhileActing ?? 0,
    pushesOverlapping: watch?.pushesOverlapping ?? 0,
    pollsAfterSuccess: watch?.pollsAfterSuccess ?? 0,
  }
}

/** Its id; null: refused, and that was counted. BLOCKED: refused for good. */
const begin = async (desk: DeskOptions, strategy: string): Promise<string | 'BLOCKED' | null> => {
  const deviceType = 'IPAD'
  const answer = await startLogin(desk.gateway, { deviceId: desk.deviceId, strategy, deviceType })
  if (answer.login !== undefined) return answer.login.id
  const { advisory } = answer as { advisory?: { code: string } }
  desk.tally.refused(`startLogin ${strategy} ${advisory?.code ?? answer.code}`)
  return advisory?.code === 'WRONG_ACCOUNT_SIGNED_IN' ? 'BLOCKED' : null
}

/** The frontend's watcher: sometimes it goes and comes back with its cursor, and sometimes another looks in. */
class Watched {
  now: Now | null = null
  readonly events: NonNullable<Update['event']>[] = []
  over = false
  readonly done: Promise<void>
  readonly #desk: DeskOptions
  readonly #loginId: string
  readonly #followers = new Set<Follower>()
  #gone = false

  constructor(desk: DeskOptions, loginId: string) {
    this.#desk = desk
    this.#loginId = loginId
    this.done = this.#follow().finally(() => {
      this.over = true
    })
    // Whoever awaits it is told; before that it is nobody's.
    this.done.catch(() => {})
    if (desk.chance.happens(0.1)) void this.#lookIn()
  }

  leave(): void {
    this.#gone = true
    for (const follower of this.#followers) follower.leave()
  }

  async #follow(): Promise<void> {
    const { chance, tally } = this.#desk
    for (let failures = 0; failures < 20; ) {
      const follower = this.#join(this.events.at(-1)?.sequence ?? 0, update => {
        this.now = update.login
        if (update.event !== null) this.events.push(update.event)
      })
      const goes = chance.happens(0.25)
        ? setTimeout(() => follower.leave(), chance.between(500, 20_000))
        : null
      const how = await follower.over
      if (goes !== null) clearTimeout(goes)
      this.#followers.delete(follower)
      if (how === 'COMPLETE' || this.#gone) return
      if (how === 'LEFT') {
        tally.resumed++
        await wait(chance.between(0, 3_000))
      } else {
        failures++
        tally.broke(how)
        await wait(500)
      }
    }
    throw new Error('The watcher gave up')
  }

  async #lookIn(): Promise<void> {
    const { chance, tally } = this.#desk
    await wait(chance.between(500, 10_000))
    if (this.over || this.#gone) return
    const follower = this.#join(null, () => {})
    setTimeout(() => follower.leave(), chance.between(500, 10_000)).unref()
    const how = await follower.over
    this.#followers.delete(follower)
    if (how instanceof Error) tally.broke(how)
  }

  #join(after: number | null, seen: (update: Update) => void): Follower {
    const { gateway, chance } = this.#desk
    const follower = follow(gateway, chance.pick(carriers), { loginId: this.#loginId, after }, seen)
    this.#followers.add(follower)
    return follower
  }
}
