// The place of a row in an export: of which export, and behind which login. It is the same in every run with the same
// filters, and all that a reader must keep to go on. Knows no table and no format.

import { createHash } from 'node:crypto'
import type { MomentCursor } from '../db/filters.ts'

/** What makes two exports the same one. */
export interface ExportPlan {
  readonly tenant: string
  readonly order: 'STARTED_AT_ASC' | 'STARTED_AT_DESC'
  readonly where: Readonly<Record<string, unknown>>
}

/** Makes the first letter of every cursor, so that none begins as a formula does. */
const orders = { STARTED_AT_ASC: 0x58, STARTED_AT_DESC: 0x59 } as const
const headBytes = 9
const length = headBytes + 6 + 16
/** The last millisecond of the year 9999: what is later was written by hand, and no database reads it. */
const latest = 253_402_300_799_999

/** Cursors of one export: their first letters are the same, and made once. */
export const exportCursors = (plan: ExportPlan): ((place: MomentCursor) => string) => {
  const head = headOf(plan).toString('base64url')
  const place = Buffer.alloc(length - headBytes)
  return ({ at, id }) => {
    place.writeUIntBE(at, 0, 6)
    place.write(id.replaceAll('-', ''), 6, 'hex')
    return head + place.toString('base64url')
  }
}

/** MALFORMED: never a cursor. OTHER: that of an export with another order, other filters or another tenant. */
export const parseExportCursor = (plan: ExportPlan, text: string): MomentCursor | 'MALFORMED' | 'OTHER' => {
  const bytes = Buffer.from(text, 'base64url')
  const [order] = bytes
  const isOurs = order === orders.STARTED_AT_ASC || order === orders.STARTED_AT_DESC
  if (bytes.length !== length || !isOurs || bytes.toString('base64url') !== text) return 'MALFORMED'
  if (!bytes.subarray(0, headBytes).equals(headOf(plan))) return 'OTHER'
  const at = bytes.readUIntBE(headBytes, 6)
  if (at > latest) return 'MALFORMED'
  const id = bytes.toString('hex', headBytes + 6)
  return {
    at,
    id: `${id.slice(0, 8)}-${id.slice(8, 12)}-${id.slice(12, 16)}-${id.slice(16, 20)}-${id.slice(20)}`,
  }
}

/** The same for filters that mean the same, however they were written. */
const headOf = ({ tenant, order, where }: ExportPlan): Buffer => {
  const said = Object.keys(where)
    .filter(key => where[key] !== undefined)
    .sort()
    .map(key => [key, Array.isArray(where[key]) ? [...new Set(where[key])].sort() : where[key]])
  const mark = createHash('sha256')
    .update(JSON.stringify([tenant, order, said]))
    .digest()
  return Buffer.concat([Buffer.from([orders[order]]), mark], headBytes)
}
