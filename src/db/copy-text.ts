// Rows as the text format of COPY: tabs between columns, a line each, \N for null. Pure; knows no connection. It has to keep up with
// millions of rows, so that each table's columns are looked at once.

import { getTableColumns, getTableName } from 'drizzle-orm'
import type { PgColumn, PgTable } from 'drizzle-orm/pg-core'

export interface CopyText<Row> {
  /** What follows COPY: the table and its columns. */
  readonly target: string
  readonly columns: readonly string[]
  /** With its line break. */
  line(row: Row): string
}

/** A row with all that can be written of it: not what the database computes. */
export type CopiedRow<Table extends PgTable> = Pick<
  Table['$inferSelect'],
  keyof Table['$inferInsert'] & keyof Table['$inferSelect']
>

/** Every column is written: what a row lacks is null, whatever its default. */
export const copyTextOf = <Table extends PgTable>(table: Table): CopyText<CopiedRow<Table>> => {
  const columns = Object.entries(getTableColumns(table) as Record<string, PgColumn>).filter(
    ([, column]) => column.generated === undefined,
  )
  const names = columns.map(([, column]) => `"${column.name}"`).join(', ')
  const keys = columns.map(([key]) => key)
  const kinds = columns.map(([, column]) => kindOf(column))
  return {
    target: `"${getTableName(table)}" (${names})`,
    columns: columns.map(([, column]) => column.name),
    line: row => {
      const values = row as Readonly<Record<string, unknown>>
      let line = ''
      for (let index = 0; index < keys.length; index += 1) {
        if (index > 0) line += '\t'
        const value = values[keys[index] ?? '']
        line += value === null || value === undefined ? '\\N' : spelled(kinds[index] ?? 'TEXT', value)
      }
      return `${line}\n`
    },
  }
}

type Kind = 'PLAIN' | 'BOOLEAN' | 'JSON' | 'MOMENT' | 'BYTES' | 'TEXT'

const kindOf = (column: PgColumn): Kind => {
  const type = column.getSQLType()
  if (type === 'uuid' || type === 'date' || type === 'integer') return 'PLAIN'
  if (type === 'boolean') return 'BOOLEAN'
  if (type === 'jsonb') return 'JSON'
  if (type.startsWith('timestamp')) return 'MOMENT'
  if (type === 'bytea') return 'BYTES'
  if (type === 'text') return 'TEXT'
  throw new Error(`COPY of the type ${type} is not known here`)
}

/** One function for all kinds: a list of them, one per column, takes twice as long. */
const spelled = (kind: Kind, value: unknown): string => {
  switch (kind) {
    case 'TEXT':
      return escaped(value as string)
    case 'MOMENT':
      return momentText(value as number)
    case 'JSON':
      return Array.isArray(value) && value.length === 0 ? '[]' : escaped(JSON.stringify(value))
    case 'BOOLEAN':
      return value === true ? 't' : 'f'
    case 'BYTES':
      return `\\\\x${Buffer.from(value as Uint8Array).toString('hex')}`
    case 'PLAIN':
      return String(value)
  }
}

const special = /[\\\n\r\t\0]/
const eachSpecial = /[\\\n\r\t]/g
const escapes: Readonly<Record<string, string>> = { '\\': '\\\\', '\n': '\\n', '\r': '\\r', '\t': '\\t' }

/** Throws where Postgres could not keep it: no text of it holds a NUL. */
const escaped = (text: string): string => {
  if (!special.test(text)) return text
  if (text.includes('\0')) throw new Error('A text with a NUL cannot be copied')
  return text.replace(eachSpecial, character => escapes[character] ?? character)
}

const day = 86_400_000
const two = Array.from({ length: 100 }, (_, number) => String(number).padStart(2, '0'))
const three = Array.from({ length: 1_000 }, (_, number) => String(number).padStart(3, '0'))
const days = new Map<number, string>()

/** `toISOString` takes ten times as long, and a login has a dozen moments. */
export const momentText = (at: number): string => {
  const date = Math.floor(at / day)
  let text = days.get(date)
  if (text === undefined) {
    if (days.size > 5_000) days.clear()
    text = `${new Date(date * day).toISOString().slice(0, 10)} `
    days.set(date, text)
  }
  const rest = at - date * day
  const minutes = Math.floor(rest / 60_000)
  const millis = Math.floor(rest % 60_000)
  return `${text}${two[Math.floor(minutes / 60)]}:${two[minutes % 60]}:${two[Math.floor(millis / 1_000)]}.${three[millis % 1_000]}+00`
}
