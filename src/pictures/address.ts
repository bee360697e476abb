// Which addresses a picture may be fetched from: public ones. Upstreams name the links, so a link into our own network
// is an attack until proved otherwise.

import { lookup } from 'node:dns/promises'
import ipaddr from 'ipaddr.js'

export interface Address {
  readonly address: string
  readonly family: 4 | 6
}

const global = ipaddr.parseCIDR('2000::/3')

/**
 * Loopback, private, link-local, carrier, multicast, reserved, and every way of writing an IPv4 address in an IPv6 one
 * are not; of IPv6 only what has ever been given out is.
 */
export const isPublic = (address: string): boolean => {
  if (!ipaddr.isValid(address)) return false
  const parsed = ipaddr.process(address)
  return parsed.range() === 'unicast' && (parsed.kind() === 'ipv4' || parsed.match(global))
}

/** Null: the name leads to no address, or to one that is not public. All of them must be, so that none is left to chance. */
export const publicAddressOf = async (hostname: string): Promise<Address | null> => {
  const name = hostname.replace(/^\[|\]$/gu, '')
  const found = await lookup(name, { all: true }).catch(() => [])
  const [first] = found
  if (first === undefined || !found.every(({ address }) => isPublic(address))) return null
  return { address: first.address, family: first.family === 6 ? 6 : 4 }
}
