// The subscriptions to a login that we ask for ourselves, read from where they are written down: README, docs, examples, clients.

import { glob, readFile } from 'node:fs/promises'

const root = new URL('../../', import.meta.url)
const written = ['*.md', 'docs/**/*.md', 'examples/**/*.{md,ts}', 'client/**/*.{md,ts}']

export interface OwnOperation {
  readonly file: string
  /** Of `$loginId`, and of `$after` where its author leaves that open. */
  readonly query: string
}

export const ownOperations = async (): Promise<readonly OwnOperation[]> => {
  const found: OwnOperation[] = []
  for await (const file of glob(written, { cwd: root }))
    for (const query of await subscriptionsIn(file))
      if (query.includes('loginProgress')) found.push({ file, query: asked(query) })
  return found.toSorted((one, other) => one.file.localeCompare(other.file))
}

const subscriptionsIn = async (file: string): Promise<readonly string[]> => {
  const text = await readFile(new URL(file, root), 'utf8')
  const inText = file.endsWith('.md')
    ? /```graphql\s+(subscription\b.*?)```/gsu
    : /`\s*(subscription\b.*?)`/gsu
  const literal = [...text.matchAll(inText)].map(([, query = '']) => query)
  if (!literal.some(query => query.includes('${'))) return literal
  // Put together of parts: what the module makes of them.
  const module: Record<string, unknown> = await import(new URL(file, root).href)
  return Object.values(module).filter(
    (value): value is string => typeof value === 'string' && /^\s*subscription\b/u.test(value),
  )
}

/** Where it is to be pasted, an id stands for a variable. */
const asked = (query: string): string =>
  query.replace(/^subscription \{/u, 'subscription ($loginId: ID!) {').replaceAll('"<id>"', '$loginId')
