import { expect, test } from 'vitest'
import { loadScenarios, type Scenario } from '../../simulator/scenario.ts'
import { type Simulator, startSimulator } from '../../simulator/server.ts'
import { type Answered, type Issued, post, slotOf } from './ipad-support.ts'
import { ManualClock } from './support.ts'

const scenarios = [...loadScenarios().values()].filter(({ dialect }) => dialect === 'ipad')
const desk = 'desk'
const slot = slotOf(desk)

/** A caller in a nutshell: no gateway, only enough to walk through each script. */
class Caller {
  readonly #simulator: Simulator
  readonly #clock: ManualClock
  readonly #scenario: Scenario
  readonly #codes: string[]

  constructor(simulator: Simulator, clock: ManualClock, scenario: Scenario) {
    this.#simulator = simulator
    this.#clock = clock
    this.#scenario = scenario
    this.#codes = (scenario.client.steps ?? []).flatMap(({ code }) => (code === undefined ? [] : [code]))
  }

  async walk(): Promise<void> {
    const { scenario, world } = { scenario: this.#scenario, world: this.#simulator.world }
    const account = world.device(slot).account
    if (scenario.startsWith?.online) {
      expect((await this.#ask('/queryLoginWx'))?.data).toMatchObject([{ wcId: account?.wcId }])
      return
    }
    if (account !== null && scenario.gateway?.firstDayOver) {
      const pushed = await this.#ask('/secondLogin', { wcId: account.wcId, type: 2 })
      const listed = (await this.#ask('/queryLoginWx'))?.data as unknown[]
      if (wcIdIn(pushed?.data) || listed.length > 0) return
    }
    let deviceType = scenario.client.deviceType === 'MAC' ? 'mac' : 'ipad'
    for (let generation = 1; generation <= 3; generation++) {
      const issued = await this.#ask('/iPadLogin', {
        wcId: account?.wcId ?? '',
        deviceType,
        proxy: 16,
        ...line,
      })
      const { wId } = (issued?.data ?? {}) as Partial<Issued>
      if (issued?.message === '网络链接异常') return
      if (wId === undefined) continue
      const goesOnAs = await this.#follow(wId)
      if (goesOnAs === null) return
      deviceType = goesOnAs === 'mac' ? 'mac' : deviceType
    }
  }

  /** Until the login is over (null), or another QR code is due. */
  async #follow(wId: string): Promise<'again' | 'mac' | null> {
    const { world } = this.#simulator
    const says = (this.#scenario.client.steps ?? []).map(step => step.do)
    const cancels = says.includes('cancelLogin')
    for (let turn = 0; turn < 8; turn++) {
      const interrupted = () => cancels || (this.#reportsFirst && world.phone(slot).look().screen === 'code')
      const answer = await this.#ask('/getIPadLoginInfo', { wId, autoCheck: false }, interrupted)
      if (cancels || wcIdIn(answer?.data) || String(answer?.message).includes('Authorization')) return null
      if (answer === null) this.#clock.advance(500)
      if (hasUrl(answer?.data)) {
        if (!(await this.#sliderSolved())) return null
      } else if (world.phone(slot).look().screen === 'newDevice') return 'mac'
      else if (world.phone(slot).look().screen === 'code') {
        if (says.includes('withdrawCodePrompt') && turn === 0) continue
        if (await this.#submitted(wId)) return null
      } else if (answer?.message === '二维码已过期')
        return world.count('scanned', slot) === 0 ? 'again' : null
    }
    return null
  }

  get #reportsFirst(): boolean {
    return this.#scenario.switches?.codePrompt === 'silent'
  }

  async #sliderSolved(): Promise<boolean> {
    const isSolved = this.#simulator.world.next('sliderSolved', slot).then(() => true)
    return (await this.#whileTimePasses(isSolved, 100)) ?? false
  }

  /** Whether the codes of the scenario brought it to its end. */
  async #submitted(wId: string): Promise<boolean> {
    for (const code of this.#codes) {
      const shown = this.#simulator.world.phone(slot).look().code ?? ''
      const answer = await this.#ask('/getIPadLoginInfo', { wId, verifyCode: code === 'shown' ? shown : 'x' })
      if (wcIdIn(answer?.data)) return true
    }
    return true
  }

  /** Null: no answer, or it was given up. */
  async #ask(
    path: string,
    body: object = {},
    givenUp: () => boolean = () => false,
  ): Promise<Answered | null> {
    const gone = new AbortController()
    const sent = post(this.#simulator, path, { ...body }, { signal: gone.signal }).catch(() => null)
    void this.#simulator.world.until(givenUp).then(() => gone.abort())
    return await this.#whileTimePasses(sent, 6_000)
  }

  /** Pushes the clock until that is settled; null: it never was. */
  async #whileTimePasses<T>(awaited: Promise<T>, turns: number): Promise<T | null> {
    let settled = false
    const done = awaited.finally(() => {
      settled = true
    })
    for (let turn = 0; turn < turns && !settled; turn++) {
      await new Promise(resolve => setImmediate(resolve))
      if (!settled) this.#clock.advance(50)
    }
    return settled ? await done : null
  }
}

const line = { proxyIp: '10.0.0.1:1080', proxyUser: desk, proxyPassword: 'p' }

const wcIdIn = (data: unknown): boolean =>
  typeof data === 'object' && data !== null && 'wcId' in data && Boolean(data.wcId)

const hasUrl = (data: unknown): boolean => typeof data === 'object' && data !== null && 'url' in data

test.each(scenarios)('$name can be walked through', async scenario => {
  const clock = new ManualClock()
  await using simulator = await startSimulator({ clock })
  const playing = simulator.world.play(scenario, slot)
  await new Caller(simulator, clock, scenario).walk()
  expect(playing.problems).toEqual([])
  expect(playing.due.map(({ when, deed }) => `${when}: ${deed.do}`)).toEqual([])
  const signsIn = scenario.expect.at(-1)?.state === 'CONFIRMED'
  const unheard = ['ipad-wrong-account', 'ipad-first-answer-lost'].includes(scenario.name)
  expect(simulator.world.device(slot).online).toBe(signsIn || unheard)
})

test('each scenario asks only what the dialect has', () => {
  const calls = scenarios.flatMap(({ upstream }) => Object.keys(upstream?.calls ?? {}))
  expect(new Set(calls)).toEqual(new Set(['iPadLogin', 'getIPadLoginInfo', 'secondLogin']))
})
