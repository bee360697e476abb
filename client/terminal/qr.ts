// A QR code as lines of text, two rows of modules to a line. Refuses to know what the code says and how it is coloured.

import { create } from 'qrcode'

/** Light modules around the code: phones need them to find it. The standard asks for four; two do, and fit 24 rows. */
const QUIET = 2

/**
 * Light modules are drawn and dark ones left out: on a dark terminal without colours it comes out right.
 * Null where the text is too long for any code.
 */
export function drawQr(content: string): readonly string[] | null {
  const modules = createOrNull(content)
  if (modules === null) return null
  const { size } = modules
  const light = (row: number, column: number): boolean =>
    row < 0 || column < 0 || row >= size || column >= size || !modules.get(row, column)
  const lines: string[] = []
  for (let row = -QUIET; row < size + QUIET; row += 2) {
    let line = ''
    for (let column = -QUIET; column < size + QUIET; column += 1) {
      const below = row + 1 < size + QUIET && light(row + 1, column)
      line += light(row, column) ? (below ? '█' : '▀') : below ? '▄' : ' '
    }
    lines.push(line)
  }
  return lines
}

function createOrNull(content: string) {
  try {
    return create(content, { errorCorrectionLevel: 'L' }).modules
  } catch {
    return null
  }
}
