// Ids as `src/db/ids.ts` makes them, UUIDv7 of a moment, out of reproducible chance. Nothing else.

import type { Random } from './random.ts'

const hex = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'))
const byte = (bits: number, shift: number): string => hex[(bits >>> shift) & 0xff] ?? '00'

/** `at` in milliseconds since 1970. */
export const idAt = (random: Random, at: number): string => {
  const high = Math.floor(at / 65_536)
  const low = at % 65_536
  const [a, b, c] = [random.bits(), random.bits(), random.bits()]
  return (
    `${byte(high, 24)}${byte(high, 16)}${byte(high, 8)}${byte(high, 0)}-${byte(low, 8)}${byte(low, 0)}-` +
    `${hex[0x70 | ((a >>> 24) & 0x0f)]}${byte(a, 16)}-${hex[0x80 | ((a >>> 8) & 0x3f)]}${byte(a, 0)}-` +
    `${byte(b, 24)}${byte(b, 16)}${byte(b, 8)}${byte(b, 0)}${byte(c, 24)}${byte(c, 16)}`
  )
}

/** What an upstream calls its things: 32 hex digits. */
export const hexName = (random: Random): string => {
  let name = ''
  for (let part = 0; part < 4; part += 1) {
    const bits = random.bits()
    name += byte(bits, 24) + byte(bits, 16) + byte(bits, 8) + byte(bits, 0)
  }
  return name
}
