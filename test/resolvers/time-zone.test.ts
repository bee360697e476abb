import { describe, expect, test, vi } from 'vitest'
import { distance } from '../../src/login/distance.ts'
import { timeZoneOf } from '../../src/resolvers/time-zone.ts'
import { comparedBy } from '../support/compared.ts'

vi.mock(import('../../src/login/distance.ts'), { spy: true })

const refusalOf = (name: string): string => {
  try {
    return `taken as ${timeZoneOf(name)}`
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}

/** Pairs of letters compared for these names, all of them unknown. */
const comparedFor = (names: readonly string[]): number => {
  vi.mocked(distance).mockClear()
  for (const name of names) expect(refusalOf(name)).toContain('is no IANA time zone')
  return comparedBy(vi.mocked(distance).mock.calls)
}

/** As many as one operation may have aliases. */
const sixty = (text: string): readonly string[] =>
  Array.from({ length: 60 }, (_, index) => text.slice(0, -2) + String(index).padStart(2, '0'))

/** Pairs for one name: a third of what twelve letters against every spelling would be. */
const most = 40_000

const long = '0America/Argentina/ComodRivadaviaAmerica/Argentina/ComodRivadavi'

describe('a time zone', () => {
  test.each([
    'Asia/Shanghai',
    'UTC',
    'PRC',
    'EST5EDT',
    'Etc/GMT+8',
    'America/Argentina/Salta',
    'asia/kolkata',
  ])('%s is one of IANA', name => {
    expect(timeZoneOf(name)).toBe(name)
  })

  // China's, America's or Cuba's time; India's, Israel's or Ireland's.
  test.each([
    'CST',
    'IST',
    'BST',
    'ACT',
    'CTT',
    'SST',
    'JST',
    '+08:00',
    'UTC+8',
    'GMT+8',
    '',
    '../etc/passwd',
  ])('%j stands for several, or for none', name => {
    expect(refusalOf(name)).toBe(
      `\`timeZone\`: ${JSON.stringify(name)} is no IANA time zone: give a name such as Asia/Shanghai or UTC.`,
    )
  })

  test.each([
    ['Asia/Bejing', 'Asia/Shanghai'],
    ['Beijing', 'Asia/Shanghai'],
    ['New York', 'America/New_York'],
    ['Europe/Berln', 'Europe/Berlin'],
    ['Asia/Shangai', 'Asia/Shanghai'],
    ['europe/londn', 'Europe/London'],
    ['America/Los_Angelos', 'America/Los_Angeles'],
    ['Los Angeles', 'America/Los_Angeles'],
    ['Amerika/Nev_Jork', 'America/New_York'],
  ])('%s is taken for a slip', (name, meant) => {
    expect(refusalOf(name)).toContain(`did you mean ${meant}?`)
  })

  test('a name of any length is refused at once, and shortened', () => {
    expect(refusalOf('Z'.repeat(100_000)).length).toBeLessThan(200)
  })

  test.each(['Asia/Shangha', 'America/Argentina/ComodRivadav'])('sixty of %s are soon refused', name => {
    const compared = comparedFor(sixty(name))
    expect(compared).toBeGreaterThan(0)
    expect(compared).toBeLessThan(60 * most)
  })

  test.each([long, long.repeat(3)])('sixty of %s are compared with nothing: no zone is as long', name => {
    expect(comparedFor(sixty(name))).toBe(0)
  })

  test('little is compared for a name, however long it is', () => {
    for (const letter of ['a', '/', '_', '東'])
      for (let length = 1; length <= 200; length++)
        expect(comparedFor([letter.repeat(length)])).toBeLessThan(most)
  })
})
