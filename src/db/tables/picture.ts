// Pictures that the upstream pointed at, kept once per tenant under a keyed hash of their bytes.

import { pgTable, primaryKey, text } from 'drizzle-orm/pg-core'
import { bytes, moment, tenant } from './columns.ts'

export const picture = pgTable(
  'picture',
  {
    tenant: tenant(),
    id: text('id').notNull(),
    type: text('type').notNull(),
    bytes: bytes('bytes').notNull(),
    created: moment('created').notNull(),
    /** Null: as long as a profile or a login points at it. */
    expires: moment('expires'),
  },
  t => [primaryKey({ name: 'picture_pk', columns: [t.tenant, t.id] })],
)
