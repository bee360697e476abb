// The smallest part of an operation that a test still fails with: selections, directives and fragments that it does not
// need are dropped one after another.

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
  let smallest = document
  for (let place = 0; ; ) {
    const smaller = without(smallest, place)
    if (smaller === null) return smallest
    if (fails(smaller)) smallest = smaller
    else place++
  }
}

/** Null: there is no such place. */
const without = (document: DocumentNode, place: number): DocumentNode | null => {
  let places = 0
  let found = false
  const smaller: DocumentNode = visit(document, {
    enter: (node: ASTNode) => {
      if (!droppable.includes(node.kind) || places++ !== place) return undefined
      found = true
      return null
    },
  })
  return found ? smaller : null
}
