/**
 * The control API's verbs, each one line of work on the world.
 */
import { z } from 'zod'

import { DROP_WAYS } from '../drops.ts'
import { ENDPOINTS } from '../endpoints.ts'
import { FAULT_KINDS, faultSchema } from '../faults.ts'
import { deedSchema, type Scenario } from '../scenario.ts'
import { perform } from '../script.ts'
import { settingsSchema, switchesSchema, timingsSchema } from '../settings.ts'
import type { World } from '../world.ts'
import { phoneView, worldView } from './view.ts'

/** Nothing has that name. */
export class NoSuchThing extends Error {
  override name = 'NoSuchThing'
}

export type ControlContext = {
  readonly world: World
  readonly query: URLSearchParams
  readonly body: unknown
  readonly scenarios: () => ReadonlyMap<string, Scenario>
}

export type ControlRoute = {
  readonly method: string
  readonly pattern: RegExp
  /** `id`: what stands in the path; null answers `{ok: true}`. */
  readonly run: (context: ControlContext, id: string) => unknown
}

/** Phones in one answer. */
const LIMIT = 100

const number = (text: string | null, otherwise: number): number =>
  text === null || !Number.isFinite(Number(text)) ? otherwise : Number(text)

const scenarioNamed = ({ scenarios }: ControlContext, name: string): Scenario => {
  const scenario = scenarios().get(name)
  if (scenario === undefined) throw new NoSuchThing(`There is no scenario ${name}.`)
  return scenario
}

const playSchema = z.strictObject({ deviceId: z.string().min(1).optional() })

const play = (context: ControlContext, name: string): unknown => {
  const { deviceId } = playSchema.parse(context.body)
  const scenario = scenarioNamed(context, name)
  if (deviceId === undefined) return void context.world.playEverywhere(scenario)
  context.world.play(scenario, deviceId)
  return { deviceId, scenario: name }
}

const stop = ({ world, query }: ControlContext): void => {
  const deviceId = query.get('deviceId')
  if (deviceId === null) world.playEverywhere(null)
  else world.stopPlaying(deviceId)
}

const readLog = ({ world, query }: ControlContext): unknown => {
  const deviceId = query.get('deviceId')
  const endpoint = z.enum(ENDPOINTS).nullable().parse(query.get('endpoint'))
  return {
    last: world.log.last,
    totals: world.log.totals(),
    calls: world.log.calls({
      limit: number(query.get('limit'), 200),
      after: number(query.get('after'), 0),
      ...(deviceId === null ? {} : { deviceId }),
      ...(endpoint === null ? {} : { endpoint }),
    }),
  }
}

const readTruths = ({ world, query }: ControlContext): unknown => {
  const deviceId = query.get('deviceId')
  const after = number(query.get('after'), 0)
  const fitting = world
    .truths()
    .filter(truth => truth.number > after && (deviceId === null || truth.deviceId === deviceId))
  // Read on from the last of these.
  return { now: world.now(), truths: fitting.slice(0, number(query.get('limit'), 1_000)) }
}

const callbackSchema = z.strictObject({
  dialect: z.enum(['open', 'ipad']),
  /** Null: nobody any more. */
  url: z.url({ protocol: /^https?$/ }).nullable(),
  form: z.union([z.literal(1), z.literal(2)]).optional(),
})

const callbacksView = (world: World): unknown => ({
  open: world.callbacks.address('open'),
  ipad: world.callbacks.address('ipad'),
  sent: world.callbacks.sent.slice(-LIMIT),
})

const setCallback = ({ world, body }: ControlContext): unknown => {
  const { dialect, url, form = dialect === 'open' ? 1 : 2 } = callbackSchema.parse(body)
  world.callbacks.set(dialect, url === null ? null : { url, form })
  return callbacksView(world)
}

const act = ({ world, body }: ControlContext, id: string): unknown => {
  const told = perform(world, id, deedSchema.parse(body))
  return { told: told ?? null, phone: phoneView(world, world.device(id)) }
}

/** The phones before which a QR code (its content or its link) or an account is: for whoever does not know the slot. */
const find = ({ world, query }: ControlContext): unknown => {
  const shows = query.get('shows')
  const wcId = query.get('wcId')
  const found = [...world.devices.values()].filter(({ attempt, account }) => {
    const isShown = attempt?.kind === 'qr' && (attempt.content === shows || attempt.url === shows)
    return (shows === null || isShown) && (wcId === null || account?.wcId === wcId)
  })
  return { phones: found.slice(-LIMIT).map(device => phoneView(world, device)) }
}

const clearFaults = ({ world, query }: ControlContext): void => {
  const deviceId = query.get('deviceId')
  world.faults.clear(deviceId === null ? {} : { deviceId })
}

export const controlRoutes: readonly ControlRoute[] = [
  {
    method: 'GET',
    pattern: /^\/state$/,
    run: ({ world, query }) => worldView(world, number(query.get('limit'), 50), query.get('search') ?? ''),
  },
  {
    method: 'GET',
    pattern: /^\/schema$/,
    run: () => ({
      switches: z.toJSONSchema(switchesSchema),
      timings: z.toJSONSchema(timingsSchema),
      endpoints: ENDPOINTS,
      faults: FAULT_KINDS,
      drops: DROP_WAYS,
    }),
  },
  { method: 'GET', pattern: /^\/devices$/, run: find },
  {
    method: 'POST',
    pattern: /^\/devices$/,
    run: ({ world, body }) => {
      const { deviceId, dialect } = z
        .strictObject({ deviceId: z.string().min(1), dialect: z.enum(['open', 'ipad']).optional() })
        .parse(body)
      return phoneView(world, world.createDevice(deviceId, dialect))
    },
  },
  {
    method: 'GET',
    pattern: /^\/devices\/([^/]+)$/,
    run: ({ world }, id) => ({ ...phoneView(world, world.device(id)), moments: world.moments.counts(id) }),
  },
  { method: 'DELETE', pattern: /^\/devices\/([^/]+)$/, run: ({ world }, id) => world.removeDevice(id) },
  { method: 'POST', pattern: /^\/devices\/([^/]+)\/do$/, run: act },
  {
    method: 'DELETE',
    pattern: /^\/devices\/([^/]+)\/settings$/,
    run: ({ world }, id) => world.unset(id),
  },
  {
    method: 'POST',
    pattern: /^\/settings$/,
    run: ({ world, body }) => {
      world.set(settingsSchema.parse(body))
      return { switches: world.switches, timings: world.timings }
    },
  },
  { method: 'GET', pattern: /^\/faults$/, run: ({ world }) => world.faults.list() },
  {
    method: 'POST',
    pattern: /^\/faults$/,
    run: ({ world, body }) => world.faults.add(faultSchema.parse(body)),
  },
  { method: 'DELETE', pattern: /^\/faults$/, run: clearFaults },
  {
    method: 'DELETE',
    pattern: /^\/faults\/(\d+)$/,
    run: ({ world }, id) => world.faults.clear({ id: Number(id) }),
  },
  { method: 'GET', pattern: /^\/log$/, run: readLog },
  { method: 'GET', pattern: /^\/truths$/, run: readTruths },
  { method: 'GET', pattern: /^\/callbacks$/, run: ({ world }) => callbacksView(world) },
  { method: 'POST', pattern: /^\/callbacks$/, run: setCallback },
  {
    method: 'POST',
    pattern: /^\/token$/,
    run: ({ world, body }) => ({
      token: world.replaceToken(z.strictObject({ token: z.string().min(1).optional() }).parse(body).token),
    }),
  },
  {
    method: 'GET',
    pattern: /^\/scenarios$/,
    run: ({ scenarios }) => [...scenarios().values()].map(({ name, description }) => ({ name, description })),
  },
  { method: 'GET', pattern: /^\/scenarios\/([^/]+)$/, run: scenarioNamed },
  { method: 'POST', pattern: /^\/scenarios\/([^/]+)$/, run: play },
  { method: 'DELETE', pattern: /^\/scenarios$/, run: stop },
]
