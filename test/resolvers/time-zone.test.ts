import { describe, expect, test } from 'vitest'
import { timeZoneOf } from '../../src/resolvers/time-zone.ts'

const refusalOf = (name: string): string => {
  try {
    return `taken as ${timeZoneOf(name)}`
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}

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
  ])('%s is taken for a slip', (name, meant) => {
    expect(refusalOf(name)).toContain(`did you mean ${meant}?`)
  })

  test('a name of any length is refused at once, and shortened', () => {
    expect(refusalOf('Z'.repeat(100_000)).length).toBeLessThan(200)
  })
})
