// The arguments that lists share.

import { builder } from './builder.ts'

export const forwardArgs = builder.args(t => ({
  first: t.int({ description: 'How many: 20 unless said, 100 at most.' }),
  after: t.string({ description: 'Only what comes after this cursor.' }),
}))

export const pageArgs = builder.args(t => ({
  first: t.int({ description: 'How many from the front: 20 unless said, 100 at most.' }),
  after: t.string({ description: 'Only what comes after this cursor.' }),
  last: t.int({ description: 'How many from the end, 100 at most; not together with `first`.' }),
  before: t.string({ description: 'Only what comes before this cursor.' }),
}))
