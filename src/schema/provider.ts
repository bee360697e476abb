// A configured upstream, and what it can do.

import type { ProviderView as ProviderFact } from '../resolvers/list-providers.ts'
import { builder } from './builder.ts'
import { DialectEnum } from './enums.ts'

const ProviderCapabilities = builder
  .objectRef<ProviderFact['capabilities']>('ProviderCapabilities')
  .implement({
    description: 'What a page built on this upstream can and must offer.',
    fields: t => ({
      announcesScan: t.exposeBoolean('announcesScan', {
        description:
          'Whether a scan is told before the confirmation; false: the confirmation is the first sign.',
      }),
      announcesCode: t.exposeBoolean('announcesCode', {
        description:
          'Whether the upstream says that a code is asked for; false: show "my phone asks for a code".',
      }),
      sliders: t.exposeBoolean('sliders', { description: 'Whether a slider may have to be solved.' }),
      provinceRequired: t.exposeBoolean('provinceRequired', {
        description: 'Whether a QR code needs the province, a proxy or the ttuid of the device.',
      }),
      push: t.exposeBoolean('push', { description: 'Whether a prompt can be sent to the phone.' }),
    }),
  })

export const Provider = builder.objectRef<ProviderFact>('Provider').implement({
  description: "A configured upstream that the caller's tenant may use.",
  fields: t => ({
    name: t.exposeString('name', { description: 'Its name in the configuration.' }),
    dialect: t.expose('dialect', { type: DialectEnum, description: 'The protocol that it speaks.' }),
    reachable: t.exposeBoolean('reachable', {
      nullable: true,
      description: 'Whether it could be asked lately; null: nothing asked yet.',
    }),
    capabilities: t.field({
      type: ProviderCapabilities,
      description: 'What it can do.',
      resolve: provider => provider.capabilities,
    }),
    phonesUrl: t.field({
      type: 'URL',
      nullable: true,
      description:
        "Where the phones of development's simulator can be played with; null for a real upstream.",
      resolve: (provider, _, { services }) => services.phonesUrl(provider.name),
    }),
  }),
})
