// The schema as a whole: printed, described, and in the shape that Relay clients count on.

import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import {
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isIntrospectionType,
  isObjectType,
  isSpecifiedScalarType,
} from 'graphql'
import { describe, expect, it } from 'vitest'
import { printedSchema } from '../../scripts/print-schema.ts'
import { schema } from '../../src/schema/schema.ts'

describe('schema.graphql', () => {
  it('is what the code says now', () => {
    expect(readFileSync(new URL('../../schema.graphql', import.meta.url), 'utf8')).toBe(printedSchema())
  })
})

describe('every element', () => {
  it('is described for a stranger', () => {
    const missing: string[] = []
    const see = (place: string, { description }: { readonly description?: string | null | undefined }) => {
      if ((description ?? '').trim().length < 3) missing.push(place)
    }
    for (const type of Object.values(schema.getTypeMap())) {
      if (isIntrospectionType(type) || isSpecifiedScalarType(type)) continue
      see(type.name, type)
      if (isObjectType(type) || isInterfaceType(type))
        for (const field of Object.values(type.getFields())) {
          see(`${type.name}.${field.name}`, field)
          for (const argument of field.args) see(`${type.name}.${field.name}(${argument.name})`, argument)
        }
      if (isInputObjectType(type))
        for (const field of Object.values(type.getFields())) see(`${type.name}.${field.name}`, field)
      if (isEnumType(type)) for (const value of type.getValues()) see(`${type.name}.${value.name}`, value)
    }
    expect(missing).toEqual([])
  })
})

describe('Relay clients', () => {
  it('find connections, arguments and PageInfo as they expect them', async () => {
    const file = (path: string) => fileURLToPath(new URL(`../../${path}`, import.meta.url))
    const rules = ['relay-connection-types-spec', 'relay-connection-arguments-spec', 'relay-page-info-spec']
    const lint = promisify(execFile)(process.execPath, [
      file('node_modules/graphql-schema-linter/lib/cli.js'),
      '--format=compact',
      `--rules=${rules.join(',')}`,
      file('schema.graphql'),
    ])
    await expect(lint).resolves.toMatchObject({ stdout: expect.stringMatching(/^\s*$/) })
  })
})
