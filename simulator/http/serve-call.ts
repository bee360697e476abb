/**
 * One request of either dialect from socket to log: body, token, fault, handler, answer.
 * Refuses to know what any call means: each dialect says that in a plan.
 */
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { LoggedCall } from '../call-log.ts'
import type { Endpoint } from '../endpoints.ts'
import { failure } from '../envelope.ts'
import { type Fault, hasEffect } from '../faults.ts'
import { GUESSED } from '../words.ts'
import type { World } from '../world.ts'
import { type Parameters, parseParameters, readBody } from './body.ts'
import { type Answer, jsonAnswer, send, sendFaulty } from './perform.ts'

export type CallPlan = {
  readonly endpoint: Endpoint
  /** Needs no token. */
  readonly free: boolean
  /** What the path itself says. */
  readonly fixed?: Parameters
  /** Which device the call is about, whether there is one or not; null: none in particular. */
  readonly deviceOf: (params: Parameters) => string | null
  readonly begin: (params: Parameters, deviceId: string | null) => Turn
}

/** A call under way. */
export type Turn = {
  /** `onGone`: called once when the client goes away or the simulator closes before an answer. */
  readonly handle: (onGone: (stop: () => void) => void) => string | Promise<string>
  /** Once, when nobody waits for the call any more. `heard`: a whole answer was sent, be it as meant or not. */
  readonly ended?: (heard: boolean) => void
  /** An answer was sent, as it was meant. */
  readonly answered?: () => void
}

export const serveCall = (
  world: World,
  plan: CallPlan,
  request: IncomingMessage,
  response: ServerResponse,
  query: string,
): void => {
  void handle(world, plan, request, response, query).catch(() => response.destroy())
}

const handle = async (
  world: World,
  plan: CallPlan,
  request: IncomingMessage,
  response: ServerResponse,
  query: string,
): Promise<void> => {
  const contentType = request.headers['content-type'] ?? ''
  const read = await parameters(request, contentType, query)
  const params = plan.fixed === undefined ? (read ?? {}) : { ...read, ...plan.fixed }
  const deviceId = plan.deviceOf(params)
  const { endpoint } = plan
  const call = world.log.begin(endpoint, deviceId, params, contentType, world.now())
  const at = deviceId ?? '*'
  world.moments.emit(`asked:${endpoint}`, at)
  const turn = plan.begin(params, deviceId)
  const gone: (() => void)[] = []
  const finish = (): void => {
    if (call.ended !== null) return
    call.ended = world.now()
    call.end ??= 'gone'
    turn.ended?.(call.end === 'answered')
  }
  response.on('close', () => {
    finish()
    for (const stop of gone) stop()
    world.moments.check()
  })
  let handled = false
  const act = (): Answer | Promise<Answer> => {
    const refused = refusal(world, plan, request, read, contentType)
    if (refused !== null) return refused
    handled = true
    const body = turn.handle(stop => gone.push(stop))
    return typeof body === 'string' ? jsonAnswer(body) : body.then(text => jsonAnswer(text))
  }
  const fault = world.faults.take(endpoint, deviceId)
  if (fault !== null) await meet(world, fault, act, response, call, gone)
  else {
    const answer = act()
    const settled = answer instanceof Promise ? await answer : answer
    // Whoever has gone hears nothing of what went on without them.
    if (response.destroyed) return
    send(response, settled, call)
  }
  if (call.end !== 'answered') return
  finish()
  world.moments.emit(`answered:${endpoint}`, at)
  const asMeant = handled && (fault === null || fault.kind === 'delay')
  if (asMeant) turn.answered?.()
}

/** Lets the call have its effect or not, and answers it as the fault has it. */
const meet = async (
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
  plan: CallPlan,
  request: IncomingMessage,
  read: Parameters | null,
  contentType: string,
): Answer | null => {
  const { switches } = world
  if (!plan.free && request.headers.authorization !== world.token)
    return jsonAnswer(failure(switches, switches.unauthorizedText), switches.unauthorizedStatus)
  if (read === null || (!switches.acceptsJson && contentType.startsWith('application/json')))
    return jsonAnswer(failure(switches, GUESSED.badParameters))
  return null
}
