// The builder that every noun of the schema is declared with. Fields are not null unless they say so; refusals are
// thrown by resolvers and become members of a mutation's result.

import SchemaBuilder from '@pothos/core'
import ErrorsPlugin from '@pothos/plugin-errors'
import type { Millis } from '../login/vocabulary.ts'
import type { Context } from '../resolvers/context.ts'

export const builder = new SchemaBuilder<{
  Context: Context
  DefaultFieldNullability: false
  Scalars: {
    ID: { Input: string; Output: string }
    DateTime: { Input: Millis; Output: Millis }
    URL: { Input: string; Output: string }
  }
}>({
  plugins: [ErrorsPlugin],
  defaultFieldNullability: false,
  errors: { defaultTypes: [] },
})
