// Moments that the calendar has and the database has not.

import { assertScalarType } from 'graphql'
import { expect, it } from 'vitest'
import { schema } from '../../src/schema/schema.ts'

it.each(['9999-12-31T23:59:59-01:00', '9999-12-31T12:00:00-23:59'])(
  'a DateTime in the year 10000 is none: %s reaches the database as +010000-…, which it refuses',
  written => {
    const dateTime = assertScalarType(schema.getType('DateTime'))
    expect(() => dateTime.parseValue(written)).toThrow('ISO 8601')
  },
)
