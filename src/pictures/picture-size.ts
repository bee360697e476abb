// How many pixels a picture claims to have, by its header: a few bytes can stand for gigabytes once they are decoded.

/** Null: of a kind that is not decoded here, or cut. */
export const pixelsOf = (bytes: Uint8Array): number | null => {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  if (bytes.length >= 24 && view.getUint32(0) === 0x89504e47) return view.getUint32(16) * view.getUint32(20)
  if (bytes.length >= 10 && view.getUint32(0) === 0x47494638)
    return view.getUint16(6, true) * view.getUint16(8, true)
  if (bytes.length >= 4 && view.getUint16(0) === 0xffd8) return pixelsOfJpeg(view)
  return null
}

/** Segments follow one another, each with its length, until the one that begins a frame. */
const pixelsOfJpeg = (view: DataView): number | null => {
  let at = 2
  while (at + 9 <= view.byteLength && view.getUint8(at) === 0xff) {
    const marker = view.getUint8(at + 1)
    if (marker === 0xff) at++
    else if (isFrame(marker)) return view.getUint16(at + 5) * view.getUint16(at + 7)
    else at += 2 + view.getUint16(at + 2)
  }
  return null
}

/** SOF0 to SOF15, without the tables and the arithmetic coding that stand among them. */
const isFrame = (marker: number): boolean =>
  marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc
