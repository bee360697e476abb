// Takes over one page of what the upstream has: devices, and the accounts that it names with them. Only reads there. What
// is known here stays as it is, so that the same page may be asked for again.

import type { DeviceToImport } from '../db/import-store.ts'
import { InvalidInputError, UpstreamError } from '../errors.ts'
import type { Provider, ProviderError, UpstreamDevice, UpstreamPage } from '../provider/port.ts'
import { Problems } from './check-input.ts'
import type { Context } from './context.ts'
import { inputHash } from './input-hash.ts'
import { upstreamSentence } from './upstream-sentence.ts'
import { demand } from './viewer.ts'
import { mayPass } from './wait-for-operation.ts'

export interface ImportDevicesInput {
  readonly provider: string
  /** Null: the first. */
  readonly page?: string | null | undefined
  readonly dryRun?: boolean | null | undefined
}

export interface ImportDevicesPayload {
  /** On the page; those that are neither imported nor known are another tenant's, or have no usable name. */
  readonly found: number
  readonly imported: number
  readonly known: number
  /** On all pages; null: the upstream does not tell. */
  readonly total: number | null
  /** Null: this was the last. */
  readonly nextPage: string | null
}

/** What can be kept, and sent upstream as it came: names that others made, in whatever script. */
const isName = (text: string): boolean =>
  text.isWellFormed() && [...text].length <= 128 && text.trim() !== '' && !/\p{Cc}/u.test(text)

/** Throws InvalidInputError, UpstreamError. */
export const importDevices = async (
  { viewer, services }: Context,
  input: ImportDevicesInput,
): Promise<ImportDevicesPayload> => {
  demand(viewer, 'ADMIN')
  const { store, bus, providers } = services
  const problems = new Problems()
  problems.text(['input', 'page'], input.page, 200)
  const provider = providers.get(input.provider)
  if (provider === undefined)
    problems.add(
      ['input', 'provider'],
      `There is no provider of this name. Configured: ${[...providers.keys()].join(', ')}.`,
    )
  problems.raise()
  if (provider === undefined) throw new Error('A provider that is not there was not told of')

  const asked = store.clock.now()
  const page = await listed(provider, input.page ?? null, services.patience)
  const { imported, known, online } = await store.importDevices({
    tenant: viewer.tenant,
    provider: provider.name,
    accountsAreDevices: provider.handle === 'SIGN_IN',
    devices: page.devices.flatMap(device => usable(device, provider)),
    asked,
    changedBy: viewer.name,
    dryRun: input.dryRun ?? false,
  })
  for (const { accountId, number } of online) bus.ring({ id: `account:${accountId}`, sequence: number })
  return { found: page.devices.length, imported, known, total: page.total, nextPage: page.nextPage }
}

const listed = async (provider: Provider, page: string | null, patience: number): Promise<UpstreamPage> => {
  try {
    return await provider.listDevices(page, AbortSignal.timeout(patience))
  } catch (error) {
    if (isNamed(error, 'InvalidPageError'))
      throw new InvalidInputError([
        {
          path: ['input', 'page'],
          message: 'There is no such page: take it from `nextPage`, or leave it out.',
        },
      ])
    if (!isProviderError(error)) throw error
    const otherwise = `The upstream ${provider.name} does not tell which devices it has.`
    const { upstreamCode, upstreamMessage } = error
    throw new UpstreamError(upstreamSentence(provider.name, error, otherwise), {
      upstreamCode,
      upstreamMessage,
      // What led to a later page could be read: this one may be, the next time.
      retryable: mayPass(error) || (page !== null && error.kind === 'UNREADABLE'),
    })
  }
}

/** The classes of the providers are none of this folder's. */
const isNamed = (error: unknown, name: string): error is Error =>
  error instanceof Error && error.name === name

const isProviderError = (error: unknown): error is ProviderError => isNamed(error, 'ProviderError')

/** Names that could be no upstream's are left where they are. */
const usable = (device: UpstreamDevice, provider: Provider): readonly DeviceToImport[] => {
  const { upstreamId, handle, online, lastLogin } = device
  if (!isName(upstreamId)) return []
  const isAccount = provider.handle === 'SIGN_IN'
  const wcId = isAccount ? upstreamId : device.wcId
  const registered = {
    provider: provider.name,
    deviceKey: upstreamId,
    deviceType: 'IPAD',
    ...(isAccount ? {} : { upstreamDeviceId: upstreamId }),
  }
  return [
    {
      upstreamId,
      wcId: wcId !== null && isName(wcId) ? wcId : null,
      handle: handle !== null && isName(handle) ? handle : null,
      online,
      lastLogin: lastLogin !== null && lastLogin > 0 ? Math.trunc(lastLogin) : null,
      inputHash: inputHash(registered),
    },
  ]
}
