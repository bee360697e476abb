// Operations over what a watcher may select, generated from the schema itself: aliases, fragments of every kind, type
// conditions, arguments, directives and variables wherever the language allows them. Knows no field by name.

import {
  type GraphQLArgument,
  type GraphQLField,
  type GraphQLNamedType,
  type GraphQLSchema,
  getNamedType,
  isAbstractType,
  isEnumType,
  isInterfaceType,
  isLeafType,
  isListType,
  isNonNullType,
  isObjectType,
  isRequiredArgument,
} from 'graphql'
import type { Chance } from './random.ts'

export interface Generated {
  /** It may be against the language, as two fields of one key are: whoever uses it validates it. */
  readonly text: string
  readonly operationName: string | null
}

export type Variables = Readonly<Record<string, unknown>>

/** What is selected from, and which of its fields are to be rare, since hardly anything has a plan where they stand. */
export interface Selecting {
  readonly schema: GraphQLSchema
  /** The one subscription. */
  readonly root: string
  readonly rare: ReadonlySet<string>
  /** Objects within objects. */
  readonly depth: number
}

const declared = [
  '$id: ID!',
  '$after: Int',
  '$a: Boolean!',
  '$b: Boolean!',
  '$c: Boolean! = true',
  '$d: Boolean = false',
  '$i: Int',
  '$j: Int = 3',
].join(', ')

/** Some given, some not, some given as null. */
export const variablesOf = (chance: Chance): Variables => {
  const given: Record<string, unknown> = {
    id: chance.of('1', '2'),
    a: chance.happens(0.5),
    b: chance.happens(0.5),
  }
  if (chance.happens(0.5)) given.after = chance.of(null, 0, 7)
  if (chance.happens(0.5)) given.c = chance.happens(0.5)
  if (chance.happens(0.5)) given.d = chance.happens(0.1) ? null : chance.happens(0.5)
  if (chance.happens(0.6)) given.i = chance.of(null, 0, 5)
  if (chance.happens(0.6)) given.j = chance.of(null, 0, 5)
  return given
}

export const generate = (selecting: Selecting, chance: Chance): Generated => {
  const { schema, root, depth } = selecting
  const subscriptions = schema.getSubscriptionType()
  const field = subscriptions?.getFields()[root]
  if (subscriptions == null || field === undefined) throw new Error(`Nobody can watch ${root}`)
  const writing = new Writing(selecting, chance)
  const below = writing.selection(getNamedType(field.type), depth)
  const more = writing.selection(getNamedType(field.type), 0)
  const arguments_ = field.args
    .filter(argument => isRequiredArgument(argument) || chance.happens(0.3))
    .map(({ name, type }) => `${name}: ${isNonNullType(type) ? '$id' : '$after'}`)
  const given = arguments_.length === 0 ? '' : `(${arguments_.join(', ')})`
  const start = `${chance.of('', 'p: ')}${root}${given}`
  const watched = `${start} ${below}`
  // No variables there: the validation of graphql 16 throws where a directive of a subscription's root has one.
  const roots = chance.of(
    `{ ${watched} }`,
    `{ ${watched} ${start} @${chance.of('skip', 'include')}(if: ${chance.of('true', 'false')}) ${more} }`,
    `{ ... on ${subscriptions.name} @include(if: true) { ${watched} } }`,
    `{ ...Root } fragment Root on ${subscriptions.name} { ${watched} }`,
  )
  const named = chance.happens(0.2)
  const operation = `subscription ${named ? 'Watch' : ''} (${declared}) ${roots}`
  const others = named ? ['query Other { __typename }'] : []
  return {
    text: [operation, ...writing.fragments.map(({ text }) => text), ...others].join('\n'),
    operationName: named ? 'Watch' : null,
  }
}

class Writing {
  /** Whole ones: no fragment can come to spread itself. */
  readonly fragments: { readonly name: string; readonly on: string; readonly text: string }[] = []
  readonly #selecting: Selecting
  readonly #chance: Chance
  #aliases = 0
  #names = 0

  constructor(selecting: Selecting, chance: Chance) {
    this.#selecting = selecting
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
      return `${this.#chance.happens(0.3) ? this.#alias() : ''}__typename${this.#directive()}`
    if (chosen < 0.28 || fields.length === 0) return this.#fragment(type, depth)
    return this.#field(type, this.#chance.from(fields), depth)
  }

  #field(parent: GraphQLNamedType, field: GraphQLField<unknown, unknown>, depth: number): string {
    const type = getNamedType(field.type)
    const unwanted = this.#selecting.rare.has(`${parent.name}.${field.name}`) && !this.#chance.happens(0.02)
    if (unwanted || (!isLeafType(type) && depth <= 0)) return '__typename'
    const given = field.args.flatMap(argument => this.#argument(argument))
    // The same key twice must mean the same: an alias of its own where arguments may differ.
    const alias = given.length > 0 ? this.#alias() : this.#chance.happens(0.3) ? this.#alias() : ''
    const below = isLeafType(type) ? '' : ` ${this.selection(type, depth - 1)}`
    return `${alias}${field.name}${given.length > 0 ? `(${given.join(', ')})` : ''}${this.#directive()}${below}`
  }

  #fragment(type: GraphQLNamedType, depth: number): string {
    const { schema } = this.#selecting
    const possible: readonly GraphQLNamedType[] = isAbstractType(type)
      ? [type, ...schema.getPossibleTypes(type)]
      : [type, ...(isObjectType(type) ? type.getInterfaces() : [])]
    const on = this.#chance.from(possible)
    const known = this.fragments.filter(fragment => fragment.on === on.name)
    if (known.length > 0 && this.#chance.happens(0.2))
      return `...${this.#chance.from(known).name}${this.#directive()}`
    const selection = this.selection(on, depth)
    if (this.#chance.happens(0.5)) {
      const condition = on === type && this.#chance.happens(0.3) ? '' : ` on ${on.name}`
      return `...${condition}${this.#directive()} ${selection}`
    }
    const name = `F${this.#names++}`
    this.fragments.push({ name, on: on.name, text: `fragment ${name} on ${on.name} ${selection}` })
    const again = this.#chance.happens(0.3) ? ` ...${name}${this.#directive()}` : ''
    return `...${name}${this.#directive()}${again}`
  }

  #argument(argument: GraphQLArgument): string[] {
    if (!isRequiredArgument(argument) && this.#chance.happens(0.3)) return []
    const value = this.#value(argument)
    return value === null ? [] : [`${argument.name}: ${value}`]
  }

  #value({ type }: Pick<GraphQLArgument, 'type'>): string | null {
    const bare = isNonNullType(type) ? type.ofType : type
    if (bare === type && this.#chance.happens(0.15)) return 'null'
    if (isListType(bare))
      return `[${[this.#value({ type: bare.ofType }), this.#value({ type: bare.ofType })].join(', ')}]`
    if (isEnumType(bare)) return this.#chance.from(bare.getValues()).name
    const named = getNamedType(bare).name
    if (named === 'Boolean') return this.#chance.of('true', 'false', '$a', '$b', '$c', '$d')
    if (named === 'Int') return this.#chance.of('0', '2', '$j', ...(bare === type ? ['$i'] : []))
    return null
  }

  /** Now and then one that is there already. */
  #alias(): string {
    return `a${this.#chance.happens(0.05) ? 0 : ++this.#aliases}: `
  }

  #directive(): string {
    if (!this.#chance.happens(0.12)) return ''
    const directive = this.#chance.of('skip', 'include')
    return ` @${directive}(if: ${this.#chance.of('true', 'false', '$a', '$b', '$c', '$d')})`
  }
}
