// DateTime and URL. Moments are milliseconds everywhere behind the schema and ISO 8601 in front of it.

import { GraphQLError, type ValueNode, valueFromASTUntyped } from 'graphql'
import type { Millis } from '../login/vocabulary.ts'
import { builder } from './builder.ts'

/** From the year 1 on: Postgres has no year 0. */
const isoInstant = /^(?!0000)(\d{4}-\d{2}-\d{2})T\d{2}:\d{2}:\d{2}(\.\d{1,9})?(Z|[+-]\d{2}:\d{2})$/

/** `Date.parse` takes the 31st of February for the 3rd of March. */
const isInCalendar = (day: string): boolean => {
  const midnight = Date.parse(day)
  return !Number.isNaN(midnight) && new Date(midnight).toISOString().startsWith(day)
}

/** The moments of a login are told again with every event: those told lately are kept as text, by their last bits. */
const kept = 1_024
const moments = new Float64Array(kept).fill(Number.NaN)
const texts: string[] = Array.from({ length: kept }, () => '')

const textOf = (millis: Millis): string => {
  // What is no number must not be kept as one.
  if (typeof millis !== 'number') return new Date(millis).toISOString()
  const place = millis & (kept - 1)
  if (moments[place] !== millis) {
    texts[place] = new Date(millis).toISOString()
    moments[place] = millis
  }
  return texts[place] ?? ''
}

const firstMoment = Date.parse('0001-01-01T00:00:00Z')
const lastMoment = Date.parse('9999-12-31T23:59:59.999Z')

const quotedLength = 40

/** What a caller gave, short and on one line, for them to find it again. */
const quoted = (value: unknown): string => {
  if (typeof value !== 'string')
    return Array.isArray(value)
      ? 'A list'
      : typeof value === 'object' && value !== null
        ? 'An object'
        : `${value}`
  const letters = [...value.slice(0, 4 * quotedLength)]
  const shown = letters.slice(0, quotedLength).join('')
  // What turns texts round or hides in them is not handed on.
  const plain = shown.replace(/[\p{C}\p{Zl}\p{Zp}]/gu, '?')
  return `"${plain}${letters.length > quotedLength ? '…' : ''}"`
}

/** `node`: where it stands in the document; null: it came as a variable, whose place graphql-js adds. */
const refused = (message: string, node: ValueNode | null): GraphQLError =>
  new GraphQLError(message, { nodes: node, extensions: { code: 'BAD_USER_INPUT' } })

const readMoment = (value: unknown, node: ValueNode | null): Millis => {
  const [text = '', day = ''] = (typeof value === 'string' && isoInstant.exec(value)) || []
  const millis = isInCalendar(day) ? Date.parse(text) : Number.NaN
  if (Number.isNaN(millis) || millis < firstMoment || millis > lastMoment)
    throw refused(
      `${quoted(value)} is no DateTime: write ISO 8601 with a time zone, such as 2026-11-20T08:00:00.000Z.`,
      node,
    )
  return millis
}

/** A link may hold a key: it is not quoted. */
const readUrl = (value: unknown, node: ValueNode | null): string => {
  if (typeof value !== 'string' || !URL.canParse(value)) throw refused('This is no absolute URL.', node)
  return value
}

builder.scalarType('DateTime', {
  description: 'A moment in ISO 8601, in UTC and with milliseconds, such as `2026-11-20T08:00:00.000Z`.',
  specifiedByURL: 'https://scalars.graphql.org/andimarek/date-time',
  serialize: textOf,
  parseValue: value => readMoment(value, null),
  parseLiteral: node => readMoment(valueFromASTUntyped(node), node),
})

builder.scalarType('URL', {
  description: 'An absolute link. It is checked, and handed on character by character as it came.',
  specifiedByURL: 'https://url.spec.whatwg.org/',
  serialize: url => url,
  parseValue: value => readUrl(value, null),
  parseLiteral: node => readUrl(valueFromASTUntyped(node), node),
})
