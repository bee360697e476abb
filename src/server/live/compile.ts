// One operation of one viewer class, made into a function from a source object to the JSON text of its `data`. It knows
// the plain case only: whatever else comes up (a promise, an error, a null where none may be, a resolver that asks for
// what is not shared) throws `offPlan`, and graphql-js executes that one event. What it may do is what graphql-js would
// have done with the same selection, which a test holds over generated operations and data.

import {
  defaultFieldResolver,
  type FieldNode,
  GraphQLBoolean,
  GraphQLInt,
  type GraphQLLeafType,
  type GraphQLObjectType,
  type GraphQLOutputType,
  type GraphQLResolveInfo,
  type GraphQLSchema,
  GraphQLString,
  getArgumentValues,
  isAbstractType,
  isEnumType,
  isLeafType,
  isListType,
  isNonNullType,
  isObjectType,
} from 'graphql'
import { collectFields, collectSubfields } from 'graphql/execution/collectFields.js'
import { getFieldDef } from 'graphql/execution/execute.js'
import { notShared, offPlan, sharedOnly } from './off-plan.ts'
import { fragmentsOf, type LiveOperation } from './operation.ts'

/** What is shared by all who get the text. */
export type Shared = object

export type Compiled = (source: unknown, shared: Shared) => string
type Write = (value: unknown, shared: Shared) => string
type Fields = ReadonlyMap<string, readonly FieldNode[]>

/** graphql-js asks again: this answer is dropped, and where it is a promise, its failure with it. */
const refuse = (answer?: unknown): never => {
  if (isPromise(answer)) answer.then(undefined, () => {})
  throw offPlan
}

/** What else it holds is not looked at any more: nobody else may hear of promises made for this plan. */
const abandon = (container: unknown): never => {
  for (const { value } of Object.values(Object.getOwnPropertyDescriptors(container)))
    if (isPromise(value)) value.then(undefined, () => {})
  throw offPlan
}

const isPromise = (value: unknown): value is PromiseLike<unknown> =>
  typeof value === 'object' && value !== null && typeof (value as { then?: unknown }).then === 'function'

/** Throws what graphql-js throws where the operation does not fit the schema: it is validated first. */
export const compile = (
  schema: GraphQLSchema,
  { document, operation, variables }: LiveOperation,
): Compiled => {
  const fragments = fragmentsOf(document)

  const argumentsOf = (
    field: NonNullable<ReturnType<typeof getFieldDef>>,
    node: FieldNode,
  ): object | null => {
    try {
      return Object.freeze(getArgumentValues(field, node, variables))
    } catch {
      return null
    }
  }

  const fieldWriter = (parent: GraphQLObjectType, nodes: readonly FieldNode[], isRoot: boolean): Write => {
    const [node] = nodes
    const field = node && getFieldDef(schema, parent, node)
    if (node === undefined || field == null) return refuse
    const { name, resolve = defaultFieldResolver } = field
    if (name === '__typename') {
      const text = JSON.stringify(parent.name)
      return () => text
    }
    // A root field is shared by logins that differ in its arguments only.
    const given = isRoot ? notShared : argumentsOf(field, node)
    if (given === null) return refuse
    const info = sharedOnly({
      fieldName: name,
      fieldNodes: nodes,
      returnType: field.type,
      parentType: parent,
      schema,
      fragments,
      operation,
    }) as GraphQLResolveInfo
    const write = writerOf(field.type, nodes, info)
    if (resolve !== defaultFieldResolver)
      return (source, shared) => write(resolve(source, given, shared, info), shared)
    return (source, shared) => {
      if (typeof source !== 'object' || source === null) return refuse()
      const value = (source as Record<string, unknown>)[name]
      if (typeof value !== 'function') return write(value, shared)
      return write((source as Record<string, Method>)[name]?.(given, shared, info), shared)
    }
  }

  const objectWriter = (type: GraphQLObjectType, fields: Fields, isRoot: boolean): ObjectWriter => {
    const { isTypeOf } = type
    const writes: Write[] = []
    const keys: string[] = []
    for (const [key, nodes] of fields) {
      keys.push(`${keys.length === 0 ? '{' : ','}${JSON.stringify(key)}:`)
      writes.push(fieldWriter(type, nodes, isRoot))
    }
    return (source, shared, info) => {
      const fits = isTypeOf == null || isTypeOf(source, shared, info)
      if (fits !== true) return refuse(fits)
      let text = ''
      try {
        for (let index = 0; index < writes.length; index++)
          text += (keys[index] as string) + (writes[index] as Write)(source, shared)
      } catch {
        return abandon(source)
      }
      return text === '' ? '{}' : `${text}}`
    }
  }

  const writerOf = (
    type: GraphQLOutputType,
    nodes: readonly FieldNode[],
    info: GraphQLResolveInfo,
  ): Write => {
    if (isNonNullType(type)) return presentWriter(type.ofType, nodes, info)
    const write = presentWriter(type, nodes, info)
    return (value, shared) => (value === null || value === undefined ? 'null' : write(value, shared))
  }

  /** Refuses null, a promise and an error. */
  const presentWriter = (
    type: Exclude<GraphQLOutputType, { readonly ofType: never }>,
    nodes: readonly FieldNode[],
    info: GraphQLResolveInfo,
  ): Write => {
    if (isLeafType(type)) return leafWriter(type)
    if (isListType(type)) {
      const item = writerOf(type.ofType, nodes, info)
      return (list, shared) => {
        if (!Array.isArray(list)) return refuse(list)
        let text = '['
        try {
          for (let index = 0; index < list.length; index++)
            text += index === 0 ? item(list[index], shared) : `,${item(list[index], shared)}`
        } catch {
          return abandon(list)
        }
        return `${text}]`
      }
    }
    const writers = new Map<GraphQLObjectType, ObjectWriter>()
    const writerFor = (object: GraphQLObjectType): ObjectWriter => {
      let writer = writers.get(object)
      if (writer === undefined) {
        writer = objectWriter(object, collectSubfields(schema, fragments, variables, object, nodes), false)
        writers.set(object, writer)
      }
      return writer
    }
    if (isObjectType(type))
      return (value, shared) => {
        demandUsable(value)
        return writerFor(type)(value, shared, info)
      }
    if (!isAbstractType(type) || type.resolveType == null) return refuse
    const { resolveType } = type
    const possible = new Map(schema.getPossibleTypes(type).map(object => [object.name, object]))
    return (value, shared) => {
      demandUsable(value)
      const name = resolveType(value, shared, info, type)
      const object = typeof name === 'string' ? possible.get(name) : undefined
      return object === undefined ? refuse(name) : writerFor(object)(value, shared, info)
    }
  }

  const root = schema.getRootType(operation.operation)
  if (root == null) return refuse
  const fields = collectFields(schema, fragments, variables, root, operation.selectionSet)
  const write = objectWriter(root, fields, true)
  const info = sharedOnly({}) as GraphQLResolveInfo
  return (source, shared) => write(source, shared, info)
}

type Method = (given: object, shared: Shared, info: GraphQLResolveInfo) => unknown
type ObjectWriter = (source: unknown, shared: Shared, info: GraphQLResolveInfo) => string

const demandUsable = (value: unknown): void => {
  if (value === null || value === undefined || value instanceof Error || isPromise(value)) refuse(value)
}

const leafWriter = (type: GraphQLLeafType): Write => {
  if (isEnumType(type)) {
    const texts = new Map<unknown, string>(type.getValues().map(({ value, name }) => [value, `"${name}"`]))
    return value => texts.get(value) ?? refuse(value)
  }
  if (type === GraphQLInt)
    return value => (typeof value === 'number' && (value | 0) === value ? `${value}` : refuse(value))
  if (type === GraphQLBoolean)
    return value => (value === true ? 'true' : value === false ? 'false' : refuse(value))
  if (type === GraphQLString)
    return value => (typeof value === 'string' ? JSON.stringify(value) : refuse(value))
  return value => {
    demandUsable(value)
    const serialized: unknown = type.serialize(value)
    if (serialized === null || serialized === undefined || isPromise(serialized)) return refuse(serialized)
    // It would be told its key, which is not known here.
    if (typeof (serialized as { toJSON?: unknown }).toJSON === 'function') return refuse()
    return JSON.stringify(serialized) ?? refuse()
  }
}
