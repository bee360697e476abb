// npm run schema:print: writes schema.graphql from the schema as the code declares it.

import { writeFileSync } from 'node:fs'
import { lexicographicSortSchema, printSchema } from 'graphql'
import { schema } from '../src/schema/schema.ts'

/** In a stable order, so that a change of the API is a change of the file and nothing else is. */
export const printedSchema = (): string => `${printSchema(lexicographicSortSchema(schema))}\n`

if (import.meta.main) writeFileSync(new URL('../schema.graphql', import.meta.url), printedSchema())
