// Who is online upstream as pages of devices to take over: there are no devices, so each account is one (P 2.1). A page goes on
// behind a wcId, so that a list that changes meanwhile loses nobody who stays.

import { InvalidPageError, type UpstreamPage } from '../port.ts'
import type { Online } from './online.ts'

const pageSize = 100
const longestId = 128
const after = 'after:'

/** The wcId behind which a page begins; null: at the first. Throws InvalidPageError. */
export const startOfPage = (page: string | null): string | null => {
  if (page === null) return null
  const wcId = page.slice(after.length)
  if (!page.startsWith(after) || wcId === '' || wcId.length > longestId)
    throw new InvalidPageError('A page says behind which wcId it begins')
  return wcId
}

/** `start`: of `startOfPage`. */
export const pageOfAccounts = ({ handles }: Online, start: string | null): UpstreamPage => {
  const all = [...handles].sort(([one], [other]) => (one < other ? -1 : 1))
  const rest = start === null ? all : all.filter(([wcId]) => wcId > start)
  const shown = rest.slice(0, pageSize)
  const last = shown.at(-1)
  return {
    devices: shown.map(([wcId, [handle = null]]) => ({
      upstreamId: wcId,
      wcId,
      handle,
      online: true,
      lastLogin: null,
    })),
    total: all.length,
    nextPage: last === undefined || rest.length === shown.length ? null : `${after}${last[0]}`,
  }
}
