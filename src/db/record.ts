// The one writer of logins: read, run the pure `transition`, write state and events in one statement guarded by
// (login id, version). Nothing written: read again and decide anew. What is heard after the end goes to the device. It
// refuses to know what a transition means.

import { isDeepStrictEqual } from 'node:util'
import type { Observation } from '../login/observation.ts'
import { ended } from '../login/state.ts'
import type { Step } from '../login/step.ts'
import { transition } from '../login/transition.ts'
import type { Millis } from '../login/vocabulary.ts'
import { isLost } from './errors.ts'
import { type Line, loginQueue } from './queue.ts'
import type { WriteEnd } from './record-end.ts'
import type { WriteLate } from './record-late.ts'
import type { WriteStep, Written } from './record-step.ts'
import type { RecordedEvent } from './records.ts'
import { isSignInMet } from './sign-in.ts'
import type { LoginStore, Recorded, Turn } from './store.ts'
import type { ReadTurn } from './turn.ts'

const attempts = 5

/** How a login that has ended reads, to know one's own end again after a lost connection. */
export type ReadEnd = (loginId: string) => Promise<{ version: number; reason: string; ended: Millis } | null>

export interface Recorder {
  readonly record: LoginStore['record']
  /** Takes a place among the records of this login, for what must not run between two of them. */
  inLine<Result>(loginId: string, work: () => Promise<Result>): Promise<Result>
}

export const recorder = (parts: {
  readTurn: ReadTurn
  readEnd: ReadEnd
  writeStep: WriteStep
  writeEnd: WriteEnd
  writeLate: WriteLate
}): Recorder => {
  const queue = loginQueue()

  const record = async (
    loginId: string,
    observation: Observation,
    options: { from?: Turn; epoch?: number },
    line: Line,
  ): Promise<Recorded> => {
    const known = newer(options.from, line.latest)
    let turn = known ?? (await read(loginId))
    for (let attempt = 0; attempt < attempts; attempt += 1) {
      if (turn === null) {
        await parts.writeLate(loginId, observation)
        return { kind: 'ENDED' }
      }
      if (options.epoch !== undefined && turn.epoch !== options.epoch) return { kind: 'NOT_MINE' }
      const step = transition(turn.state, observation)
      if (step.state === turn.state && step.events.length === 0) return { kind: 'UNCHANGED', turn }
      const written = await write(turn, step, observation.at, options.epoch)
      if (written !== null) {
        const recorded = { ...turn, version: written.version, state: step.state }
        line.latest = ended(step.state) ? null : recorded
        return {
          kind: 'RECORDED',
          turn: recorded,
          events: recordedEvents(turn, step, written),
          at: observation.at,
          ...(step.scanner === undefined ? {} : { scanner: { nickName: step.scanner.nickName } }),
        }
      }
      turn = await read(loginId)
      line.latest = turn
    }
    return { kind: 'CONTENDED' }
  }

  const read = async (loginId: string): Promise<Turn | null> => (await parts.readTurn(loginId))?.turn ?? null

  /** Null: somebody else moved first, or two sign-ins of one account met; look again. */
  const write = async (
    turn: Turn,
    step: Step,
    at: Millis,
    epoch: number | undefined,
  ): Promise<Written | null> => {
    try {
      return await (ended(step.state) ? parts.writeEnd : parts.writeStep)(turn, step, at, epoch)
    } catch (error) {
      if (isSignInMet(error)) return null
      if (!isLost(error)) throw error
      return await gotThrough(turn, step)
    }
  }

  /** Whether a write whose answer was lost took effect: only it makes this state of that version. */
  const gotThrough = async (turn: Turn, step: Step): Promise<Written | null> => {
    if (ended(step.state)) {
      const end = await parts.readEnd(turn.loginId)
      if (end?.version !== turn.version + 1 || end.reason !== step.state.outcome.reason) return null
      return { version: end.version, happened: end.ended }
    }
    const now = await parts.readTurn(turn.loginId)
    if (now?.turn.version !== turn.version + 1) return null
    // Saved and read again, so that what JSON leaves out does not count.
    if (!isDeepStrictEqual(now.turn.state, JSON.parse(JSON.stringify(step.state)))) return null
    return { version: now.turn.version, happened: now.happened }
  }

  return {
    record: (loginId, observation, options = {}) =>
      queue.run(loginId, line => record(loginId, observation, options, line)),
    inLine: (loginId, work) =>
      queue.run(loginId, async line => {
        line.latest = null
        return await work()
      }),
  }
}

const newer = (one: Turn | undefined, other: Turn | null): Turn | null => {
  if (one === undefined) return other
  return other !== null && other.version > one.version ? other : one
}

const recordedEvents = (before: Turn, step: Step, written: Written): readonly RecordedEvent[] =>
  step.events.map(({ state, ...body }, index) => ({
    sequence: before.state.sequence + index + 1,
    at: written.happened,
    state,
    body,
  }))
