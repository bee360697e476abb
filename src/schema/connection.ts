// Connections, edges and PageInfo after the Relay cursor specification, declared alike for every kind of list.

import type { InterfaceRef, ObjectRef } from '@pothos/core'
import type { Connection, Edge } from '../resolvers/page.ts'
import { builder } from './builder.ts'

type Types = typeof builder extends PothosSchemaTypes.SchemaBuilder<infer Schema> ? Schema : never

const PageInfo = builder.objectRef<Connection<unknown>['pageInfo']>('PageInfo').implement({
  description: 'Where a page lies within its list (Relay).',
  fields: t => ({
    hasNextPage: t.exposeBoolean('hasNextPage', { description: 'Whether more follows this page.' }),
    hasPreviousPage: t.exposeBoolean('hasPreviousPage', {
      description: 'Whether more comes before this page.',
    }),
    startCursor: t.exposeString('startCursor', {
      nullable: true,
      description: 'Cursor of the first edge, for `before`; null on an empty page.',
    }),
    endCursor: t.exposeString('endCursor', {
      nullable: true,
      description: 'Cursor of the last edge, for `after`; null on an empty page.',
    }),
  }),
})

/** `what` reads in a sentence: "logins". */
export const connectionType = <Shape>(
  name: string,
  node: ObjectRef<Types, Shape> | InterfaceRef<Types, Shape>,
  what: { readonly one: string; readonly many: string; readonly counted: boolean },
) => {
  const EdgeType = builder.objectRef<Edge<Shape>>(`${name}Edge`).implement({
    description: `One of a page of ${what.many}.`,
    fields: t => ({
      cursor: t.exposeString('cursor', { description: 'Its place in the list, for `after` and `before`.' }),
      node: t.field({
        type: node,
        description: `The ${what.one} itself.`,
        resolve: edge => edge.node as never,
      }),
    }),
  })
  return builder.objectRef<Connection<Shape>>(`${name}Connection`).implement({
    description: `A page of ${what.many}.`,
    fields: t => ({
      edges: t.field({
        type: [EdgeType],
        description: `The ${what.many} of this page, in order.`,
        resolve: connection => connection.edges,
      }),
      pageInfo: t.field({
        type: PageInfo,
        description: 'Where this page lies.',
        resolve: connection => connection.pageInfo,
      }),
      ...(what.counted
        ? {
            totalCount: t.int({
              description: `How many ${what.many} fit in all; computed only where it is selected.`,
              resolve: connection => connection.count(),
            }),
          }
        : {}),
    }),
  })
}
