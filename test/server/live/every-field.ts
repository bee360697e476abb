// One operation for each field that a watcher can select, however deep: the generated ones come by some of them seldom.

import {
  type GraphQLNamedType,
  getNamedType,
  isAbstractType,
  isInterfaceType,
  isLeafType,
  isObjectType,
} from 'graphql'
import type { Selecting } from './operations.ts'

export interface Selected {
  /** As `Login.state`. */
  readonly field: string
  /** Those on the way to it, itself among them. */
  readonly path: readonly string[]
  readonly text: string
}

/** What the field is called in the answer. */
export const alias = 'wanted'

/** Where the one `loginId` of the root is `$id`; by a way to each that leads over few of the `rare`. */
export const everyField = ({ schema, root, rare }: Selecting): readonly Selected[] => {
  const start = schema.getSubscriptionType()?.getFields()[root]
  if (start === undefined) throw new Error(`Nobody can watch ${root}`)
  const selected: Selected[] = []
  const seen = new Set<string>()
  const waiting: Place[] = [{ type: getNamedType(start.type), path: [], around: text => text }]
  const last: Place[] = []
  while (waiting.length + last.length > 0) {
    const { type, path, around } = waiting.shift() ?? (last.shift() as Place)
    if (seen.has(type.name)) continue
    seen.add(type.name)
    const add = (name: string, text: string): void => {
      const field = `${type.name}.${name}`
      const selection = around(`{ ${alias}: ${text} }`)
      selected.push({
        field,
        path: [...path, field],
        text: `subscription ($id: ID!) { ${root}(loginId: $id) ${selection} }`,
      })
    }
    add('__typename', '__typename')
    for (const possible of isAbstractType(type) ? schema.getPossibleTypes(type) : [])
      waiting.push({ type: possible, path, around: text => around(`{ ... on ${possible.name} ${text} }`) })
    if (!isObjectType(type) && !isInterfaceType(type)) continue
    for (const field of Object.values(type.getFields())) {
      const inside = getNamedType(field.type)
      add(field.name, `${field.name}${isLeafType(inside) ? '' : ' { __typename }'}`)
      if (!isLeafType(inside))
        (rare.has(`${type.name}.${field.name}`) ? last : waiting).push({
          type: inside,
          path: [...path, `${type.name}.${field.name}`],
          around: text => around(`{ ${field.name} ${text} }`),
        })
    }
  }
  return selected
}

interface Place {
  readonly type: GraphQLNamedType
  readonly path: readonly string[]
  readonly around: (selection: string) => string
}
