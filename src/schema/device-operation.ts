// A call to the upstream about a device that is not a login.

import type { OperationRecord } from '../db/records.ts'
import { builder } from './builder.ts'
import { DeviceOperationKindEnum, DeviceOperationStateEnum } from './enums.ts'
import { Node } from './node.ts'

export const DeviceOperation = builder.objectRef<OperationRecord>('DeviceOperation').implement({
  description:
    'A call to the upstream about a device that is not a login. One device does one thing at a time: a login or an operation.',
  interfaces: [Node],
  fields: t => ({
    kind: t.expose('kind', { type: DeviceOperationKindEnum, description: 'What was asked.' }),
    state: t.expose('state', { type: DeviceOperationStateEnum, description: 'How it stands.' }),
    requestedAt: t.expose('requested', { type: 'DateTime', description: 'When it was asked for.' }),
    endedAt: t.expose('ended', {
      type: 'DateTime',
      nullable: true,
      description: 'When it was over; null: under way.',
    }),
    upstreamCode: t.exposeString('upstreamCode', {
      nullable: true,
      description: "The upstream's code, where it told one.",
    }),
    upstreamMessage: t.exposeString('upstreamMessage', {
      nullable: true,
      description: "The upstream's words, where it used any.",
    }),
  }),
})
