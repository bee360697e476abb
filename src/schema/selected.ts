// Whether an operation asks for a field below the one that is being resolved, for what is dear to read. A field that a
// directive may leave out counts as asked for.

import { type GraphQLResolveInfo, Kind, type SelectionSetNode } from 'graphql'

export const isSelected = (info: GraphQLResolveInfo, names: readonly string[]): boolean =>
  info.fieldNodes.some(({ selectionSet }) => selectionSet !== undefined && holds(info, selectionSet, names))

/** Fragments that spread themselves were refused before anything is resolved. */
const holds = (
  info: GraphQLResolveInfo,
  { selections }: SelectionSetNode,
  names: readonly string[],
): boolean =>
  selections.some(selection => {
    if (selection.kind === Kind.FIELD) return names.includes(selection.name.value)
    if (selection.kind === Kind.INLINE_FRAGMENT) return holds(info, selection.selectionSet, names)
    const fragment = info.fragments[selection.name.value]
    return fragment !== undefined && holds(info, fragment.selectionSet, names)
  })
