// What docs/export.md says of exports is what there is: every column, every parameter.

import { readFileSync } from 'node:fs'
import { isInputObjectType } from 'graphql'
import { expect, test } from 'vitest'
import { exportColumns } from '../../src/resolvers/export-logins.ts'
import { schema } from '../../src/schema/schema.ts'

const page = readFileSync(new URL('../../docs/export.md', import.meta.url), 'utf8')

test('docs/export.md names every column of an export, and begins with what to type', () => {
  const columns = /\n## Columns\n([\s\S]*?)\n## /.exec(page)?.[1] ?? ''
  expect(exportColumns.filter(name => !columns.includes(`\`${name}\``))).toEqual([])
  expect(page).toMatch(/^# .*\n\n```sh\nDATA_DIR=\.history npm run export -- --out /)
})

test('docs/export.md names every filter of LoginWhere', () => {
  const filter = schema.getType('LoginWhere')
  const names = isInputObjectType(filter) ? Object.keys(filter.getFields()) : []
  expect(names.length).toBeGreaterThan(0)
  expect(names.filter(name => !page.includes(`\`${name}\``))).toEqual([])
})
