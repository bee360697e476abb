// P 3.6: 03:00 to 03:15 in Shanghai.

import { expect, it } from 'vitest'
import { isSelfCheck } from '../../src/provider/self-check.ts'

it.each([
  ['2026-11-20T02:59:59.999+08:00', false],
  ['2026-11-20T03:00:00.000+08:00', true],
  ['2026-11-20T03:14:59.999+08:00', true],
  ['2026-11-20T03:15:00.000+08:00', false],
  ['2026-07-20T03:05:00.000+08:00', true],
  ['2026-11-19T19:05:00.000Z', true],
  ['2026-11-20T03:05:00.000Z', false],
])('%s: %s', (moment, expected) => {
  expect(isSelfCheck(Date.parse(moment))).toBe(expected)
})
