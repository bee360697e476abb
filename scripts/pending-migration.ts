// What `npm run db:generate` would write now: nothing, where the tables in code and the migrations agree. Writes no file.

import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { generateDrizzleJson, generateMigration } from 'drizzle-kit/api'
import { migrationsFolder } from '../src/db/migrations.ts'

/** Statements that bring the last snapshot to the tables in code. */
export const pendingMigration = async (): Promise<readonly string[]> => {
  const folder = fileURLToPath(new URL('../src/db/tables/', import.meta.url))
  const modules = await Promise.all((await readdir(folder)).map(name => import(join(folder, name))))
  const meta = join(migrationsFolder, 'meta')
  const newest = (await readdir(meta))
    .filter(name => name.endsWith('_snapshot.json'))
    .toSorted()
    .at(-1)
  if (newest === undefined) throw new Error('There is no snapshot of the tables in drizzle/meta')
  const saved = JSON.parse(await readFile(join(meta, newest), 'utf8')) as Parameters<
    typeof generateMigration
  >[0]
  const tables = Object.assign({}, ...modules) as Record<string, unknown>
  return await generateMigration(saved, generateDrizzleJson(tables, saved.id))
}
