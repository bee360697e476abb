// Column shapes that every table shares: moments, bytes and the tenant. Knows no table.

import { customType, text } from 'drizzle-orm/pg-core'

/** Milliseconds since 1970; `timestamptz(3)`, so that what is shown is what is paged by. */
export const moment = customType<{ data: number; driverData: string }>({
  dataType: () => 'timestamp (3) with time zone',
  toDriver: at => new Date(at).toISOString(),
  fromDriver: text => Date.parse(text),
})

export const bytes = customType<{ data: Uint8Array; driverData: Uint8Array }>({ dataType: () => 'bytea' })

/** Every table, unique key and query carries it (what must always hold, 10). */
export const tenant = () => text('tenant').notNull()
