// The data dictionary says of every view and column what the database says, and the database says something of each.

import { readFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { printedDictionary } from '../../scripts/print-dictionary.ts'
import { readDictionary } from '../../src/db/dictionary.ts'
import { engines, freshDatabase } from '../support/database.ts'

test.each(engines)('docs/data-dictionary.md is what %s says of its views, column by column', async engine => {
  await using database = await freshDatabase(engine)
  const views = await readDictionary(database)
  expect(views.map(view => view.name)).toContain('daily_funnel')
  const silent = views.flatMap(view => [
    ...(view.comment === null ? [view.name] : []),
    ...view.columns.filter(column => column.comment === null).map(column => `${view.name}.${column.name}`),
  ])
  expect(silent).toEqual([])
  // Not so? npm run dictionary:print
  expect(printedDictionary(views)).toBe(await readFile('docs/data-dictionary.md', 'utf8'))
})
