// From answer to answer until the file is whole: where one breaks off, the next begins behind the last row that came whole.
// Refuses to know what is asked, and where all this is shown.

import { Unreachable } from '../terminal/refusal.ts'
import type { Standing } from './notes.ts'
import type { Part } from './part.ts'
import { type AskExport, brokeOff, type ExportAnswer } from './request.ts'
import { RowCutter } from './rows.ts'

/** What happens on the way. */
export interface Watcher {
  wrote(standing: Standing): void
  /** It is asked again after so long. */
  waits(reason: string, milliseconds: number): void
}

export interface Walk {
  readonly ask: AskExport
  readonly part: Part
  readonly format: 'csv' | 'ndjson'
  readonly watcher: Watcher
  readonly signal: AbortSignal
  pause(milliseconds: number, signal: AbortSignal): Promise<void>
}

export type Walked =
  | { readonly kind: 'DONE' }
  | { readonly kind: 'STOPPED'; readonly reason: string }
  | { readonly kind: 'INTERRUPTED' }

/** Two minutes of a gateway that does not answer are enough to go and look. */
const pauses: readonly number[] = [1, 2, 4, 8, 15, 30, 30, 30].map(seconds => seconds * 1_000)

/** Throws Refusal, or Unreachable, where nothing could be read for a reason that lies here. */
export async function walk(walking: Walk): Promise<Walked> {
  const { part, signal, watcher, pause } = walking
  const first = part.standing.rows
  let failures = 0
  for (let before = first; ; before = part.standing.rows) {
    try {
      if (await takeAnswer(walking)) return { kind: 'DONE' }
      failures = 0
    } catch (error) {
      if (signal.aborted) return { kind: 'INTERRUPTED' }
      const { rows } = part.standing
      if (rows > before) failures = 0
      const wait = waitAfter(error, failures, rows > first || failures > 0)
      if (wait === null) {
        if (!(error instanceof Error) || rows === first) throw error
        return { kind: 'STOPPED', reason: error.message }
      }
      failures++
      // What has come is safe, however long this takes.
      await part.save()
      watcher.waits(error instanceof Error ? error.message : '', wait)
      await pause(wait, signal)
    }
    if (signal.aborted) return { kind: 'INTERRUPTED' }
  }
}

/** True: nothing is left behind its last row. False: it did not say whether something is. */
async function takeAnswer({ ask, part, format, watcher, signal }: Walk): Promise<boolean> {
  const { cursor } = part.standing
  const answer = await ask(cursor, signal)
  const cutter = new RowCutter(format, format === 'csv' && cursor === null)
  let rows = 0
  for await (const chunk of answer.chunks) {
    const whole = cutter.take(chunk)
    if (part.isEmpty && cutter.header !== null) await part.addHeader(cutter.header)
    if (whole === null) continue
    rows += whole.count
    await part.add(whole)
    watcher.wrote(part.standing)
  }
  if (cutter.owesHeader || cutter.leftOver || isShort(answer, rows)) throw brokeOff()
  return answer.rows() !== null || rows === 0
}

const isShort = (answer: ExportAnswer, rows: number): boolean => {
  const told = answer.rows()
  return told !== null && told !== rows
}

/** Null: the same again would not help. A gateway that never answered is most likely not there. */
function waitAfter(error: unknown, failures: number, hasAnswered: boolean): number | null {
  if (!(error instanceof Unreachable)) return null
  const seconds = 'seconds' in error && typeof error.seconds === 'number' ? error.seconds : null
  if (error.name === 'Unreachable' && !hasAnswered) return null
  const usual = pauses[failures]
  return usual === undefined ? null : Math.max(usual, (seconds ?? 0) * 1_000)
}
