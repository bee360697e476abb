// How far the seeding has got: a bar on a terminal, a line now and then elsewhere. Refuses to know what is seeded.

import type { Progress } from './seed.ts'

export interface Screen {
  readonly isTTY?: boolean
  readonly columns?: number
  write(text: string): unknown
}

export interface Shown extends Progress {
  /** Takes the bar away. Safe to call twice. */
  close(): void
}

const phases = {
  WAITING: 'Another seed writes into this database: waiting until it is done',
  COPYING: 'Writing',
  INDEXING: 'Making indexes and committing',
  COMMITTING: 'Committing',
  ANALYZING: 'Vacuuming and analyzing',
  COUNTING: 'Counting into the statistics',
} as const

/** Milliseconds between two drawings, and between two lines. */
const pace = { bar: 100, lines: 5_000 } as const

/** `now` in milliseconds. */
export const progressOn = (
  screen: Screen,
  logins: number,
  now: () => number = () => performance.now(),
): Shown => {
  let begun = now()
  const isBar = screen.isTTY === true
  let drawn = Number.NEGATIVE_INFINITY
  let open = false
  let phase: keyof typeof phases = 'COPYING'

  const show = (text: string, always = false) => {
    const at = now()
    if (!always && at - drawn < (isBar ? pace.bar : pace.lines)) return
    drawn = at
    open = isBar
    screen.write(isBar ? `\r\u001b[K${text.slice(0, Math.max(20, (screen.columns ?? 80) - 1))}` : `${text}\n`)
  }
  const close = () => {
    if (open) screen.write('\r\u001b[K')
    open = false
  }

  return {
    copied: (done, rows) => {
      const seconds = (now() - begun) / 1_000
      const left = done === 0 ? null : (seconds * (logins - done)) / done
      const words = [
        `${counted(done)} of ${counted(logins)} logins`,
        `${counted(rows)} rows`,
        ...(seconds > 0 ? [`${counted(Math.round(rows / seconds))} rows/s`] : []),
        ...(left === null || done >= logins ? [] : [`${lasting(left)} left`]),
      ].join(' · ')
      show(isBar ? `${bar(done / logins)} ${words}` : words)
    },
    counted: done => show(`${phases.COUNTING}: ${counted(done)} of ${counted(logins)} logins`),
    phase: name => {
      phase = name
      // Whoever had to wait was not slow.
      if (phase === 'COPYING') begun = now()
      else show(`${phases[phase]}…`, true)
    },
    close,
  }
}

const width = 24

const bar = (share: number): string => {
  const filled = Math.round(Math.min(1, share) * width)
  return `${'█'.repeat(filled)}${'░'.repeat(width - filled)} ${Math.floor(Math.min(1, share) * 100)} %`
}

/** With separators: these numbers are for people. */
export const counted = (count: number): string => count.toLocaleString('en-US')

/** Of seconds. */
export const lasting = (seconds: number): string => {
  const whole = Math.ceil(seconds)
  return whole < 90 ? `${whole} s` : `${Math.floor(whole / 60)} min ${whole % 60} s`
}
