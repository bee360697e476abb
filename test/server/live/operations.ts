// Operations over what a watcher may select, generated from the schema itself: aliases, fragments of every kind, type
// conditions, directives and variables wherever the language allows them.

import {
  type GraphQLField,
  type GraphQLNamedType,
  type GraphQLSchema,
  getNamedType,
  isAbstractType,
  isInterfaceType,
  isLeafType,
  isObjectType,
} from 'graphql'
import type { Chance } from './random.ts'

export interface Generated {
  readonly text: string
  readonly variables: Readonly<Record<string, unknown>>
  /** It selects what no update holds, so that it cannot have a plan. */
  readonly loads: boolean
}

/** Fields that are read when they are asked for. */
const loading = new Set([
  'Login.device',
  'Login.account',
  'Login.events',
  'Login.continues',
  'Login.continuedBy',
])

class Writing {
  readonly fragments: string[] = []
  loads = false
  readonly #schema: GraphQLSchema
  readonly #chance: Chance
  #aliases = 0

  constructor(schema: GraphQLSchema, chance: Chance) {
    this.#schema = schema
    this.#chance = chance
  }

  selection(type: GraphQLNamedType, depth: number): string {
    const parts: string[] = []
    for (let count = 1 + this.#chance.below(6); count > 0; count--) parts.push(this.#part(type, depth))
    return `{ ${parts.join(' ')} }`
  }

  #part(type: GraphQLNamedType, depth: number): string {
    const fields = isObjectType(type) || isInterfaceType(type) ? Object.values(type.getFields()) : []
    const chosen = this.#chance.number()
    if (chosen < 0.08 || (fields.length === 0 && chosen < 0.4))
      return `${this.#alias(0.3)}__typename${this.#directive()}`
    if (chosen < 0.28 || fields.length === 0) return this.#fragment(type, depth)
    return this.#field(type, this.#chance.of(...fields), depth)
  }

  #field(parent: GraphQLNamedType, field: GraphQLField<unknown, unknown>, depth: number): string {
    const type = getNamedType(field.type)
    const loads = loading.has(`${parent.name}.${field.name}`)
    if ((loads && !this.#chance.happens(0.02)) || (!isLeafType(type) && depth <= 0)) return '__typename'
    this.loads ||= loads
    const below = isLeafType(type) ? '' : ` ${this.selection(type, depth - 1)}`
    // The same key twice must mean the same: an alias of its own where anything else could follow.
    const alias = this.#alias(0.3)
    return `${alias}${field.name}${this.#directive()}${below}`
  }

  #fragment(type: GraphQLNamedType, depth: number): string {
    const possible = isAbstractType(type)
      ? [type, ...this.#schema.getPossibleTypes(type)]
      : [type, ...(isObjectType(type) ? type.getInterfaces() : [])]
    const on = this.#chance.of(...possible)
    const selection = this.selection(on, depth)
    if (this.#chance.happens(0.5)) {
      const condition = on === type && this.#chance.happens(0.3) ? '' : ` on ${on.name}`
      return `...${condition}${this.#directive()} ${selection}`
    }
    const name = `F${this.fragments.length}`
    this.fragments.push(`fragment ${name} on ${on.name} ${selection}`)
    const again = this.#chance.happens(0.3) ? ` ...${name}${this.#directive()}` : ''
    return `...${name}${this.#directive()}${again}`
  }

  #alias(share: number): string {
    if (!this.#chance.happens(share)) return ''
    return `a${this.#chance.happens(0.2) ? 0 : ++this.#aliases}: `
  }

  #directive(): string {
    if (!this.#chance.happens(0.12)) return ''
    const directive = this.#chance.of('skip', 'include')
    return ` @${directive}(if: ${this.#chance.of('true', 'false', '$a', '$b', '$withDefault')})`
  }
}

/** It may be against the language, as two fields of one key are: whoever uses it validates it. */
export const generate = (schema: GraphQLSchema, chance: Chance): Generated => {
  const update = getNamedType(schema.getSubscriptionType()?.getFields().loginProgress?.type)
  if (update === undefined) throw new Error('Nothing can be watched')
  const writing = new Writing(schema, chance)
  const selection = writing.selection(update, 4)
  const head = 'subscription ($id: ID!, $a: Boolean!, $b: Boolean!, $withDefault: Boolean! = true)'
  return {
    text: `${head} { ${chance.of('', 'p: ')}loginProgress(loginId: $id) ${selection} }\n${writing.fragments.join('\n')}`,
    variables: {
      id: 'TG9naW46eA==',
      a: chance.happens(0.5),
      b: chance.happens(0.5),
      ...(chance.happens(0.5) ? { withDefault: chance.happens(0.5) } : {}),
    },
    loads: writing.loads,
  }
}
