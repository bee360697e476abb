// The comparison with graphql-js finds what is wrong with a plan: each of these is wrong in one way.

import { type DocumentNode, getOperationAST, visit } from 'graphql'
import { expect, it } from 'vitest'
import { adminScopes } from '../../../src/resolvers/viewer.ts'
import { schema } from '../../../src/schema/schema.ts'
import type { LiveOperation } from '../../../src/server/live/operation.ts'
import { compare, type Make, planOf } from './comparison.ts'

const right = planOf(schema)

const written = (operation: LiveOperation, document: DocumentNode): LiveOperation => ({
  ...operation,
  document,
  operation: getOperationAST(document) ?? operation.operation,
})

const wrong: Readonly<Record<string, Make>> = {
  'takes no notice of @skip and @include': (operation, viewer) =>
    right(written(operation, visit(operation.document, { Directive: () => null })), viewer),
  'names fields as the schema does': (operation, viewer) =>
    right(
      written(
        operation,
        visit(operation.document, {
          Field: ({ alias: _, ...field }) => field as typeof field & { alias?: undefined },
        }),
      ),
      viewer,
    ),
  'takes a variable for true': (operation, viewer) =>
    right({ ...operation, variables: { ...operation.variables, a: true } }, viewer),
  'shows everybody what the admin sees': (operation, viewer) =>
    right(operation, { ...viewer, scopes: adminScopes }),
  'speaks English to everybody': (operation, viewer) => right(operation, { ...viewer, language: 'en' }),
  'sends the text of the update before': (operation, viewer) => {
    const textOf = right(operation, viewer)
    let before: string | null = null
    return update => {
      const text = textOf(update)
      const sent = before ?? text
      before = text
      return text === null ? null : sent
    }
  },
  'escapes nothing': (operation, viewer) => {
    const textOf = right(operation, viewer)
    return update => textOf(update)?.replaceAll('\\', '') ?? null
  },
  'has nothing for null': (operation, viewer) => {
    const textOf = right(operation, viewer)
    return update => textOf(update)?.replaceAll(':null', ':""') ?? null
  },
}

it.each(Object.entries(wrong))('a plan that %s is found out', (_, make) => {
  const { differences } = compare({ seed: 1, events: 20_000, schema, make, differences: 1 })
  expect(differences).toHaveLength(1)
})
