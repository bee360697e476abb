// A small history for tests, whole: the same each time.

import { History, type Wish } from '../../seed/history.ts'
import { noRows, type Rows } from '../../seed/rows.ts'
import { usualProviders } from '../../seed/seed.ts'

export const until = Date.parse('2026-11-01T00:00:00Z')

export const aWish = (more: Partial<Wish> = {}): Wish => ({
  logins: 6_000,
  days: 40,
  seed: 'test',
  tenant: 'default',
  providers: usualProviders,
  until,
  ...more,
})

/** All of it, devices and accounts as they are in the end. */
export const wholeHistory = (more: Partial<Wish> = {}): Rows & { readonly history: History } => {
  const history = new History(aWish(more))
  const all = noRows()
  for (const { rows } of history.batches())
    for (const name of Object.keys(all) as (keyof Rows)[])
      for (const row of rows[name]) (all[name] as unknown[]).push(row)
  return { ...all, ...history.final(), history }
}
