// Where the migrations are. The drivers' own migrators apply them.

import { fileURLToPath } from 'node:url'

export const migrationsFolder = fileURLToPath(new URL('../../drizzle', import.meta.url))
