/**
 * One request of the `open` dialect from socket to log: body, token, fault, handler, answer.
 * Refuses to know what any call means.
 */
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { LoggedCall } from '../call-log.ts'
import type { Device } from '../device.ts'
import { type Fault, hasEffect } from '../faults.ts'
import { type Parameters, parseParameters, readBody } from '../http/body.ts'
import { type Answer, jsonAnswer, send, sendFaulty } from '../http/perform.ts'
import type { Pictures } from '../pictures.ts'
import { GUESSED } from '../words.ts'
import type { World } from '../world.ts'
import { failure } from './answers.ts'
import type { OpenRoute } from './routes.ts'
import { findRoute } from './routes.ts'

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
  void handle(context, found.route, found.pathDevice, request, response, query).catch(() =>
    response.destroy(),
  )
  return true
}

const handle = async (
  context: OpenContext,
  route: OpenRoute,
  pathDevice: string | null,
  request: IncomingMessage,
  response: ServerResponse,
  query: string,
): Promise<void> => {
  const { world } = context
  const contentType = request.headers['content-type'] ?? ''
  const read = await parameters(request, contentType, query)
  const params = pathDevice === null ? (read ?? {}) : { ...read, deviceId: pathDevice }
  const deviceId = params.deviceId ?? null
  const { endpoint } = route
  const call = world.log.begin(endpoint, deviceId, params, contentType, world.now())
  const at = deviceId ?? '*'
  world.moments.emit(`asked:${endpoint}`, at)
  const device = deviceId === null ? undefined : world.devices.get(deviceId)
  const polls = endpoint === 'checkLoginShort' || endpoint === 'checkLogin'
  if (polls && device !== undefined) device.watch.pollsUnderWay++
  const gone: (() => void)[] = []
  const finish = (): void => {
    if (call.ended !== null) return
    call.ended = world.now()
    call.end ??= 'gone'
    if (polls && device !== undefined) device.watch.pollsUnderWay--
  }
  response.on('close', () => {
    finish()
    for (const stop of gone) stop()
    world.moments.check()
  })
  let handled = false
  const act = (): Answer | Promise<Answer> => {
    const refused = refusal(world, route, request, read, contentType)
    if (refused !== null) return refused
    handled = true
    const body = route.handle({ ...context, params, onGone: stop => gone.push(stop) })
    return typeof body === 'string' ? jsonAnswer(body) : body.then(text => jsonAnswer(text))
  }
  const fault = world.faults.take(endpoint, deviceId)
  if (fault !== null) await meet(world, fault, act, response, call, gone)
  else {
    const answer = act()
    send(response, answer instanceof Promise ? await answer : answer, call)
  }
  if (call.end !== 'answered') return
  finish()
  world.moments.emit(`answered:${endpoint}`, at)
  const asMeant = handled && (fault === null || fault.kind === 'delay')
  if (polls && asMeant && device !== undefined) polled(world, device)
}

/** Lets the call have its effect or not, and answers it as the fault has it. */
export const meet = async (
  world: World,
  fault: Fault,
  act: () => Answer | Promise<Answer>,
  response: ServerResponse,
  call: LoggedCall,
  gone: (() => void)[],
): Promise<void> => {
  call.fault = fault.kind
  if (fault.kind === 'delay') {
    await new Promise<void>(resolve => {
      gone.push(world.timers.set(fault.ms ?? 1_000, resolve))
    })
  }
  const answer = hasEffect(fault) ? await act() : null
  sendFaulty(response, fault, answer, call)
}

const parameters = async (
  request: IncomingMessage,
  contentType: string,
  query: string,
): Promise<Parameters | null> => {
  if (request.method === 'GET') return query === '' ? {} : Object.fromEntries(new URLSearchParams(query))
  return parseParameters(contentType, await readBody(request))
}

/** Why a call is not handled at all: its token (raw, without `Bearer`, P 1), or a body that cannot be read (P 3.1). */
const refusal = (
  world: World,
  route: OpenRoute,
  request: IncomingMessage,
  read: Parameters | null,
  contentType: string,
): Answer | null => {
  const { switches } = world
  if (!route.free && request.headers.authorization !== world.token)
    return jsonAnswer(failure(switches, switches.unauthorizedText), switches.unauthorizedStatus)
  if (read === null || (!switches.acceptsJson && contentType.startsWith('application/json')))
    return jsonAnswer(failure(switches, GUESSED.badParameters))
  return null
}

const polled = (world: World, device: Device): void => {
  const { attempt } = device
  if (attempt?.kind === 'qr' && attempt.scanTold && !attempt.scanSeen) {
    attempt.scanSeen = true
    world.moments.emit('scanSeen', device.id)
  }
  world.moments.emit('polled', device.id)
}
