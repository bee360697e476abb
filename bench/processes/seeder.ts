// Fills a database with a made-up history, as `npm run seed` does: in a process of its own, since no gateway that is asked
// about millions of logins has made them.

import { type Seeded, seedHistory } from '../../seed/seed.ts'
import { connectPostgres } from '../../src/db/connection/postgres.ts'
import { answerParent } from '../support/child.ts'
import { say } from '../support/say.ts'

export interface Wanted {
  readonly url: string
  readonly logins: number
  readonly days: number
}

const seed = async ({ url, logins, days }: Wanted): Promise<Seeded> => {
  const connection = await connectPostgres({ url })
  let told = 0
  try {
    return await seedHistory({
      connection,
      logins,
      days,
      seed: 'history',
      progress: {
        copied: count => {
          if (count - told < logins / 10) return
          told = count
          say(`history: ${count} logins`)
        },
        phase: name => say(`history: ${name.toLowerCase()}`),
        counted: () => {},
      },
    })
  } finally {
    await connection.close()
  }
}

const verbs = { seed }

export type Seeder = typeof verbs

answerParent(verbs)
