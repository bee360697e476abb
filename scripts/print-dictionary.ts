// npm run dictionary:print: writes docs/data-dictionary.md from the comments that a freshly migrated database holds.

import { writeFileSync } from 'node:fs'
import { connectPglite } from '../src/db/connection/pglite.ts'
import { type DictionaryView, readDictionary } from '../src/db/dictionary.ts'

const head = `# Data dictionary

Printed from the comments in the database by \`npm run dictionary:print\`; \`\\d+ analytics.logins\` in psql shows the same. How to get
there: [sql-for-analysts.md](sql-for-analysts.md). A pseudonym is 24 hex digits behind a word that says of what (\`account_…\`): the same in
every view of a tenant for as long as its key lives, another one in another tenant.
`

const cell = (text: string | null): string => (text ?? '').replaceAll('|', '\\|')

const section = ({ name, comment, columns }: DictionaryView): string =>
  [
    `\n## analytics.${name}\n`,
    `${comment ?? ''}\n`,
    '| column | type | |\n|---|---|---|',
    ...columns.map(column => `| \`${column.name}\` | ${spelled(column.type)} | ${cell(column.comment)} |`),
  ].join('\n')

const spelled = (type: string): string => type.replace(/timestamp(\(\d\))? with time zone/, 'timestamptz')

/** The whole file. */
export const printedDictionary = (views: readonly DictionaryView[]): string =>
  `${head}${views.map(view => `${section(view)}\n`).join('')}`

if (import.meta.main) {
  const connection = await connectPglite(null)
  await connection.migrate()
  const views = await readDictionary(connection)
  await connection.close()
  writeFileSync(new URL('../docs/data-dictionary.md', import.meta.url), printedDictionary(views))
}
