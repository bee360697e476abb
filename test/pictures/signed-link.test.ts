// Who holds a link may look at one picture of one tenant for a while; who changes it may not.

import { randomBytes } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { signedLinks } from '../../src/pictures/signed-link.ts'

const now = Date.parse('2026-11-20T12:34:56Z')
const minute = 60_000
const links = signedLinks(randomBytes(32))
const link = { tenant: 'default', pictureId: '0193-a' }
const signed = links.sign(link, now)

describe('a signed link', () => {
  it('leads to its picture, and fits into a path', () => {
    expect(links.verify(signed, now)).toEqual(link)
    expect(signed).toMatch(/^[\w.-]+$/)
  })

  it.each(['12:00:00.000', '12:34:56.000', '12:44:59.999'])(
    'made at %s lives an hour at least, and a quarter more at most',
    time => {
      const made = Date.parse(`2026-11-20T${time}Z`)
      const one = links.sign(link, made)
      expect(links.verify(one, made + 60 * minute)).toEqual(link)
      expect(links.verify(one, made + 75 * minute)).toBeNull()
    },
  )

  it('stays the same for a while, so that a page keeps its copy of the picture', () => {
    expect(links.sign(link, now + minute)).toBe(signed)
  })

  it('is of one tenant, one picture and one secret', () => {
    const others = [
      links.sign({ ...link, tenant: 'other' }, now),
      links.sign({ ...link, pictureId: '0193-b' }, now),
      signedLinks(randomBytes(32)).sign(link, now),
    ]
    expect(new Set([signed, ...others]).size).toBe(4)
    expect(links.verify(others[2] ?? '', now)).toBeNull()
  })

  it('does not run two names together', () => {
    const one = links.sign({ tenant: 'a', pictureId: 'bc' }, now)
    expect(one).not.toBe(links.sign({ tenant: 'ab', pictureId: 'c' }, now))
  })

  it.each([
    ['nothing', ''],
    ['a dot', '.'],
    ['only its payload', signed.split('.')[0] ?? ''],
    ['only its signature', `.${signed.split('.')[1]}`],
    ['a part too many', `${signed}.x`],
    ['a blank', `${signed} `],
    ['padding', `${signed}=`],
    ['a longer life', resigned([link.tenant, link.pictureId, now * 2])],
    ['another tenant', resigned(['other', link.pictureId, now + minute])],
  ])('is none with %s', (_name, spoilt) => {
    expect(links.verify(spoilt, now)).toBeNull()
  })

  it('is none with any one character changed, dropped or doubled', () => {
    for (let at = 0; at < signed.length; at++) {
      const [before, here, after] = [signed.slice(0, at), signed[at] ?? '', signed.slice(at + 1)]
      for (const other of ['A', 'b', '-', '~', '']) {
        if (other !== here) expect(links.verify(before + other + after, now)).toBeNull()
      }
      expect(links.verify(before + here + here + after, now)).toBeNull()
    }
  })

  it('is never guessed, and nothing that is sent makes it throw', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string({ unit: 'binary' }),
          fc.tuple(fc.base64String(), fc.base64String()).map(p => p.join('.')),
        ),
        text => {
          expect(links.verify(text, now)).toBeNull()
        },
      ),
    )
  })
})

/** The old signature under other words. */
function resigned(payload: unknown): string {
  return `${Buffer.from(JSON.stringify(payload)).toString('base64url')}.${signed.split('.')[1]}`
}
