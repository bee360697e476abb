// What a login is, and what drives it, knows capabilities and no dialect by name. IPAD is a type of device there.

import { globSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { dialectNames } from '../../src/provider/dialects.ts'

const root = new URL('../../', import.meta.url)
const named = new RegExp(`['"\`](?:${dialectNames.join('|')})['"\`]`, 'iu')

const linesNaming = (folder: string): readonly string[] =>
  globSync(`src/${folder}/**/*.ts`, { cwd: root }).flatMap(file =>
    readFileSync(new URL(file, root), 'utf8')
      .split('\n')
      .filter(line => named.test(line) && !/device_?type/iu.test(line))
      .map(line => `${file}: ${line.trim()}`),
  )

describe('no dialect is named', () => {
  it.each(['login', 'bus', 'pictures'])('in src/%s', folder => {
    expect(linesNaming(folder)).toEqual([])
  })

  it('and a line that did would be found', () => {
    expect(linesNaming('provider').length).toBeGreaterThan(0)
    expect(named.test("if (dialect === 'ipad')")).toBe(true)
  })
})
