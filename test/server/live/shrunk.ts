// The smallest part of an operation that a test still fails with: selections, directives and fragments that it does not
// need are dropped one after another, and fragments that it needs are written where they are spread.

import { type ASTNode, type DocumentNode, Kind, visit } from 'graphql'

const droppable: readonly string[] = [
  Kind.FIELD,
  Kind.INLINE_FRAGMENT,
  Kind.FRAGMENT_SPREAD,
  Kind.FRAGMENT_DEFINITION,
  Kind.DIRECTIVE,
  Kind.ARGUMENT,
]

/** `fails` is asked of documents that may be no operations at all. */
export const shrunk = (document: DocumentNode, fails: (smaller: DocumentNode) => boolean): DocumentNode => {
  const least = (larger: DocumentNode): DocumentNode => {
    const dropped = changed(changed(larger, without, fails), written, fails)
    // What is dropped may have been all that needed something earlier: a fragment, of its last spread.
    return dropped === larger ? larger : least(dropped)
  }
  return least(document)
}

type Change = (document: DocumentNode, place: number) => DocumentNode | null

const changed = (
  document: DocumentNode,
  change: Change,
  fails: (smaller: DocumentNode) => boolean,
): DocumentNode => {
  let smallest = document
  for (let place = 0; ; ) {
    const smaller = change(smallest, place)
    if (smaller === null) return smallest
    if (fails(smaller)) smallest = smaller
    else place++
  }
}

/** With `replace` of the node at that place among those of these kinds. Null: there is no such place. */
const at =
  (
    kinds: readonly string[],
    replace: (node: ASTNode, document: DocumentNode) => ASTNode | null | undefined,
  ): Change =>
  (document, place) => {
    let places = 0
    let found = false
    const smaller: DocumentNode = visit(document, {
      enter: (node: ASTNode) => {
        if (!kinds.includes(node.kind) || places++ !== place) return undefined
        found = true
        return replace(node, document)
      },
    })
    return found ? smaller : null
  }

const without = at(droppable, () => null)

const written = at([Kind.FRAGMENT_SPREAD], (spread, { definitions }) => {
  for (const definition of definitions)
    if (
      definition.kind === Kind.FRAGMENT_DEFINITION &&
      spread.kind === Kind.FRAGMENT_SPREAD &&
      definition.name.value === spread.name.value
    ) {
      const { typeCondition, selectionSet } = definition
      const { directives = [] } = spread
      return { kind: Kind.INLINE_FRAGMENT, typeCondition, directives, selectionSet }
    }
  return undefined
})
