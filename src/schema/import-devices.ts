// Taking over what an upstream has.

import { type ImportDevicesPayload as Imported, importDevices } from '../resolvers/import-devices.ts'
import { builder } from './builder.ts'
import { InvalidInputError, RateLimitedError, UpstreamError } from './refusals.ts'

const ImportDevicesInput = builder.inputType('ImportDevicesInput', {
  description: 'Which page of what the upstream has.',
  fields: t => ({
    provider: t.string({ required: true, description: 'Name of the configured upstream.' }),
    page: t.string({
      description: '`nextPage` of the page before it. Absent or null: the first.',
    }),
    dryRun: t.boolean({
      defaultValue: false,
      description: 'Count what would be imported, and import nothing.',
    }),
  }),
})

const ImportDevicesPayload = builder.objectRef<Imported>('ImportDevicesPayload').implement({
  description:
    'What was on the page. Found, but neither imported nor known: what another tenant has, or what has a name that cannot be kept.',
  fields: t => ({
    found: t.exposeInt('found', { description: 'Devices on the page.' }),
    imported: t.exposeInt('imported', {
      description: 'Of these, how many were taken over; with `dryRun`, how many would be.',
    }),
    known: t.exposeInt('known', { description: 'Of these, how many were known, and left as they are.' }),
    total: t.exposeInt('total', {
      nullable: true,
      description: 'Devices on all pages; null: the upstream does not tell.',
    }),
    nextPage: t.exposeString('nextPage', {
      nullable: true,
      description: 'What to ask for next; null after the last page.',
    }),
  }),
})

const ImportDevicesResult = builder.errorUnion('ImportDevicesResult', {
  description: 'What was on the page, or why it was not read.',
  types: [ImportDevicesPayload, InvalidInputError, UpstreamError, RateLimitedError],
  resolveType: () => 'ImportDevicesPayload',
})

builder.mutationField('importDevices', t =>
  t.field({
    type: ImportDevicesResult,
    args: { input: t.arg({ type: ImportDevicesInput, required: true, description: 'Which page.' }) },
    description:
      'Takes over one page of what the upstream has; scope ADMIN. A device gets the name that it has upstream as its key, on `ipad` that of its account, and who the upstream says is signed in. Only reads there, and is safe to repeat: what is known stays as it is. An imported device has no province and no proxy until `updateDevice` gives it one.',
    resolve: (_, { input }, context) => importDevices(context, input),
  }),
)
