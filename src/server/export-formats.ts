// How rows look in a file: CSV (RFC 4180) whose cells no spreadsheet takes for formulas, or a JSON object per line. Knows
// neither HTTP nor where rows come from.

import { type ExportedLogin, exportColumns } from '../resolvers/export-logins.ts'

export interface ExportFormat {
  readonly name: 'csv' | 'ndjson'
  /** `first`: from the first row on, and not going on behind a cursor. */
  readonly type: (first: boolean) => string
  /** What stands before the first row of a whole file. */
  readonly header: string
  readonly row: (row: ExportedLogin) => string
}

/**
 * How a cell begins that some spreadsheet would run (OWASP, CSV injection; the wide ones in Chinese and Japanese editions).
 * The apostrophe is among them so that a leading one is always ours: taken away, it leaves the text to the letter.
 */
const dangerous = /^['=+\-@\t\r\n＝＋－＠]/
/** The one kind of text that begins so and is harmless: many codes of upstreams are `-1001` and the like. */
const number = /^[+-]?\d+(\.\d+)?$/
const delicate = /[",\r\n]/

/** Null is an empty cell, an empty text a quoted one. */
const cell = (value: string | number | boolean | null): string => {
  if (value === null) return ''
  if (typeof value !== 'string') return String(value)
  if (value === '') return '""'
  const harmless = dangerous.test(value) && !number.test(value) ? `'${value}` : value
  return delicate.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless
}

const csvRow = (row: ExportedLogin): string => {
  let line = ''
  for (const column of exportColumns) line += line === '' ? cell(row[column]) : `,${cell(row[column])}`
  return `${line}\r\n`
}

export const exportFormats: readonly ExportFormat[] = [
  {
    name: 'csv',
    type: first => `text/csv; charset=utf-8; header=${first ? 'present' : 'absent'}`,
    header: `${exportColumns.join(',')}\r\n`,
    row: csvRow,
  },
  {
    name: 'ndjson',
    type: () => 'application/x-ndjson; charset=utf-8',
    header: '',
    row: row => `${JSON.stringify(row)}\n`,
  },
]
