// An operation as far as a plan needs it, and which operations have one.

import {
  type DocumentNode,
  type FragmentDefinitionNode,
  type GraphQLSchema,
  getOperationAST,
  getVariableValues,
  Kind,
  type OperationDefinitionNode,
  visit,
} from 'graphql'
import { collectFields } from 'graphql/execution/collectFields.js'
import { isLive } from '../../schema/live.ts'

export interface LiveOperation {
  readonly document: DocumentNode
  readonly operation: OperationDefinitionNode
  /** Coerced: one that was not given and has no default is not in it. */
  readonly variables: Readonly<Record<string, unknown>>
}

export interface Asked {
  readonly schema: GraphQLSchema
  readonly document: DocumentNode
  readonly operationName?: string | null | undefined
  readonly variableValues?: Readonly<Record<string, unknown>> | null | undefined
}

/** Null: graphql-js answers it in the documented way, with its errors where it has any. */
export const liveOperation = ({
  schema,
  document,
  operationName,
  variableValues,
}: Asked): LiveOperation | null => {
  const operation = getOperationAST(document, operationName)
  const root = schema.getSubscriptionType()
  if (operation?.operation !== 'subscription' || root == null) return null
  const { coerced } = getVariableValues(schema, operation.variableDefinitions ?? [], variableValues ?? {})
  if (coerced === undefined) return null
  const fields = collectFields(schema, fragmentsOf(document), coerced, root, operation.selectionSet)
  const [nodes, ...more] = fields.values()
  const field = root.getFields()[nodes?.[0]?.name.value ?? '']
  if (field === undefined || more.length > 0 || !isLive(field)) return null
  return { document, operation, variables: coerced }
}

export const fragmentsOf = (document: DocumentNode): Record<string, FragmentDefinitionNode> => {
  const fragments: Record<string, FragmentDefinitionNode> = Object.create(null)
  for (const definition of document.definitions)
    if (definition.kind === Kind.FRAGMENT_DEFINITION) fragments[definition.name.value] = definition
  return fragments
}

/** Names of the variables that can change what the selection yields: all but those of the root field's own arguments. */
export const variablesBelowRoot = (document: DocumentNode): readonly string[] => {
  const names = new Set<string>()
  for (const definition of document.definitions) {
    if (definition.kind !== Kind.OPERATION_DEFINITION && definition.kind !== Kind.FRAGMENT_DEFINITION)
      continue
    const { selectionSet } = definition
    const roots = definition.kind === Kind.OPERATION_DEFINITION ? selectionSet.selections : []
    const below = selectionSet.selections.map(selection =>
      roots.includes(selection) && selection.kind === Kind.FIELD
        ? { ...selection, arguments: [] }
        : selection,
    )
    visit({ ...selectionSet, selections: below }, { Variable: ({ name }) => void names.add(name.value) })
  }
  return [...names].sort()
}
