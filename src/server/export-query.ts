// What the parameters of an export ask for: those of LoginWhere as the schema has them, `orderBy` and `after`. Says of each
// that cannot be right what to do. Knows no route.

import {
  GraphQLBoolean,
  type GraphQLEnumType,
  type GraphQLInputType,
  type GraphQLSchema,
  getNullableType,
  isEnumType,
  isInputObjectType,
  isListType,
  isScalarType,
} from 'graphql'
import { type FieldProblem, InvalidInputError } from '../errors.ts'
import type { ExportArgs } from '../resolvers/export-logins.ts'
import type { LoginOrder } from '../resolvers/list-logins.ts'
import { type LoginWhere, problemWithFilter } from '../resolvers/login-filter.ts'

/** Throws InvalidInputError whose paths are names of parameters. */
export type ReadExportQuery = (query: URLSearchParams) => ExportArgs

interface Parameter {
  readonly many: boolean
  /** Throws a sentence that says what it must be. */
  readonly read: (text: string) => unknown
}

/** Null: this schema has no logins. */
export const exportQueryOf = (schema: GraphQLSchema): ReadExportQuery | null => {
  const filter = schema.getType('LoginWhere')
  const order = schema.getType('LoginOrder')
  if (!isInputObjectType(filter) || !isEnumType(order)) return null
  const filters = new Map(
    Object.values(filter.getFields()).map(({ name, type }) => [name, parameterOf(type)] as const),
  )
  const others = new Map<string, Parameter>([
    ['orderBy', { many: false, read: text => enumValue(order, text) }],
    ['after', { many: false, read: text => text }],
  ])
  const known = [...filters.keys(), ...others.keys()]

  return query => {
    const problems: FieldProblem[] = []
    const found: Record<string, unknown> = {}
    const given: Record<string, unknown> = {}
    for (const name of new Set(query.keys())) {
      const parameter = filters.get(name) ?? others.get(name)
      try {
        if (parameter === undefined) throw unknownParameter(name, known)
        const into = filters.has(name) ? given : found
        const value = valueGiven(parameter, query.getAll(name))
        const problem = filters.has(name) ? problemWithFilter(name, value) : null
        if (problem !== null) throw new Misread(`It ${problem}.`)
        into[name] = value
      } catch (error) {
        if (!(error instanceof Misread)) throw error
        problems.push({ path: [name], message: error.message })
      }
    }
    for (const [from, to] of [
      ['startedFrom', 'startedTo'],
      ['endedFrom', 'endedTo'],
    ] as const)
      if (Number(given[from]) > Number(given[to]))
        problems.push({ path: [from], message: `It is later than \`${to}\`: swap them.` })
    if (problems.length > 0) throw new InvalidInputError(problems)
    return {
      where: given as LoginWhere,
      orderBy: (found.orderBy as LoginOrder | undefined) ?? 'STARTED_AT_ASC',
      after: (found.after as string | undefined) ?? null,
    }
  }
}

/** A sentence for whoever wrote the parameter. */
class Misread extends Error {}

const unknownParameter = (name: string, known: readonly string[]): Misread => {
  const meant = known.find(other => other.toLowerCase() === name.toLowerCase().replaceAll('_', ''))
  return new Misread(
    meant === undefined
      ? `There is no such parameter. There are: ${known.join(', ')}.`
      : `There is no such parameter: write \`${meant}\`.`,
  )
}

const valueGiven = ({ many, read }: Parameter, texts: readonly string[]): unknown => {
  if (many) return texts.map(read)
  const [text = ''] = texts
  if (texts.length > 1) throw new Misread('It is given more than once, and takes one value.')
  return read(text)
}

const parameterOf = (given: GraphQLInputType): Parameter => {
  const type = getNullableType(given)
  if (isListType(type)) return { many: true, read: parameterOf(type.ofType).read }
  if (isEnumType(type)) return { many: false, read: text => enumValue(type, text) }
  if (!isScalarType(type)) throw new Error(`A filter of type ${String(type)} cannot be a parameter`)
  if (type === GraphQLBoolean) return { many: false, read: booleanValue }
  if (type.name === 'DateTime')
    return { many: false, read: text => scalarValue(() => type.parseValue(withPlus(text))) }
  return { many: false, read: text => scalarValue(() => type.parseValue(text)) }
}

const enumValue = (type: GraphQLEnumType, text: string): unknown => {
  const value = type.getValue(text)
  if (value != null) return value.value
  const names = type.getValues().map(({ name }) => name)
  throw new Misread(`${JSON.stringify(text)} is none of its values: ${names.join(', ')}.`)
}

const booleanValue = (text: string): boolean => {
  if (text !== 'true' && text !== 'false') throw new Misread('It is `true` or `false`.')
  return text === 'true'
}

/** A query says a plus sign as %2B; one that was not said so has become a space, which no moment has. */
const withPlus = (text: string): string => text.replace(/ (?=\d{2}:\d{2}$)/, '+')

const scalarValue = (read: () => unknown): unknown => {
  try {
    return read()
  } catch (error) {
    throw new Misread(error instanceof Error ? error.message : 'It cannot be read.')
  }
}
