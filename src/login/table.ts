// The transition table as data: which row answers which observation in which state. The first row that fits decides;
// where none fits, the observation makes no sense there and changes nothing.

import { failed, heard } from './health.ts'
import type { CodeAnswer, Observation, PollAnswer, PushAnswer } from './observation.ts'
import { ended, type LiveState, type LoginState } from './state.ts'
import type { Step } from './step.ts'

type Plain = Exclude<Observation, { kind: 'Polled' | 'PushAnswered' | 'CodeAnswered' }>
type Polled<Answer extends PollAnswer> = Extract<Observation, { kind: 'Polled' }> & {
  readonly answer: Answer
}
type Pushed<Answer extends PushAnswer> = Extract<Observation, { kind: 'PushAnswered' }> & {
  readonly answer: Answer
}
type Coded<Answer extends CodeAnswer> = Extract<Observation, { kind: 'CodeAnswered' }> & {
  readonly answer: Answer
}

/** What a row is looked up by: the observation's kind, with the answer's kind where it carries one. */
export type Trigger =
  | Plain['kind']
  | `Polled ${PollAnswer['kind']}`
  | `PushAnswered ${PushAnswer['kind']}`
  | `CodeAnswered ${CodeAnswer['kind']}`

export type Told<T extends Trigger> = T extends `Polled ${infer Kind extends PollAnswer['kind']}`
  ? Polled<Extract<PollAnswer, { kind: Kind }>>
  : T extends `PushAnswered ${infer Kind extends PushAnswer['kind']}`
    ? Pushed<Extract<PushAnswer, { kind: Kind }>>
    : T extends `CodeAnswered ${infer Kind extends CodeAnswer['kind']}`
      ? Coded<Extract<CodeAnswer, { kind: Kind }>>
      : Extract<Plain, { kind: T }>

export type LiveKind = LiveState['kind']
type In<K extends LiveKind> = Extract<LiveState, { kind: K }>

/** One row: a sentence, where it holds, what it waits for, a condition, and what follows. */
export interface Row {
  readonly name: string
  readonly in: readonly LiveKind[]
  readonly on: readonly Trigger[]
  /** Null: always. */
  readonly when: ((state: LiveState, told: Observation) => boolean) | null
  readonly to: (state: LiveState, told: Observation) => Step
}

/** A row whose condition and effect know exactly which states and observations can reach them. */
export const row = <K extends LiveKind, T extends Trigger>(spec: {
  name: string
  in: readonly K[]
  on: readonly T[]
  when?: (state: In<K>, told: Told<T>) => boolean
  to: (state: In<K>, told: Told<T>) => Step
}): Row => ({
  name: spec.name,
  in: spec.in,
  on: spec.on,
  // The lookup hands a row nothing but the states and triggers that it lists, which is what the narrower types say.
  when: (spec.when ?? null) as Row['when'],
  to: spec.to as Row['to'],
})

export const triggerOf = (told: Observation): Trigger => {
  if (told.kind === 'Polled') return pollTrigger[told.answer.kind]
  if (told.kind === 'PushAnswered') return `PushAnswered ${told.answer.kind}`
  if (told.kind === 'CodeAnswered') return `CodeAnswered ${told.answer.kind}`
  return told.kind
}

/** The hot path builds no strings. */
const pollTrigger: { readonly [Kind in PollAnswer['kind']]: `Polled ${Kind}` } = {
  NOT_SCANNED: 'Polled NOT_SCANNED',
  SCANNED: 'Polled SCANNED',
  SIGNED_IN: 'Polled SIGNED_IN',
  DEAD: 'Polled DEAD',
  DECLINED: 'Polled DECLINED',
  UNCLEAR: 'Polled UNCLEAR',
  CODE_ASKED: 'Polled CODE_ASKED',
  SLIDER: 'Polled SLIDER',
}

export type Transition = (state: LoginState, told: Observation) => Step

/** Builds the machine from its rows; the tests build others from altered rows. */
export const machine = (rows: readonly Row[]): Transition => {
  const index = new Map<LiveKind, Map<Trigger, Row[]>>()
  for (const row of rows)
    for (const kind of row.in) {
      const triggers = index.get(kind) ?? new Map<Trigger, Row[]>()
      index.set(kind, triggers)
      for (const on of row.on) triggers.set(on, [...(triggers.get(on) ?? []), row])
    }

  return (state, told) => {
    if (ended(state)) return { state, events: [] }
    const checked =
      told.kind === 'Polled'
        ? heard(state, told)
        : told.kind === 'PollFailed'
          ? failed(state, told.failure)
          : { state, events: [] }
    const row = index
      .get(state.kind)
      ?.get(triggerOf(told))
      ?.find(row => row.when === null || row.when(checked.state, told))
    const step = row ? row.to(checked.state, told) : checked
    if (step.state === state) return { state, events: [] }
    const events = step === checked ? checked.events : [...checked.events, ...step.events]
    return { ...step, events, state: { ...step.state, sequence: state.sequence + events.length } }
  }
}
