// What comments, tests and scenarios cite, `P 3.2` or `S2:31`, has its place in docs/open-dialect.md or docs/ipad-dialect.md.

import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'

const self = fileURLToPath(import.meta.url)
const root = resolve(dirname(self), '../..')

/** A lone P and one digit, or a lone S and a page: neither `HTTP 401` nor `P99`, `P 99` or `PS3:1`. */
const citation = /(?<![\w-])(?:P \d(?:\.\d+)?(?!\w)|S\d:\d+(?!\w))/g

const citationsIn = (text: string): readonly string[] => text.match(citation) ?? []

const page = ['docs/open-dialect.md', 'docs/ipad-dialect.md']
  .map(name => readFileSync(join(root, name), 'utf8'))
  .join('\n')

/** Headings `## P 1 …` and `### P 3.2 …`, and entries `- **S2:31** …`. */
const places = [...page.matchAll(/^(?:#{2,3} (P \d(?:\.\d+)?) |- \*\*(S\d:\d+)\*\* )\S/gm)].map(
  ([, section, line]) => section ?? line ?? '',
)

const files = ['src', 'client', 'simulator', 'seed', 'bench', 'docs/adr', 'test']
  .flatMap(folder =>
    readdirSync(join(root, folder), { withFileTypes: true, recursive: true })
      .filter(entry => entry.isFile() && /\.(?:ts|json|md|html|graphql)$/.test(entry.name))
      .map(entry => join(entry.parentPath, entry.name)),
  )
  .filter(file => file !== self)

const unresolved = (text: string): readonly string[] =>
  citationsIn(text).filter(cited => !places.includes(cited))

describe('citations of the dialects', () => {
  it.each([
    ['(P 3.2, P 6.1)', ['P 3.2', 'P 6.1']],
    ['P 1: answers come with 200', ['P 1']],
    ['as it is (P 3).', ['P 3']],
    ['S0:7, S2:31 and S4:18', ['S0:7', 'S2:31', 'S4:18']],
    ['P99, P 99, HTTP 401, STEP 3, PS3:1, p 3.2, S3, S3:1a', []],
  ])('reads %s', (text, cited) => {
    expect(citationsIn(text)).toEqual(cited)
  })

  it('has each place once', () => {
    expect(places.filter((place, index) => places.indexOf(place) !== index)).toEqual([])
  })

  it('resolves all of them', () => {
    const lost = files.flatMap(file =>
      unresolved(readFileSync(file, 'utf8')).map(cited => `${relative(root, file)}: ${cited}`),
    )
    expect(lost).toEqual([])
    expect(files.flatMap(file => citationsIn(readFileSync(file, 'utf8'))).length).toBeGreaterThan(300)
  })

  it('resolves those of the pages themselves', () => {
    expect(unresolved(page)).toEqual([])
  })
})
