// What the schema's own scalars take from a caller.

import { assertScalarType } from 'graphql'
import { describe, expect, it } from 'vitest'
import { schema } from '../../src/schema/schema.ts'

describe('a DateTime', () => {
  const dateTime = assertScalarType(schema.getType('DateTime'))

  it.each([
    ['2026-11-20T08:00:00.000Z', '2026-11-20T08:00:00.000Z'],
    ['2026-11-20T08:00:00+08:00', '2026-11-20T00:00:00.000Z'],
    ['2028-02-29T23:59:59.999-01:00', '2028-03-01T00:59:59.999Z'],
    ['0001-01-01T00:00:00Z', '0001-01-01T00:00:00.000Z'],
  ])('written %s is %s', (written, moment) => {
    expect(dateTime.serialize(dateTime.parseValue(written))).toBe(moment)
  })

  it.each([
    '2026-02-31T00:00:00Z',
    '2026-02-29T00:00:00+01:00',
    '2026-04-31T00:00:00Z',
    '2026-13-01T00:00:00Z',
    '2026-11-20',
    '2026-11-20T08:00:00',
    '0000-01-01T00:00:00Z',
    '0001-01-01T00:00:00+01:00',
    1_763_625_600_000,
  ])('written %s is none', written => {
    expect(() => dateTime.parseValue(written)).toThrow('ISO 8601')
  })
})
