// One sentence about the machine: a login as it stands, what it is told, and what must follow to the letter.

import { deepStrictEqual, strictEqual } from 'node:assert'
import type { LoginEvent } from '../../src/login/event.ts'
import type { Observation } from '../../src/login/observation.ts'
import type { LoginState } from '../../src/login/state.ts'
import type { Scanner, SecretsChange, Step } from '../../src/login/step.ts'
import type { Transition } from '../../src/login/table.ts'
import type { LoginStateName, Profile } from '../../src/login/vocabulary.ts'

export interface Case {
  readonly name: string
  readonly given: LoginState
  readonly told: Observation
  readonly follows: Follows | 'nothing'
}

export interface Follows {
  readonly kind: LoginStateName
  readonly events: readonly LoginEvent[]
  /** Fields of the state that follows, as deep as they are given. */
  readonly has?: object
  readonly secrets?: SecretsChange
  readonly scanner?: Scanner
  readonly signedIn?: Profile
}

const allErased: SecretsChange = { qrCode: null, code: null, sliderUrl: null }

/** Throws where the machine does something else. */
export const check = (transition: Transition, { given, told, follows }: Case): void => {
  const before = structuredClone(given)
  const step = transition(given, told)
  deepStrictEqual(given, before, 'the state that it was given has changed')
  if (follows === 'nothing') {
    strictEqual(
      step.state,
      given,
      `something followed: ${step.state.kind}, ${step.events.map(event => event.kind)}`,
    )
    deepStrictEqual(step, { state: given, events: [] })
    return
  }
  strictEqual(step.state.kind, follows.kind)
  deepStrictEqual(step.events, follows.events)
  strictEqual(step.state.sequence, given.sequence + follows.events.length)
  const isEnd = follows.events.at(-1)?.kind === 'LoginEnded'
  deepStrictEqual(beside(step), {
    secrets: follows.secrets ?? (isEnd ? allErased : undefined),
    scanner: follows.scanner,
    signedIn: follows.signedIn,
  })
  if (follows.has) includes(step.state, follows.has, 'state')
}

const beside = ({ secrets, scanner, signedIn }: Step) => ({ secrets, scanner, signedIn })

const includes = (actual: unknown, expected: unknown, path: string): void => {
  if (typeof expected !== 'object' || expected === null || Array.isArray(expected)) {
    deepStrictEqual(actual, expected, `${path} is ${JSON.stringify(actual)}, not ${JSON.stringify(expected)}`)
    return
  }
  const found = new Map(Object.entries(typeof actual === 'object' && actual !== null ? actual : {}))
  for (const [key, value] of Object.entries(expected)) includes(found.get(key), value, `${path}.${key}`)
}
