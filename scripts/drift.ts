// npm run check:drift: what is generated is what the code says now: the printed schema, the migrations.

import { readFile } from 'node:fs/promises'
import { pendingMigration } from './pending-migration.ts'
import { printedSchema } from './print-schema.ts'

const problems: string[] = []

if ((await readFile('schema.graphql', 'utf8')) !== printedSchema())
  problems.push('schema.graphql is not what the code says: run "npm run schema:print" and commit it.')
if ((await pendingMigration()).length > 0)
  problems.push(
    'The tables are ahead of their migrations: run "npm run db:generate" and commit what it writes.',
  )

for (const problem of problems) console.error(problem)
process.exitCode = problems.length === 0 ? 0 : 1
