// Foreign text made fit for a terminal: without control characters, which could move the cursor or forge a line, and cut
// to a width in columns (a Chinese character takes two). Refuses to know what the text says.

/** Controls, escapes, line and paragraph separators, and marks that turn the reading direction. */
const UNFIT = /[\p{Cc}\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]+/gu

/** The same text on one line, with nothing in it that a terminal would obey. */
export function plain(text: string): string {
  return text.replace(UNFIT, ' ')
}

const graphemes = new Intl.Segmenter(undefined, { granularity: 'grapheme' })
const WIDE =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|[\u{1f300}-\u{1faff}\u{20000}-\u{3fffd}]/u

/** Columns that a terminal takes for it. */
export function widthOf(text: string): number {
  let columns = 0
  for (const { segment } of graphemes.segment(text)) columns += WIDE.test(segment) ? 2 : 1
  return columns
}

/** At most so many columns, the last one an ellipsis where something was cut. */
export function cutTo(text: string, columns: number): string {
  if (widthOf(text) <= columns) return text
  let kept = ''
  let used = 0
  for (const { segment } of graphemes.segment(text)) {
    const width = WIDE.test(segment) ? 2 : 1
    if (used + width > columns - 1) break
    kept += segment
    used += width
  }
  return `${kept}…`
}
