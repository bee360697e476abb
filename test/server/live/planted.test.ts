// The comparison with graphql-js finds what is wrong with a plan: each of these is wrong in one way.

import { type DocumentNode, getOperationAST, isAbstractType, visit } from 'graphql'
import { beforeAll, expect, it } from 'vitest'
import { adminScopes, type Viewer } from '../../../src/resolvers/viewer.ts'
import { schema } from '../../../src/schema/schema.ts'
import type { LiveOperation } from '../../../src/server/live/operation.ts'
import { type Planner, plannerOf, type TextOf } from './comparison.ts'
import { compareCrowd, type Totals } from './crowd.ts'
import { Chance } from './random.ts'
import { watched } from './selecting.ts'
import { updatesOf } from './updates.ts'

let updates: readonly object[] = []

beforeAll(async () => {
  updates = await updatesOf(1_000, new Chance(1))
})

const compared = (planner: Planner, events = 20_000): Promise<Totals> =>
  compareCrowd({ schema, planner, selecting: watched, updates, seed: 1, events })

/** With each operation rewritten, once: plans are kept by document. */
const rewriting = (change: (document: DocumentNode) => DocumentNode): Planner => {
  const right = plannerOf(schema)
  const changed = new WeakMap<DocumentNode, DocumentNode>()
  return (operation, viewer) => {
    const document = changed.get(operation.document) ?? change(operation.document)
    changed.set(operation.document, document)
    const name = operation.operation.name?.value
    return right(
      { ...operation, document, operation: getOperationAST(document, name) ?? operation.operation },
      viewer,
    )
  }
}

const asking = (change: (operation: LiveOperation, viewer: Viewer) => [LiveOperation, Viewer]): Planner => {
  const right = plannerOf(schema)
  return (operation, viewer) => right(...change(operation, viewer))
}

const saying = (change: (text: string) => string): Planner => {
  const right = plannerOf(schema)
  return (operation, viewer) => {
    const textOf = right(operation, viewer)
    return update => {
      const text = textOf(update)
      return text === null ? null : change(text)
    }
  }
}

/** Whose first watcher of an operation decides for all whom `key` does not tell apart. */
const keyed = (key: (operation: LiveOperation, viewer: Viewer) => string): Planner => {
  const right = plannerOf(schema)
  const plans = new WeakMap<DocumentNode, Map<string, TextOf>>()
  return (operation, viewer) => {
    const known = plans.get(operation.document) ?? new Map<string, TextOf>()
    plans.set(operation.document, known)
    const textOf = known.get(key(operation, viewer)) ?? right(operation, viewer)
    known.set(key(operation, viewer), textOf)
    return textOf
  }
}

/** As if every abstract type were always its first. */
const firstOfPossible: Planner = (operation, viewer) => {
  const textOf = plannerOf(schema)(operation, viewer)
  return update => {
    const abstract = Object.values(schema.getTypeMap()).filter(isAbstractType)
    const resolvers = abstract.map(({ resolveType }) => resolveType)
    for (const type of abstract) type.resolveType = () => schema.getPossibleTypes(type)[0]?.name
    try {
      return textOf(update)
    } finally {
      for (const [index, type] of abstract.entries()) type.resolveType = resolvers[index]
    }
  }
}

/** As if a text were kept for longer than its update. */
const lateByOne: Planner = (operation, viewer) => {
  const textOf = plannerOf(schema)(operation, viewer)
  let before: string | null = null
  return update => {
    const text = textOf(update)
    const sent = before ?? text
    before = text
    return text === null ? null : sent
  }
}

const withoutDirectives = rewriting(document => visit(document, { Directive: () => null }))

const wrong: Readonly<Record<string, Planner>> = {
  'takes no notice of @skip and @include': withoutDirectives,
  'takes no notice of @include at fragments that are spread': rewriting(document =>
    visit(document, { FragmentSpread: spread => ({ ...spread, directives: [] }) }),
  ),
  'skips where it should include': rewriting(document =>
    visit(document, {
      Directive: directive => ({ ...directive, name: { ...directive.name, value: 'skip' } }),
    }),
  ),
  'names fields as the schema does': rewriting(document =>
    visit(document, { Field: ({ alias: _, ...field }) => field }),
  ),
  'takes the first of all types that are possible': firstOfPossible,
  'spreads a fragment whatever the type': rewriting(document =>
    visit(document, { InlineFragment: ({ typeCondition: _, ...fragment }) => fragment }),
  ),
  'takes a variable for true': asking((operation, viewer) => [
    { ...operation, variables: { ...operation.variables, a: true } },
    viewer,
  ]),
  'shows everybody what the admin sees': asking((operation, viewer) => [
    operation,
    { ...viewer, scopes: adminScopes },
  ]),
  'speaks English to everybody': asking((operation, viewer) => [operation, { ...viewer, language: 'en' }]),
  'is shared by whoever asks': keyed(({ variables }) => JSON.stringify(variables)),
  'is shared by all who speak a language': keyed(
    ({ variables }, { language }) => JSON.stringify(variables) + language,
  ),
  'is shared whatever the variables': keyed((_, { language, scopes }) => `${language} ${scopes}`),
  'sends the text of the update before': lateByOne,
  'escapes nothing': saying(text => text.replaceAll('\\', '')),
  'writes lone surrogates as they are': saying(text => text.replaceAll('\\ud83d', '\ufffd')),
  'has nothing for null': saying(text => text.replaceAll(':null', ':""')),
  'leaves out what is null': saying(text => text.replaceAll(/,"\w+":null/g, '')),
}

it.each(Object.entries(wrong))('a plan that %s is found out', async (_, planner) => {
  expect((await compared(planner)).difference).not.toBeNull()
})

it('what is found out is told with an operation no larger than it takes, the data, and both texts', async () => {
  const { difference } = await compared(withoutDirectives)
  const [operation = '', ...rest] = (difference ?? '').split('\nwith ')
  expect(operation.match(/@(skip|include)/g)).toHaveLength(1)
  expect(operation.split('\n').length).toBeLessThan(30)
  expect(rest.join()).toMatch(/\nof \{.+serverTime.+\nplan: {7}\{"data":.+\ngraphql-js: \{"/s)
})

it('a plan that refuses what it could say is counted', async () => {
  const forgetsDefaults = asking(({ variables: { c: _, ...variables }, ...operation }, viewer) => [
    { ...operation, variables },
    viewer,
  ])
  expect((await compared(forgetsDefaults, 2_000)).refusedWhole).toBeGreaterThan(0)
})
