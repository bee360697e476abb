// What to type once a database is filled. Refuses to know what it was filled with; repeats nothing of a database's address.

import type { Engine } from '../src/db/open-store.ts'

const question = '  { loginStats(groupBy: [PROVINCE]) { keys { value } started confirmed successRate } }'

/** Lines, for a shell where the folder is not the usual one. */
export const nextSteps = (engine: Engine): string => {
  if (engine.kind === 'postgres')
    return [
      'Next: docs/sql-for-analysts.md for SQL. For GraphQL: npm start, which names the variables that it needs beside DATABASE_URL',
      '(GATEHOUSE_PROFILE=development brings GraphiQL and a simulator), and ask, for instance',
      question,
    ].join('\n')
  // Null: in memory, which no command ever fills.
  const folder = engine.dataDir ?? '.data'
  const at = folder === '.data' ? '' : `DATA_DIR=${quoted(folder)} `
  return [
    `Next: ${at}npm start, and ask it in GraphiQL (its key: ${at}npm run keys -- show), for instance`,
    question,
  ].join('\n')
}

/** A word as a shell takes it. */
const quoted = (word: string): string =>
  /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`
