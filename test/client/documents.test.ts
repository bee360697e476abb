import { readFileSync } from 'node:fs'
import { buildSchema, type DocumentNode, Kind, parse, validate } from 'graphql'
import { describe, expect, test } from 'vitest'
import * as documents from '../../client/terminal/documents.ts'

const read = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8')
const schema = buildSchema(read('schema.graphql'))

const ours = Object.entries({ ...documents, ...documents.ACTIONS }).filter(
  (entry): entry is [string, string] => typeof entry[1] === 'string',
)
const pasted = [...read('README.md').matchAll(/```graphql\n(.*?)```/gs)].map(([, text = '']) => text)
const examples = [...read('examples/watch-login.ts').matchAll(/`((?:mutation|subscription).*?)`/gs)].map(
  ([, text = '']) => text,
)

const kindsOf = (texts: readonly string[]) =>
  texts
    .map(text => parse(text))
    .flatMap(({ definitions }: DocumentNode) =>
      definitions.flatMap(definition =>
        definition.kind === Kind.OPERATION_DEFINITION ? [definition.operation] : [],
      ),
    )

describe('Every operation is one that the gateway understands', () => {
  test.each(ours)('the terminal client: %s', (_, text) => {
    expect(validate(schema, parse(text))).toEqual([])
  })

  test.each(pasted.map(text => [text.split('\n')[0], text] as const))('the README: %s', (_, text) => {
    expect(validate(schema, parse(text))).toEqual([])
  })

  test.each(examples)('the example: %s', text => {
    expect(validate(schema, parse(text))).toEqual([])
  })

  test('the README has what it takes from a new device to the end of its login and to its history, the example what it needs', () => {
    expect(kindsOf(pasted)).toEqual(['mutation', 'query', 'mutation', 'subscription', 'query'])
    expect(kindsOf(examples)).toEqual(['mutation', 'mutation', 'subscription'])
  })
})
