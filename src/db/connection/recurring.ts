// Which texts come again and again, so that the server should keep them prepared: it parses those once, and is asked in one
// round trip where it takes two. Knows no statement.

/** Texts that came once and are remembered: whoever asks everything once fills no memory. */
const remembered = 200

/**
 * Whether this text is one of those: from its second time on, and of the first `most` texts alone, since a connection keeps
 * what it has prepared until it ends.
 */
export const recurring = (most: number): ((text: string) => boolean) => {
  const kept = new Set<string>()
  const seen = new Set<string>()
  return text => {
    if (kept.has(text)) return true
    if (kept.size >= most) return false
    if (seen.delete(text)) {
      kept.add(text)
      return true
    }
    if (seen.size >= remembered) seen.clear()
    seen.add(text)
    return false
  }
}
