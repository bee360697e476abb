// What somebody types who comes from the README's history: the pages go on with the folder that it filled.

import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'

const read = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8')
const commandsOf = (text: string) => (/```sh\n([\s\S]*?)```/.exec(text)?.[1] ?? '').trim().split('\n')
const bare = (command: string | undefined) => command?.replace(/\s+#.*$/, '')

const readme = read('README.md')
const [seed, start] = commandsOf(readme.slice(readme.indexOf('## Ask the history')))

test('docs/analysts.md asks the history that the README makes', () => {
  expect(seed).toMatch(/^DATA_DIR=\.history npm run seed -- /)
  expect(commandsOf(read('docs/analysts.md')).map(bare)).toEqual([seed, start].map(bare))
})

test.each(['docs/seed.md', 'docs/export.md'])('%s begins with commands that name their database', path => {
  for (const command of commandsOf(read(path)).filter(line => !line.includes('--help')))
    expect(command).toMatch(/^(?:DATA_DIR=\.history|DATABASE_URL=\S+) npm run /)
})
