// What the QR code in a picture says, so that a terminal can draw it itself.

import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { prepareZXingModule, readBarcodes } from 'zxing-wasm/reader'
import { pixelsOf } from './picture-size.ts'

/** A QR code has a few hundred by a few hundred; decoding this many holds everybody up for about a tenth of a second. */
const mostPixels = 4_000_000

let prepared: Promise<void> | null = null

/** With its own copy of the module, or it asks a server on the internet for it. */
const prepare = async (): Promise<void> => {
  const file = fileURLToPath(import.meta.resolve('zxing-wasm/reader/zxing_reader.wasm'))
  const bytes = await readFile(file)
  const wasmBinary = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength)
  await prepareZXingModule({ overrides: { wasmBinary }, fireImmediately: true })
}

/** Null: there is none to be read, or the picture is too large to look. */
export const decodeQrCode = async (picture: { readonly bytes: Uint8Array }): Promise<string | null> => {
  const pixels = pixelsOf(picture.bytes)
  if (pixels === null || pixels > mostPixels) return null
  prepared ??= prepare().catch(error => {
    // The next picture tries again.
    prepared = null
    throw error
  })
  await prepared
  const [code] = await readBarcodes(picture.bytes, {
    formats: ['QRCode'],
    maxNumberOfSymbols: 1,
    tryHarder: true,
  })
  return code?.isValid === true && code.text !== '' ? code.text : null
}
