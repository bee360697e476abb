/**
 * The smallest PNG encoder that serves: one palette, eight bits a pixel; and the face that an account gets.
 * Refuses to know who asks for a picture.
 */
import { createHash } from 'node:crypto'
import { crc32, deflateSync } from 'node:zlib'

const chunk = (type: string, data: Buffer): Buffer => {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data])
  const framed = Buffer.alloc(body.length + 8)
  framed.writeUInt32BE(data.length, 0)
  body.copy(framed, 4)
  framed.writeUInt32BE(crc32(body), body.length + 4)
  return framed
}

/** Pixels are indexes into `palette` (RGB triples), row by row. */
export const encodePng = (width: number, height: number, palette: Uint8Array, pixels: Uint8Array): Buffer => {
  const header = Buffer.alloc(13)
  header.writeUInt32BE(width, 0)
  header.writeUInt32BE(height, 4)
  header.set([8, 3, 0, 0, 0], 8)
  const rows = Buffer.alloc((width + 1) * height)
  for (let y = 0; y < height; y++) rows.set(pixels.subarray(y * width, (y + 1) * width), y * (width + 1) + 1)
  return Buffer.concat([
    Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]),
    chunk('IHDR', header),
    chunk('PLTE', Buffer.from(palette)),
    chunk('IDAT', deflateSync(rows)),
    chunk('IEND', Buffer.alloc(0)),
  ])
}

/** A symmetrical pattern of 5 by 5 in one colour of its own: the same seed, the same face. */
export const drawAvatar = (seed: string, size: number): Buffer => {
  const bytes = createHash('sha256').update(`avatar:${seed}`).digest()
  const at = (index: number): number => bytes[index] ?? 0
  const palette = new Uint8Array([240, 238, 233, 40 + (at(0) % 150), 40 + (at(1) % 150), 40 + (at(2) % 150)])
  const pixels = new Uint8Array(size * size)
  const margin = Math.floor(size / 12)
  const cell = (size - 2 * margin) / 5
  for (let y = margin; y < size - margin; y++) {
    const row = Math.min(4, Math.floor((y - margin) / cell))
    for (let x = margin; x < size - margin; x++) {
      const column = Math.min(4, Math.floor((x - margin) / cell))
      const half = column > 2 ? 4 - column : column
      if (at(3 + row * 3 + half) % 2 === 1) pixels[y * size + x] = 1
    }
  }
  return encodePng(size, size, palette, pixels)
}
