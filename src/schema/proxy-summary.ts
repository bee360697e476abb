// The proxy of a device, as it may be shown.

import type { DeviceRecord } from '../db/records.ts'
import { builder } from './builder.ts'

export const ProxySummary = builder.objectRef<NonNullable<DeviceRecord['proxy']>>('ProxySummary').implement({
  description: 'The socks5 proxy of a device, without its password.',
  fields: t => ({
    host: t.exposeString('host', { description: 'Host name or address.' }),
    port: t.exposeInt('port', { description: 'Port.' }),
    username: t.exposeString('username', { nullable: true, description: 'User name; null: none is needed.' }),
  }),
})
