// One version of a device's settings.

import type { DeviceVersionRecord } from '../db/records.ts'
import { causeOf } from '../resolvers/history-view.ts'
import { builder } from './builder.ts'
import { connectionType } from './connection.ts'
import { DeviceChangeCauseEnum, DeviceTypeEnum } from './enums.ts'
import { ProxySummary } from './proxy-summary.ts'

const DeviceVersion = builder.objectRef<DeviceVersionRecord>('DeviceVersion').implement({
  description: 'The settings of a device from one change to the next.',
  fields: t => ({
    deviceType: t.expose('deviceType', { type: DeviceTypeEnum, description: 'What accounts saw it as.' }),
    province: t.exposeString('province', { nullable: true, description: 'Province; null: none was set.' }),
    city: t.exposeString('city', { nullable: true, description: 'City; null: none was set.' }),
    proxy: t.expose('proxy', {
      type: ProxySummary,
      nullable: true,
      description: 'Its proxy, without the password; null: none was set.',
    }),
    label: t.exposeString('label', {
      nullable: true,
      description: 'Its name for people; null: none was set.',
    }),
    cause: t.field({
      type: DeviceChangeCauseEnum,
      description: 'What led to this version.',
      resolve: ({ cause }) => causeOf(cause),
    }),
    changedBy: t.exposeString('changedBy', { description: 'Name of the key, or `upstream`.' }),
    validFrom: t.expose('validFrom', { type: 'DateTime', description: 'Since when it held.' }),
    validTo: t.expose('validTo', {
      type: 'DateTime',
      nullable: true,
      description: 'Until when it held: the beginning of the next version. Null: it holds.',
    }),
  }),
})

export const DeviceVersionConnection = connectionType('DeviceVersion', DeviceVersion, {
  one: 'version',
  many: 'versions',
  counted: false,
})
