// Things with a global id. `id` is synchronous on purpose: a watcher selects it with every event.

import type { Thing } from '../resolvers/find.ts'
import { globalId, type NodeType } from '../resolvers/global-id.ts'
import { builder } from './builder.ts'

export const nodeTypeOf = (thing: Thing): NodeType => {
  if ('record' in thing) return 'Login'
  if ('deviceKey' in thing) return 'Device'
  if ('presence' in thing) return 'Account'
  return 'DeviceOperation'
}

export const Node = builder.interfaceRef<Thing>('Node').implement({
  description: 'A thing that can be asked for again by its id (Relay).',
  resolveType: nodeTypeOf,
  fields: t => ({
    id: t.id({
      description: 'Opaque and global: it names this thing among all things.',
      resolve: thing => globalId(nodeTypeOf(thing), 'record' in thing ? thing.record.id : thing.id),
    }),
  }),
})
