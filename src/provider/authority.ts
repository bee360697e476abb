// Where a proxy is, as an upstream wants it told.

import type { Target } from './port.ts'

/** `host:port`; an IPv6 address stands in brackets. */
export const authorityOf = ({ host, port }: NonNullable<Target['proxy']>): string =>
  host.includes(':') && !host.startsWith('[') ? `[${host}]:${port}` : `${host}:${port}`
