// npm run mutants: alters the transition table one row at a time and says which alterations no sentence notices.

import { rows } from '../src/login/transition.ts'
import { cases } from '../test/login/cases/all.ts'
import { mutantsOf, survivors } from '../test/login/mutants.ts'

const mutants = mutantsOf(rows, cases)
const alive = survivors(mutants, cases)
for (const name of alive) console.log(`survives: ${name}`)
console.log(
  `${rows.length} rows, ${cases.length} sentences, ${mutants.length} alterations, ${alive.length} survivors`,
)
process.exitCode = alive.length === 0 ? 0 : 1
