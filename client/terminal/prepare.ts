// Everything before the first event: which upstream, which device, and a login on it. Throws Refusal with a sentence that
// says what to do instead. Refuses to know how the login goes on.

import { randomUUID } from 'node:crypto'
import type { Device, Login, Provider } from './answers.ts'
import type { Options } from './args.ts'
import type { Gateway } from './gateway.ts'
import { Refusal } from './refusal.ts'

/** The built-in simulator asks for a province as the real thing does, but nobody's account is behind it. */
const SIMULATED_PROVINCE = '广东'

export interface Prepared {
  readonly provider: Provider
  readonly device: Device
  readonly login: Login
  /** False: a login was under way on the device, and this is it. */
  readonly created: boolean
}

/** `askProvince`: null where nobody can be asked. */
export async function prepare(
  gateway: Gateway,
  options: Options,
  askProvince: (() => Promise<string>) | null,
): Promise<Prepared> {
  const provider = choose(await gateway.providers(), options.provider)
  if (options.autoPhone && provider.phonesUrl === null)
    throw new Refusal(
      'USAGE',
      `--phone auto is for the built-in simulator, and ${provider.name} is a real upstream.`,
    )
  const device = await deviceOf(gateway, provider, options, askProvince)
  const { login, created } = await gateway.startLogin({
    deviceId: device.id,
    strategy: options.strategy,
    ...(options.deviceType !== null &&
      options.deviceType !== device.deviceType && { deviceType: options.deviceType }),
    idempotencyKey: randomUUID(),
  })
  return { provider, device, login, created }
}

function choose(providers: readonly Provider[], name: string | null): Provider {
  const names = providers.map(provider => provider.name).join(', ')
  if (name !== null) {
    const named = providers.find(provider => provider.name === name)
    if (named === undefined)
      throw new Refusal('USAGE', `There is no provider ${name} here, only: ${names || 'none'}.`)
    return named
  }
  const [first, second] = providers
  if (first === undefined)
    throw new Refusal('USAGE', 'The gateway has no provider: set GATEHOUSE_PROVIDERS where it runs.')
  // The built-in simulator is there in each of the ways that an upstream speaks.
  const areSimulated = providers.every(provider => provider.phonesUrl !== null)
  if (second !== undefined && !areSimulated)
    throw new Refusal('USAGE', `Which provider? Name one with --provider: ${names}.`)
  return first
}

/**
 * A device that is known is taken as it is; where a province is named, the gateway decides whether the two agree. One whose
 * registration came to nothing is registered again.
 */
async function deviceOf(
  gateway: Gateway,
  provider: Provider,
  options: Options,
  askProvince: (() => Promise<string>) | null,
): Promise<Device> {
  const find = () => gateway.findDevice(provider.name, options.device)
  const known = options.province === null ? await find() : null
  if (known !== null && !isLost(known)) return known
  const province =
    options.province ?? known?.province ?? (await newProvince(provider, options.device, askProvince))
  const deviceType = known?.deviceType ?? options.deviceType
  try {
    return await gateway.registerDevice({
      provider: provider.name,
      deviceKey: options.device,
      ...(province !== null && { province }),
      ...(deviceType !== null && { deviceType }),
    })
  } catch (error) {
    if (!(error instanceof Refusal) || !error.message.includes('input.deviceKey')) throw error
    // It has settings that this command does not know: its login will tell whether the upstream has it.
    if (known !== null) return known
    if ((await find()) === null) throw error
    const way = `Leave out --province to use the device ${options.device} as it is.`
    throw new Refusal(error.code, `${error.message} ${way}`)
  }
}

function isLost({ operation }: Device): boolean {
  return operation?.state === 'FAILED' || operation?.state === 'UNCLEAR'
}

async function newProvince(
  provider: Provider,
  deviceKey: string,
  ask: (() => Promise<string>) | null,
): Promise<string | null> {
  if (provider.phonesUrl !== null) return SIMULATED_PROVINCE
  if (!provider.capabilities.provinceRequired) return null
  const province = ((await ask?.()) ?? '').trim()
  if (province !== '') return province
  throw new Refusal(
    'USAGE',
    `The device ${deviceKey} is new, and ${provider.name} wants to know where its account is: name the province, for instance --province 广东.`,
  )
}
