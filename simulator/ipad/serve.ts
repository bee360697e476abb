/**
 * The HTTP surface of the `ipad` dialect: which path is which call, which slot it is about, and what a poll leaves behind.
 * Refuses to know what any call means.
 */
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Endpoint } from '../endpoints.ts'
import type { Parameters } from '../http/body.ts'
import { serveCall, type Turn } from '../http/serve-call.ts'
import type { Pictures } from '../pictures.ts'
import type { World } from '../world.ts'
import type { Handler, Outcome } from './call.ts'
import { cancelHttpCallbackUrl, getHttpCallbackUrl, setHttpCallbackUrl } from './callback-url.ts'
import type { Instance } from './instances.ts'
import { iPadLogin, localIPadLogin } from './issuing.ts'
import { memberLogin } from './member.ts'
import { forget, getIPadLoginInfo } from './polling.ts'
import { isOnline, logout, memberOffline, offlineReason, queryLoginWx, setproxy } from './presence.ts'
import { secondLogin } from './pushing.ts'

export type IpadContext = { readonly world: World; readonly pictures: Pictures }

/** By what a call names the slot that it is about. */
type Subject = 'issue' | 'wId' | 'wcId' | 'nobody'

type Route = { readonly endpoint: Endpoint; readonly handle: Handler; readonly about: Subject }

const ROUTES: ReadonlyMap<string, Route> = new Map([
  ['/member/login', { endpoint: 'memberLogin', handle: memberLogin, about: 'nobody' }],
  ['/iPadLogin', { endpoint: 'iPadLogin', handle: iPadLogin, about: 'issue' }],
  ['/localIPadLogin', { endpoint: 'localIPadLogin', handle: localIPadLogin, about: 'issue' }],
  ['/getIPadLoginInfo', { endpoint: 'getIPadLoginInfo', handle: getIPadLoginInfo, about: 'wId' }],
  // P 2.1: an undocumented sibling; what is different about it nobody knows.
  ['/simpleIPadLoginInfo', { endpoint: 'simpleIPadLoginInfo', handle: getIPadLoginInfo, about: 'wId' }],
  ['/secondLogin', { endpoint: 'secondLogin', handle: secondLogin, about: 'wcId' }],
  ['/isOnline', { endpoint: 'isOnline', handle: isOnline, about: 'wId' }],
  ['/queryLoginWx', { endpoint: 'queryLoginWx', handle: queryLoginWx, about: 'nobody' }],
  ['/offlineReason', { endpoint: 'offlineReason', handle: offlineReason, about: 'wcId' }],
  ['/setproxy', { endpoint: 'setproxy', handle: setproxy, about: 'wcId' }],
  ['/logout', { endpoint: 'logout', handle: logout, about: 'wId' }],
  ['/member/offline', { endpoint: 'memberOffline', handle: memberOffline, about: 'nobody' }],
  ['/setHttpCallbackUrl', { endpoint: 'setHttpCallbackUrl', handle: setHttpCallbackUrl, about: 'nobody' }],
  [
    '/cancelHttpCallbackUrl',
    { endpoint: 'cancelHttpCallbackUrl', handle: cancelHttpCallbackUrl, about: 'nobody' },
  ],
  ['/getHttpCallbackUrl', { endpoint: 'getHttpCallbackUrl', handle: getHttpCallbackUrl, about: 'nobody' }],
] as const satisfies readonly (readonly [string, Route])[])

/** Takes the request if its path is one of this dialect; false: somebody else's. */
export const serveIpad = (
  context: IpadContext,
  request: IncomingMessage,
  response: ServerResponse,
  path: string,
  query: string,
): boolean => {
  const route = request.method === 'POST' ? ROUTES.get(path) : undefined
  if (route === undefined) return false
  const { world } = context
  const plan = {
    endpoint: route.endpoint,
    free: route.endpoint === 'memberLogin',
    deviceOf: (params: Parameters) => slotOf(world, route.about, params),
    begin: (params: Parameters, slotId: string | null) => turn(context, route, params, slotId),
  }
  serveCall(world, plan, request, response, query)
  return true
}

const slotOf = (world: World, about: Subject, params: Parameters): string | null => {
  switch (about) {
    case 'issue':
      return world.instances.slotFor(params)
    case 'wId':
      return world.instances.slotOf(params.wId ?? '')?.id ?? null
    case 'wcId':
      return world.lastSlotOf(params.wcId ?? '')?.id ?? null
    case 'nobody':
      return null
  }
}

const turn = (context: IpadContext, route: Route, params: Parameters, slotId: string | null): Turn => {
  const { world } = context
  const outcome: Outcome = { tells: null, signedIn: null, unheard: false }
  const handle: Turn['handle'] = onGone => route.handle({ ...context, params, slotId, onGone, outcome })
  const instance = route.handle === getIPadLoginInfo ? world.instances.find(params.wId ?? '') : null
  return instance === null ? { handle } : pollTurn(world, instance, handle, outcome)
}

const pollTurn = (world: World, instance: Instance, handle: Turn['handle'], outcome: Outcome): Turn => {
  const { device, attempt } = instance
  instance.polls++
  device.watch.pollsUnderWay++
  let underWay = true
  // A client that has just gone is noticed within this turn of the event loop: only then is it a second one.
  if (instance.polls > 1)
    setImmediate(() => {
      if (underWay && instance.polls > 1) overlapped(world, instance)
    })
  return {
    handle,
    ended: heard => {
      underWay = false
      instance.polls--
      device.watch.pollsUnderWay--
      outcome.unheard = !heard
      const { signedIn } = outcome
      if (!heard && signedIn !== null && device.switches.forgetsHandle === 'unheard')
        forget({ world }, signedIn)
    },
    answered: () => {
      if (outcome.tells === 'code' && !attempt.codeTold) {
        attempt.codeTold = true
        world.moments.emit('codeTold', device.id)
      }
      if (outcome.tells === 'slider') world.moments.emit('sliderTold', device.id)
      world.moments.emit('polled', device.id)
    },
  }
}

/** P 6.6: nobody knows whether a second poll beside the first is safe. */
const overlapped = (world: World, { device, attempt }: Instance): void => {
  device.watch.pollsOverlapping++
  if (device.switches.overlappingPolls === 'punished') {
    if (attempt.phase !== 'done') attempt.phase = 'dead'
    if (device.online) world.goOffline(device, 'securityCheck')
  }
  world.changed(device)
}
