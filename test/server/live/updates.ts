// Updates as a feed makes them, of logins that lived through anything.

import fc from 'fast-check'
import type { RecordedEvent } from '../../../src/db/records.ts'
import { begin } from '../../../src/login/begin.ts'
import type { EventBody, LoginEvent } from '../../../src/login/event.ts'
import { ended, type LoginState } from '../../../src/login/state.ts'
import { transition } from '../../../src/login/transition.ts'
import type { LoginView } from '../../../src/resolvers/login-view.ts'
import { LoginViews } from '../../../src/resolvers/login-views.ts'
import { type LoginUpdate, snapshotOf, updateOf } from '../../../src/resolvers/update.ts'
import { observe, tale } from '../../login/lives.ts'
import * as at from '../../login/states.ts'
import type { Chance } from './random.ts'
import { accountOf, recordOf, secretsOf, worded } from './records.ts'

type Story = typeof tale extends fc.Arbitrary<infer Value> ? Value : never

interface Step {
  readonly state: LoginState
  readonly events: readonly LoginEvent[]
}

/** Where the stories begin: with what they would come by seldom. */
const starts: readonly (() => Step)[] = [
  () => begin(at.terms()),
  () => transition(at.prompting(at.byPush), at.intended('push-1', 2 * at.second)),
  () => transition(at.issuing(), at.received('qr-1', 3 * at.second)),
  () => transition(at.issuing(at.hanging), at.received('qr-1', 3 * at.second)),
  () => transition(at.awaitingScan(), at.polled(10 * at.second, at.scan)),
  () => transition(at.awaitingScan(), at.polled(10 * at.second, at.slider)),
  () => transition(at.awaitingScan(), at.polled(100 * at.second, at.dead)),
  () => transition(at.scanned(), at.said('CodePromptReported', 20 * at.second)),
  () => transition(at.codeRequired(), at.said('CodePromptWithdrawn', 25 * at.second)),
  () => transition(at.codeRequired(), at.submitted(30 * at.second)),
  () => transition(at.codeSent(), at.rejected('code-1', 40 * at.second)),
  () => transition(at.codeSent(), at.call('CallUnanswered', 'code-1', 40 * at.second)),
  () => transition(at.sliding(), at.said('SliderReported', 30 * at.second)),
]

/** Of each kind of event, and of snapshots: so that what happens seldom is told often. */
const ofEachKind = 200

/** What watchers of as many lives are told. The same for the same chance. */
export const updatesOf = async (lives: number, chance: Chance): Promise<readonly LoginUpdate[]> => {
  const stories = fc.sample(tale, { numRuns: lives, seed: chance.below(2 ** 31) })
  const kinds = new Map<string, LoginUpdate[]>()
  for (const story of stories)
    for (const update of await updatesIn(story, chance)) {
      const kind = update.event?.event.body.kind ?? 'snapshot'
      const known = kinds.get(kind) ?? []
      kinds.set(kind, known)
      if (known.length < ofEachKind) known.push(update)
    }
  return [...kinds.values()].flat()
}

const updatesIn = async (story: Story, chance: Chance): Promise<readonly LoginUpdate[]> => {
  const views = viewsOf(chance)
  const steps = stepsOf(story, chance)
  const updates: LoginUpdate[] = []
  let known: LoginView | null = null
  for (const { state, events } of steps) {
    const record = recordOf(state, chance)
    const login: LoginView =
      (ended(state) ? null : views.now(record, known)) ?? (await views.read(record, known))
    known = login
    const serverTime = at.start + chance.below(1e6)
    updates.push(...told(events, state.sequence, chance).map(event => updateOf(event, login, serverTime)))
    if (chance.happens(0.1)) updates.push(snapshotOf(login, serverTime, chance.happens(0.5)))
  }
  if (known === null || chance.happens(0.5)) return updates
  // To who comes late, all of it with the login as it came to stand.
  const login = known
  const events = steps.flatMap(step => step.events)
  return [
    ...updates,
    ...told(events, login.record.sequence, chance).map(event => updateOf(event, login, at.start)),
  ]
}

const viewsOf = (chance: Chance): LoginViews => {
  const store = {
    readSecrets: async () => secretsOf(chance),
    readAccounts: async () => new Map([['account', accountOf(chance)]]),
  }
  const pictureUrl = (_tenant: string, id: string) => `https://gateway.example/pictures/${id}`
  return new LoginViews({ pictureUrl, store }, 'default', 'login')
}

const stepsOf = (story: Story, chance: Chance): readonly Step[] => {
  const first = chance.from(starts)()
  const steps: Step[] = [first]
  let { state } = first
  let now = 60_000
  for (const [index, { told, later, ago }] of story.entries()) {
    now += later
    const step: Step = transition(state, observe(state, told, { now, ago, index }))
    steps.push(step)
    state = step.state
  }
  return steps
}

/** What was told in a step, in the state that it led to. */
const told = (events: readonly LoginEvent[], sequence: number, chance: Chance): readonly RecordedEvent[] =>
  events.map(({ state, ...body }, index) => ({
    sequence: sequence - events.length + index + 1,
    at: at.start + index,
    state,
    body: bodyOf(body, chance),
  }))

const bodyOf = (body: EventBody, chance: Chance): EventBody => {
  if (body.kind === 'LoginEnded') return { ...body, outcome: worded(body.outcome, chance) }
  return 'upstreamMessage' in body ? worded(body, chance) : body
}
