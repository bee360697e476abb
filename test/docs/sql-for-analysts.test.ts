// The questions of docs/sql-for-analysts.md, asked by an analyst as they stand there.

import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { aSignIn } from '../db/analytics-given.ts'
import { anAnalyst } from '../support/analyst.ts'
import { withStore } from '../support/database.ts'

const page = readFileSync(new URL('../../docs/sql-for-analysts.md', import.meta.url), 'utf8')

const questions = [...page.matchAll(/```sql\n(select[\s\S]*?)```/g)].map(([, question]) => question ?? '')

it('its questions are answered', () =>
  withStore('postgres', async (store, database) => {
    await aSignIn(store, 'default', 'wxid_lin')
    await using analyst = await anAnalyst(database, ['default'])
    const rows: number[] = []
    for (const question of questions) rows.push((await analyst.sql.unsafe(question)).length)
    // Nobody failed, one day, and the first five events but for those that did not happen.
    expect(rows).toEqual([0, 1, 4])
  }))
