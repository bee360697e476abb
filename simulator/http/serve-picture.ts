/**
 * Serves QR pictures and avatars, with the same faults and log as any call.
 * Needs no token: the real ones are on another host.
 */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { hasEffect } from '../faults.ts'
import { Pictures } from '../pictures.ts'
import type { World } from '../world.ts'
import { type Answer, send, sendFaulty } from './perform.ts'

/** Takes the request if its path is a picture's; false: somebody else's. */
export const servePicture = (
  world: World,
  pictures: Pictures,
  request: IncomingMessage,
  response: ServerResponse,
  path: string,
  query: string,
): boolean => {
  const kind = Pictures.kindOf(path)
  if (kind === null || request.method !== 'GET') return false
  const deviceId = kind === 'qrPicture' ? pictures.deviceOf(path) : null
  const call = world.log.begin(kind, deviceId, { path, query }, '', world.now())
  world.moments.emit(`asked:${kind}`, deviceId ?? '*')
  let stop = (): void => {}
  response.on('close', () => {
    call.ended ??= world.now()
    call.end ??= 'gone'
    stop()
  })
  const act = (): Answer | Promise<Answer> =>
    kind === 'qrPicture' ? pictures.qr(path, query) : pictures.avatar(path)
  const run = async (): Promise<void> => {
    const fault = world.faults.take(kind, deviceId)
    if (fault === null) return send(response, await act(), call)
    call.fault = fault.kind
    if (fault.kind === 'delay')
      await new Promise<void>(resolve => {
        stop = world.timers.set(fault.ms ?? 1_000, resolve)
      })
    sendFaulty(response, fault, hasEffect(fault) ? await act() : null, call)
  }
  void run().catch(() => response.destroy())
  return true
}
