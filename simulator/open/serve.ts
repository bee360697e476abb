/**
 * How a request of the `open` dialect is served: which device it is about, and what a poll leaves behind.
 * Refuses to know what any call means.
 */
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Device } from '../device.ts'
import type { Parameters } from '../http/body.ts'
import { serveCall, type Turn } from '../http/serve-call.ts'
import type { Pictures } from '../pictures.ts'
import type { World } from '../world.ts'
import { findRoute, type OpenRoute } from './routes.ts'

export type OpenContext = { readonly world: World; readonly pictures: Pictures }

/** Takes the request if its path is one of this dialect; false: somebody else's. */
export const serveOpen = (
  context: OpenContext,
  request: IncomingMessage,
  response: ServerResponse,
  path: string,
  query: string,
): boolean => {
  const found = findRoute(request.method ?? 'GET', path)
  if (found === null) return false
  const { route, pathDevice } = found
  const plan = {
    endpoint: route.endpoint,
    free: route.free,
    ...(pathDevice === null ? {} : { fixed: { deviceId: pathDevice } }),
    deviceOf: (params: Parameters) => params.deviceId ?? null,
    begin: (params: Parameters, deviceId: string | null) => turn(context, route, params, deviceId),
  }
  serveCall(context.world, plan, request, response, query)
  return true
}

const turn = (context: OpenContext, route: OpenRoute, params: Parameters, deviceId: string | null): Turn => {
  const { world } = context
  const handle: Turn['handle'] = onGone => route.handle({ ...context, params, onGone })
  const polls = route.endpoint === 'checkLoginShort' || route.endpoint === 'checkLogin'
  const device = polls && deviceId !== null ? world.devices.get(deviceId) : undefined
  if (device === undefined) return { handle }
  device.watch.pollsUnderWay++
  return {
    handle,
    ended: () => {
      device.watch.pollsUnderWay--
    },
    answered: () => polled(world, device),
  }
}

const polled = (world: World, device: Device): void => {
  const { attempt } = device
  if (attempt?.kind === 'qr' && attempt.scanTold && !attempt.scanSeen) {
    attempt.scanSeen = true
    world.moments.emit('scanSeen', device.id)
  }
  world.moments.emit('polled', device.id)
}
