// Who may import whom, as ARCHITECTURE.md draws it. An import that goes the wrong way fails here by name.

import { readdirSync, readFileSync, statSync } from 'node:fs'
import { dirname, join, relative, resolve, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'

const root = resolve(dirname(fileURLToPath(import.meta.url)), '..')

interface Rule {
  /** Places of ours; `login:types` allows nothing but types. */
  readonly ours: readonly string[]
  /** Packages and `node:` modules; null: any. */
  readonly packages: readonly string[] | null
}

/** The table of ARCHITECTURE.md. Every folder may import itself. */
const table: Readonly<Record<string, Rule>> = {
  'src/login': { ours: [], packages: [] },
  'src/errors.ts': { ours: ['src/login:types'], packages: [] },
  'src/bus': { ours: [], packages: ['node:'] },
  'src/provider': { ours: ['src/login:types'], packages: ['undici', 'node:'] },
  'src/pictures': { ours: ['src/provider/http'], packages: ['ipaddr.js', 'zxing-wasm', 'node:'] },
  'src/db': {
    ours: ['src/login'],
    packages: ['drizzle-orm', 'postgres', '@electric-sql/pglite', 'node:'],
  },
  'src/poller': {
    ours: ['src/login', 'src/provider', 'src/pictures', 'src/db:types', 'src/bus'],
    packages: ['node:'],
  },
  'src/resolvers': {
    ours: ['src/login', 'src/db:types', 'src/bus', 'src/errors.ts', 'src/provider:types'],
    packages: ['node:'],
  },
  'src/schema': {
    ours: ['src/resolvers', 'src/login', 'src/errors.ts', 'src/db:types'],
    packages: ['graphql', '@pothos/'],
  },
  'src/server': {
    ours: ['src/schema', 'src/resolvers', 'src/pictures', 'src/errors.ts', 'src/db:types'],
    packages: null,
  },
  'src/config.ts': { ours: ['src'], packages: null },
  'src/app.ts': { ours: ['src', 'simulator'], packages: null },
  'src/main.ts': { ours: ['src'], packages: null },
  simulator: { ours: [], packages: null },
  client: { ours: [], packages: null },
  examples: { ours: [], packages: null },
  seed: { ours: ['src/db', 'src/login'], packages: ['node:'] },
}

interface Import {
  readonly from: string
  readonly to: string
  readonly typesOnly: boolean
}

const sources = (folder: string): readonly string[] =>
  readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .map(name => join(folder, name))
    .filter(name => name.endsWith('.ts') && statSync(join(root, name)).isFile())
    .map(name => name.split(sep).join('/'))

const statement =
  /(?:^|\n)\s*(?:import|export)\s+(type\s+)?([^'"`;]*?\s+from\s+)?['"]([^'"]+)['"]|\bimport\(\s*['"]([^'"]+)['"]\s*\)/gu

/** `import { type A, type B }` imports types only as well. */
const namesTypesOnly = (clause: string | undefined): boolean => {
  const names = /\{([^}]*)\}/u.exec(clause ?? '')?.[1]
  if (names === undefined || /[\w*]\s*,?\s*\{/u.test((clause ?? '').replace(/^\s*/u, ''))) return false
  const listed = names
    .split(',')
    .map(name => name.trim())
    .filter(name => name !== '')
  return listed.length > 0 && listed.every(name => name.startsWith('type '))
}

const importsOf = (file: string, text: string): readonly Import[] =>
  [...text.matchAll(statement)].flatMap(([, type, clause, from, dynamic]) => {
    const to = from ?? dynamic
    return to === undefined
      ? []
      : [{ from: file, to, typesOnly: type !== undefined || namesTypesOnly(clause) }]
  })

const placeOf = (file: string): string | undefined =>
  Object.keys(table).find(place => file === place || file.startsWith(`${place}/`))

/** Null: allowed. Else the sentence that says what is wrong. */
const problemWith = (one: Import): string | null => {
  const place = placeOf(one.from)
  if (place === undefined) return `${one.from} lies in no place that the table names`
  const rule = table[place]
  if (rule === undefined) return null
  if (!one.to.startsWith('.')) {
    const allowed =
      rule.packages === null ||
      rule.packages.some(
        name =>
          one.to === name || one.to.startsWith(name.endsWith('/') || name.endsWith(':') ? name : `${name}/`),
      )
    return allowed ? null : `${one.from} imports ${one.to}, and ${place} may not use that package`
  }
  const target = relative(root, resolve(root, dirname(one.from), one.to))
    .split(sep)
    .join('/')
  if (target.startsWith(`${place}/`) || target === place) return null
  const allowed = rule.ours.some(ours => {
    const [folder, only] = ours.split(':')
    const inside = folder !== undefined && (target === folder || target.startsWith(`${folder}/`))
    return inside && (only === undefined || one.typesOnly)
  })
  return allowed ? null : `${one.from} imports ${target}, and ${place} may not import that`
}

const everything = ['src', 'simulator', 'client', 'examples', 'seed'].flatMap(sources)

describe('the import table', () => {
  it('holds for every import', () => {
    const imports = everything.flatMap(file => importsOf(file, readFileSync(join(root, file), 'utf8')))
    expect(imports.length).toBeGreaterThan(100)
    expect(imports.map(problemWith).filter(problem => problem !== null)).toEqual([])
  })

  it('is the one that ARCHITECTURE.md shows', () => {
    const shown = readFileSync(join(root, 'ARCHITECTURE.md'), 'utf8')
    for (const place of Object.keys(table)) expect(shown).toContain(`\`${place}\``)
  })

  it.each([
    ['src/login/x.ts', "import { sql } from 'drizzle-orm'", 'may not use that package'],
    ['src/login/x.ts', "import { readFile } from 'node:fs'", 'may not use that package'],
    ['src/schema/x.ts', "import { openStore } from '../db/open-store.ts'", 'may not import that'],
    ['src/schema/x.ts', "import { type Store, openStore } from '../db/open-store.ts'", 'may not import that'],
    ['src/resolvers/x.ts', "import { request } from 'undici'", 'may not use that package'],
    ['src/provider/x.ts', "import { transition } from '../login/transition.ts'", 'may not import that'],
    ['src/bus/x.ts', "import type { Turn } from '../db/store.ts'", 'may not import that'],
    ['src/server/x.ts', "export { startPoller } from '../poller/poller.ts'", 'may not import that'],
    ['src/poller/x.ts', "const late = await import('../server/server.ts')", 'may not import that'],
    ['client/x.ts', "import { transition } from '../src/login/transition.ts'", 'may not import that'],
    ['simulator/x.ts', "import type { Profile } from '../src/login/vocabulary.ts'", 'may not import that'],
    ['src/attic/x.ts', "import { a } from './a.ts'", 'lies in no place'],
  ])('refuses %s: %s', (file, text, problem) => {
    expect(importsOf(file, text).map(problemWith)).toEqual([expect.stringContaining(problem)])
  })

  it('lets types through where only types may pass', () => {
    for (const text of [
      "import type { Store } from '../db/store.ts'",
      "import { type Store, type Turn } from '../db/store.ts'",
    ])
      expect(importsOf('src/schema/x.ts', text).map(problemWith)).toEqual([null])
  })
})

describe('every module of ours', () => {
  it('can be imported with an empty environment, and does nothing by it', async () => {
    const entries = new Set([
      'src/main.ts',
      'simulator/main.ts',
      'client/terminal/main.ts',
      'client/import/main.ts',
      'client/presence/main.ts',
      'client/export/main.ts',
      'seed/main.ts',
    ])
    const modules = everything.filter(file => !entries.has(file) && !file.startsWith('examples/'))
    const { execFileSync } = await import('node:child_process')
    const script = `for (const file of ${JSON.stringify(modules)}) await import(${JSON.stringify(`${root}/`)} + file)`
    const output = execFileSync(process.execPath, ['--input-type=module', '--eval', script], {
      cwd: root,
      env: {},
      encoding: 'utf8',
      timeout: 60_000,
    })
    expect(output).toBe('')
  })
})
