/**
 * The calls that issue a QR code: `iPadLogin` and the older `localIPadLogin` (P 2.1). Each makes a new login instance.
 * Refuses to know what becomes of it.
 */
import { isActing, newQrAttempt } from '../device.ts'
import { envelope } from '../envelope.ts'
import type { Parameters } from '../http/body.ts'
import type { Switches } from '../settings.ts'
import { GUESSED, SAID } from '../words.ts'
import { failed } from './answers.ts'
import type { Handler, IpadCall } from './call.ts'

/** The area codes of P 2.5. */
const AREAS = 30

export const iPadLogin: Handler = call => {
  const { params, world } = call
  const area = given(params, 'proxy') ? Number(params.proxy) : null
  if (area !== null && !(Number.isInteger(area) && area >= 1 && area <= AREAS))
    return failed(world.switches, GUESSED.badParameters)
  return issue(call, area !== null || ['proxyIp', 'ttuid', 'aid'].some(name => given(params, name)))
}

/** The exit is a program on the person's own phone or PC. */
export const localIPadLogin: Handler = call => issue(call, given(call.params, 'ttuid'))

const issue = (call: IpadCall, hasExit: boolean): string => {
  const { world, pictures, params, slotId } = call
  const { deviceType = 'ipad' } = params
  if (slotId === null || (deviceType !== 'ipad' && deviceType !== 'mac'))
    return failed(world.switches, GUESSED.badParameters)
  const device = world.createDevice(slotId, 'ipad')
  // An account of an earlier world: whoever holds this phone is that person.
  if (slotId === `ipad:${params.wcId}` && device.account === null && device.person.wcId !== params.wcId)
    device.person = world.meet({ ...device.person, wcId: params.wcId ?? '' })
  const { switches, timings } = device
  if (switches.exitRequired && !hasExit) return failed(switches, switches.exitMissingText)
  if (given(params, 'proxyIp')) {
    if (switches.proxy === 'fails') return failed(switches, switches.proxyFailedText)
    world.setProxy(device, proxyOf(params))
  }
  if (device.online || isActing(device.attempt)) device.watch.qrCodesWhileActing++
  const now = world.now()
  const picture = pictures.issue(device.id, timings.pictureLifetimeMs)
  device.generation++
  const attempt = newQrAttempt({
    generation: device.generation,
    content: picture.content,
    url: picture.url,
    deviceType,
    issued: now,
    expires: now + timings.ipadQrLifetimeMs,
    sliders: slidersAfterScan(switches, deviceType),
  })
  const { wId } = world.instances.begin(device, attempt)
  world.begin(device, attempt)
  return envelope(switches, '1000', SAID.issued, { wId, qrCodeUrl: picture.url }, 'codeFirst')
}

/** S4:19. */
const slidersAfterScan = ({ slider, sliders }: Switches, deviceType: 'ipad' | 'mac'): number =>
  slider === 'always' || (slider === 'onMac' && deviceType === 'mac') ? sliders : 0

export const given = (params: Parameters, name: string): boolean => (params[name] ?? '').trim() !== ''

export const proxyOf = (params: Parameters) => ({
  ip: params.proxyIp ?? '',
  user: params.proxyUser ?? '',
  password: params.proxyPassword ?? '',
})
