// Which addresses a picture may come from, one row each.

import { describe, expect, it } from 'vitest'
import { isPublic, publicAddressOf } from '../../src/pictures/address.ts'

describe('an address', () => {
  it.each([
    ['8.8.8.8', true, 'somewhere on the internet'],
    ['2606:4700:4700::1111', true, 'somewhere on the internet'],
    ['::ffff:8.8.8.8', true, 'the same, written in the other family'],
    ['127.0.0.1', false, 'loopback'],
    ['127.255.0.7', false, 'loopback'],
    ['::1', false, 'loopback'],
    ['0.0.0.0', false, 'this host'],
    ['0.1.2.3', false, 'this network'],
    ['::', false, 'this host'],
    ['10.0.0.1', false, 'private'],
    ['172.16.0.1', false, 'private'],
    ['172.31.255.255', false, 'private'],
    ['172.32.0.1', true, 'beside private'],
    ['192.168.1.1', false, 'private'],
    ['100.64.0.1', false, 'carrier'],
    ['100.127.255.255', false, 'carrier'],
    ['169.254.169.254', false, 'link-local: where clouds keep their secrets'],
    ['fe80::1', false, 'link-local'],
    ['fe80::1%eth0', false, 'link-local, with its zone'],
    ['fd00:ec2::254', false, 'unique local'],
    ['fc00::1', false, 'unique local'],
    ['fec0::1', false, 'site-local'],
    ['224.0.0.1', false, 'multicast'],
    ['239.255.255.250', false, 'multicast'],
    ['ff02::1', false, 'multicast'],
    ['255.255.255.255', false, 'broadcast'],
    ['240.0.0.1', false, 'reserved'],
    ['192.0.0.8', false, 'reserved'],
    ['192.0.2.1', false, 'documentation'],
    ['198.51.100.1', false, 'documentation'],
    ['203.0.113.1', false, 'documentation'],
    ['2001:db8::1', false, 'documentation'],
    ['3fff::1', false, 'documentation'],
    ['198.18.0.1', false, 'benchmarks'],
    ['192.88.99.1', false, 'relays'],
    ['::ffff:127.0.0.1', false, 'IPv4 mapped'],
    ['::ffff:a9fe:a9fe', false, 'IPv4 mapped, in hex'],
    ['::127.0.0.1', false, 'IPv4 compatible'],
    ['::7f00:1', false, 'IPv4 compatible, in hex'],
    ['::ffff:0:7f00:1', false, 'IPv4 translated'],
    ['64:ff9b::7f00:1', false, 'NAT64'],
    ['64:ff9b::808:808', false, 'NAT64 of a public one: nobody here can tell where it leads'],
    ['64:ff9b:1::7f00:1', false, 'NAT64 of a network of its own'],
    ['2002:7f00:1::', false, '6to4'],
    ['2001:0:7f00:1::', false, 'Teredo'],
    ['5f00::1', false, 'never given out'],
    ['4000::1', false, 'never given out'],
    ['100::1', false, 'discarded'],
    ['', false, 'none'],
    ['example.com', false, 'none'],
    ['8.8.8.8.8', false, 'none'],
  ])('%s: %s (%s)', (address, expected) => {
    expect(isPublic(address)).toBe(expected)
  })
})

describe('a host', () => {
  it.each([
    ['8.8.8.8', { address: '8.8.8.8', family: 4 }],
    ['[2606:4700:4700::1111]', { address: '2606:4700:4700::1111', family: 6 }],
    ['127.0.0.1', null],
    ['[::1]', null],
    ['[::ffff:10.0.0.1]', null],
    ['localhost', null],
    ['upstream.invalid', null],
  ])('%s leads to %o', async (hostname, expected) => {
    expect(await publicAddressOf(hostname)).toEqual(expected)
  })

  it.each([
    ['http://2130706433/', '127.0.0.1, as one number'],
    ['http://0x7f.1/', '127.0.0.1, in hex and short'],
    ['http://017700000001/', '127.0.0.1, in octal'],
    ['http://①②⑦.0.0.1/', '127.0.0.1, in other digits'],
    ['http://[::ffff:7f00:1]/', '127.0.0.1, in the other family'],
  ])('%s leads nowhere (%s)', async link => {
    expect(await publicAddressOf(new URL(link).hostname)).toBeNull()
  })
})
