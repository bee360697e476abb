// How much one operation may ask for, known before any of it is executed: tokens, depth, aliases, and how many things
// its pages could hold. Introspection is deep by nature and counted by its tokens alone.

import {
  type ASTVisitor,
  type FieldNode,
  type FragmentDefinitionNode,
  GraphQLError,
  Kind,
  type SelectionSetNode,
  type ValidationContext,
  type ValidationRule,
} from 'graphql'

export const limits = { tokens: 2_000, depth: 16, aliases: 60, weight: 50_000 } as const

interface Measure {
  readonly depth: number
  readonly aliases: number
  readonly weight: number
}

const nothing: Measure = { depth: 0, aliases: 0, weight: 0 }
const pagedAtMost = 100
const pagedUsually = 20
/** Rows of statistics are small, and may be thousands. */
const countedUsually = 250
const connections = new Set([
  'logins',
  'devices',
  'accounts',
  'events',
  'history',
  'signIns',
  'profileHistory',
  'presenceHistory',
  'presenceChanges',
])

/** Each fragment is measured once, however often it is spread: two that spread each other cost no more than the text. */
export const withinLimits: ValidationRule = (context: ValidationContext): ASTVisitor => {
  const fragments = new Map<string, Measure | null>()

  const ofFragment = (fragment: FragmentDefinitionNode | null | undefined): Measure => {
    if (fragment == null) return nothing
    const { value: name } = fragment.name
    const known = fragments.get(name)
    // Null: it spreads itself, which another rule refuses.
    if (known !== undefined) return known ?? nothing
    fragments.set(name, null)
    const measure = ofSelections(fragment.selectionSet)
    fragments.set(name, measure)
    return measure
  }

  const ofField = (field: FieldNode): Measure => {
    const inner =
      field.name.value.startsWith('__') || field.selectionSet === undefined
        ? nothing
        : ofSelections(field.selectionSet)
    return {
      depth: inner.depth + 1,
      aliases: inner.aliases + (field.alias === undefined ? 0 : 1),
      weight: 1 + inner.weight * pageSizeOf(field),
    }
  }

  const ofSelections = ({ selections }: SelectionSetNode): Measure =>
    selections
      .map(selection => {
        if (selection.kind === Kind.FIELD) return ofField(selection)
        if (selection.kind === Kind.INLINE_FRAGMENT) return ofSelections(selection.selectionSet)
        return ofFragment(context.getFragment(selection.name.value))
      })
      .reduce(
        (sum, { depth, aliases, weight }) => ({
          depth: Math.max(sum.depth, depth),
          aliases: sum.aliases + aliases,
          weight: sum.weight + weight,
        }),
        nothing,
      )

  return {
    OperationDefinition: operation => {
      const { depth, aliases, weight } = ofSelections(operation.selectionSet)
      const problem =
        depth > limits.depth
          ? `It is ${depth} levels deep, and ${limits.depth} are allowed.`
          : aliases > limits.aliases
            ? `It has ${aliases} aliases, and ${limits.aliases} are allowed.`
            : weight > limits.weight
              ? 'Its pages could hold too much: ask for smaller ones, or for fewer within each other.'
              : null
      if (problem !== null)
        context.reportError(
          new GraphQLError(problem, { nodes: operation, extensions: { code: 'TOO_EXPENSIVE' } }),
        )
    },
  }
}

/** How many times what is within a field may come; a size in a variable counts as the largest. */
const pageSizeOf = (field: FieldNode): number => {
  const size = field.arguments?.find(argument => ['first', 'last', 'ids'].includes(argument.name.value))
  if (size?.value.kind === Kind.INT) return Math.min(Math.max(Number(size.value.value), 1), pagedAtMost)
  if (size?.value.kind === Kind.LIST) return Math.max(size.value.values.length, 1)
  if (size !== undefined) return pagedAtMost
  if (field.name.value === 'loginStats') return countedUsually
  return connections.has(field.name.value) ? pagedUsually : 1
}
