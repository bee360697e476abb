// From page to page to the last one. A page that may work later is asked for again, ever more slowly. Refuses to know what
// a page is asked by, and where all this is shown.

import { Refusal, Unreachable } from '../terminal/refusal.ts'
import type { AskPage, Page } from './pages.ts'

export interface Totals {
  readonly found: number
  readonly imported: number
  readonly known: number
}

/** What happens on the way. */
export interface Watcher {
  /** `totals`: with this page. */
  read(page: Page, totals: Totals): void
  /** It is asked for again after so long. */
  waits(reason: string, milliseconds: number): void
}

export interface Walk {
  readonly ask: AskPage
  /** Null: the first. */
  readonly from: string | null
  readonly watcher: Watcher
  readonly signal: AbortSignal
  pause(milliseconds: number, signal: AbortSignal): Promise<void>
}

export type Walked =
  | { readonly kind: 'DONE'; readonly totals: Totals }
  /** `page`: the one that was not read; null: the first. */
  | {
      readonly kind: 'STOPPED'
      readonly totals: Totals
      readonly page: string | null
      readonly reason: string
    }
  | { readonly kind: 'INTERRUPTED'; readonly totals: Totals; readonly page: string | null }

/** Two minutes of an upstream that does not answer are enough to go and look. */
const pauses: readonly number[] = [1, 2, 4, 8, 15, 30, 30, 30].map(seconds => seconds * 1_000)

/** Throws Refusal, or Unreachable, where not one page could be read for a reason that lies here. */
export async function walk({ ask, from, watcher, signal, pause }: Walk): Promise<Walked> {
  const met = new Set<string | null>()
  let totals: Totals = { found: 0, imported: 0, known: 0 }
  let failures = 0
  for (let page = from; ; ) {
    try {
      if (met.has(page))
        throw new Refusal('LOOP', 'The upstream names a page as the next one that was read already.')
      const read = await ask(page, signal)
      met.add(page)
      failures = 0
      totals = {
        found: totals.found + read.found,
        imported: totals.imported + read.imported,
        known: totals.known + read.known,
      }
      watcher.read(read, totals)
      if (read.nextPage === null) return { kind: 'DONE', totals }
      page = read.nextPage
    } catch (error) {
      if (signal.aborted) return { kind: 'INTERRUPTED', totals, page }
      const wait = waitAfter(error, failures, met.size > 0)
      if (wait === null) {
        if (!(error instanceof Error) || met.size === 0) throw error
        return { kind: 'STOPPED', totals, page, reason: error.message }
      }
      failures++
      watcher.waits(error instanceof Error ? error.message : '', wait)
      await pause(wait, signal)
    }
    if (signal.aborted) return { kind: 'INTERRUPTED', totals, page }
  }
}

/** Null: the same again would not help. A gateway that never answered is most likely not there. */
function waitAfter(error: unknown, failures: number, hasAnswered: boolean): number | null {
  if (!(error instanceof Unreachable)) return null
  const seconds = 'seconds' in error && typeof error.seconds === 'number' ? error.seconds : null
  if (error.name === 'Unreachable' && !hasAnswered) return null
  const usual = pauses[failures]
  return usual === undefined ? null : Math.max(usual, (seconds ?? 0) * 1_000)
}
