// Every scenario of the simulator, through the real server, store and clients, on both engines. Each scenario's file says
// which events must follow, and which line of the vendor's pages each comes from.

import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { loadScenarios, type Scenario } from '../../simulator/scenario.ts'
import { type Simulator, startSimulator } from '../../simulator/server.ts'
import type { SeenEvent } from '../support/api-client.ts'
import { engines } from '../support/database.ts'
import { startTestGateway, type TestGateway } from '../support/gateway.ts'
import { type Played, play } from './play.ts'

const scenarios = [...loadScenarios().values()]

/** Deadlines that the gateway has names for; how long one call may take is its own. */
const deadlinesOf = ({ gateway }: Scenario): Record<string, number> => {
  const { call: _, ...deadlines } = gateway?.deadlines ?? {}
  return deadlines
}

/** Who kills the token kills it for everybody. */
const stageOf = (scenario: Scenario): string =>
  JSON.stringify([deadlinesOf(scenario), scenario.script.some(step => step.deed.do === 'killToken')])

interface Stage extends AsyncDisposable {
  readonly simulator: Simulator
  readonly gateway: TestGateway
}

describe.each(engines)('on %s', engine => {
  const stages = new Map<string, Stage>()

  beforeAll(async () => {
    for (const scenario of scenarios) {
      if (stages.has(stageOf(scenario))) continue
      const simulator = await startSimulator()
      const gateway = await startTestGateway({
        engine,
        upstream: simulator,
        dialects: ['open', 'ipad'],
        overrides: { deadlines: deadlinesOf(scenario) },
        // One engine with plans for live updates, one through graphql-js; LIVE_PLANS sets it for both.
        environment: { LIVE_PLANS: process.env.LIVE_PLANS ?? (engine === 'pglite' ? 'off' : 'on') },
      })
      stages.set(stageOf(scenario), {
        simulator,
        gateway,
        [Symbol.asyncDispose]: async () => {
          await gateway[Symbol.asyncDispose]()
          await simulator.close()
        },
      })
    }
  })

  afterAll(async () => {
    for (const stage of stages.values()) await stage[Symbol.asyncDispose]()
  })

  describe.concurrent('a login', () => {
    it.each(scenarios.map(scenario => [scenario.name, scenario.description, scenario] as const))(
      '%s: %s',
      async (_name, _description, scenario) => {
        const stage = stages.get(stageOf(scenario))
        if (stage === undefined) throw new Error('No stage')
        const played = await play(stage.gateway, stage.simulator, scenario)
        holdsAgainst(
          scenario,
          played.original.flatMap(({ event }) => (event === null ? [] : [event])),
        )
        sawTheSame(played)
        askedAsExpected(scenario, played, stage.simulator)
      },
    )
  })
})

const holdsAgainst = (scenario: Scenario, events: readonly SeenEvent[]): void => {
  const needed = scenario.expect.filter(expected => expected.optional !== true)
  const optional = new Set<string>(
    scenario.expect.filter(expected => expected.optional === true).map(expected => expected.event),
  )
  const told = events.filter(
    event => needed.some(expected => expected.event === event.__typename) || !optional.has(event.__typename),
  )
  expect(told.map(event => [event.__typename, event.state])).toEqual(
    needed.map(expected => [expected.event, expected.state]),
  )
  for (const [index, { fields }] of needed.entries()) if (fields) expect(told[index]).toMatchObject(fields)
  expect(events.map(event => event.sequence)).toEqual(events.map((_, index) => index + 1))
}

/** An avatar is fetched after the scan was told, so a late watcher may have its link and the first one not. */
const facts = (events: readonly SeenEvent[]) => events.map(({ avatarUrl: _, ...fact }) => fact)

const sawTheSame = ({ original, late, resumed, watchedByEvents }: Played): void => {
  const events = facts(original.flatMap(({ event }) => (event === null ? [] : [event])))
  expect(facts(late)).toEqual(events)
  expect(facts(resumed)).toEqual(events)
  expect(facts(watchedByEvents)).toEqual(events)
}

const askedAsExpected = (scenario: Scenario, { slot, callsBefore }: Played, simulator: Simulator): void => {
  const calls = simulator.log.calls({ deviceId: slot, after: callsBefore })
  const to = (endpoint: string) => calls.filter(call => call.endpoint === endpoint)
  for (const [endpoint, count] of Object.entries(scenario.upstream?.calls ?? {}))
    expect(to(endpoint).length, `calls of ${endpoint}`).toBe(count)
  for (const { endpoint, nth, params } of scenario.upstream?.sent ?? []) {
    const sent = to(endpoint)[nth - 1]?.params ?? {}
    for (const [name, value] of Object.entries(params)) expect(sent[name] ?? null, name).toBe(value)
  }
  if (scenario.startsWith?.device === 'unknown') return
  const { watch } = simulator.world.device(slot)
  expect(watch.pollsAfterSuccess).toBeLessThanOrEqual(scenario.upstream?.pollsAfterSuccess ?? 0)
  expect(watch.pollsTooSoon, 'polls less than a second apart').toBe(0)
  expect(watch.pollsOverlapping, 'polls beside each other').toBe(0)
  expect(watch.pollsWhileCodeAsked, 'polls while a code was asked for').toBeLessThanOrEqual(
    scenario.upstream?.pollsWhileCodeAsked ?? 0,
  )
  expect(watch.pollsWhileSliderShown, 'polls while a slider was out').toBeLessThanOrEqual(
    scenario.upstream?.pollsWhileSliderShown ?? 0,
  )
  expect(watch.qrCodesWhileActing, 'QR codes while a person acted').toBe(
    scenario.upstream?.qrCodesWhileActing ?? 0,
  )
  expect(watch.pushesOverlapping, 'pushes beside each other').toBe(0)
}
