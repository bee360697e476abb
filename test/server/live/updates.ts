// Updates as a feed makes them, of logins that lived through anything, and the same with something broken in them.

import fc from 'fast-check'
import type { LoginRecord, LoginSecrets, RecordedEvent } from '../../../src/db/records.ts'
import type { LoginEvent } from '../../../src/login/event.ts'
import { ended, type LoginState } from '../../../src/login/state.ts'
import { viewLogin } from '../../../src/resolvers/login-view.ts'
import { type LoginUpdate, snapshotOf, updateOf } from '../../../src/resolvers/update.ts'
import { anyTerms, live, tale } from '../../login/lives.ts'
import * as at from '../../login/states.ts'
import type { Chance } from './random.ts'

const links = { pictureUrl: (_tenant: string, id: string) => `https://gateway.example/pictures/${id}` }

const advisories: LoginRecord['advisories'] = [
  { code: 'USE_PUSH_FIRST', until: null },
  { code: 'RECYCLES_SOON', until: at.start + 9 },
]

const names = [null, 'Ada', '豆豆', '\u2028"\\\n\t', '\ud83d', '🐉 \u202eabc', '']

/** As the store would read it; what it has no bearing on is made up. */
const recordOf = (state: LoginState, chance: Chance): LoginRecord => {
  const end = ended(state)
  return {
    id: `01a1fc01-ef3e-7e81-a660-${String(chance.below(1e9)).padStart(12, '0')}`,
    tenant: 'default',
    provider: 'fake',
    deviceId: 'device',
    accountId: chance.of(null, 'account'),
    expectedWcId: chance.of(null, 'wxid_ann'),
    strategy: chance.of('AUTO', 'QR_CODE', 'PUSH'),
    method: state.method,
    firstMethod: state.firstMethod,
    confirmedBy: end ? state.confirmedBy : null,
    deviceType: state.deviceType,
    province: chance.of(null, '广东'),
    proxied: chance.happens(0.5),
    firstOnDevice: chance.happens(0.5),
    startedBy: 'admin',
    reference: chance.of(...names),
    continues: chance.of(null, 'before'),
    continuedBy: chance.of(null, 'after'),
    stateName: state.kind,
    sequence: state.sequence,
    version: state.sequence + 3,
    state: end ? null : state,
    outcome: end ? state.outcome : null,
    advisories: chance.of([], advisories),
    scanner: chance.of(null, { nickName: chance.of(...names), pictureId: chance.of(null, 'p1') }),
    started: at.start,
    updated: at.start + chance.below(1e6),
    ended: end ? at.start + 5 : null,
    qrCodeIssued: chance.of(null, at.start + 1_234),
    scanned: chance.of(null, at.start + 2_345),
    confirmed: chance.of(null, at.start + 3_456),
  }
}

const secretsOf = (chance: Chance): LoginSecrets => ({
  qrCode: chance.of(null, at.secret, {
    url: null,
    image: 'data:image/png;base64,AA==',
    content: null,
  } as never),
  sliderUrl: chance.of(null, 'http://upstream.test/slider?a=b&c="'),
})

/** What was told in a step, in the state that it led to. */
const told = (events: readonly LoginEvent[], sequence: number): readonly RecordedEvent[] =>
  events.map(({ state, ...body }, index) => ({
    sequence: sequence - events.length + index + 1,
    at: at.start + index,
    state,
    body,
  }))

/** Every event and some snapshots of as many lives. The same for the same seed. */
export const updatesOf = (lives: number, seed: number, chance: Chance): readonly LoginUpdate[] => {
  const samples = fc.sample(fc.tuple(anyTerms, tale), { numRuns: lives, seed })
  return samples.flatMap(([terms, story]) => {
    const { states, events } = live(terms, story)
    let before = 0
    return states.flatMap(state => {
      const news = events.slice(before, state.sequence)
      before = state.sequence
      const login = viewLogin(links, recordOf(state, chance), chance.of(secretsOf(chance), null))
      const serverTime = at.start + chance.below(1e6)
      const updates = told(news, state.sequence).map(event => updateOf(event, login, serverTime))
      return chance.happens(0.1) ? [...updates, snapshotOf(login, serverTime, chance.happens(0.5))] : updates
    })
  })
}

const rejected = (): Promise<never> => {
  const promise = Promise.reject(new Error('in the data'))
  promise.catch(() => {})
  return promise
}

const broken: readonly (() => unknown)[] = [
  () => null,
  () => undefined,
  () => 'nope',
  () => 7,
  () => 1.5,
  () => -0,
  () => 2 ** 31,
  () => Number.NaN,
  () => true,
  () => new Date(Number.NaN),
  () => new Date(0),
  () => new Error('in the data'),
  () => [],
  () => [null, undefined, 'x'],
  () => ({}),
  // biome-ignore lint/suspicious/noThenProperty: that is what is broken about it
  () => ({ then: 5 }),
  () => () => 5,
  () => () => 'PUSH',
  () => () => Promise.resolve('x'),
  () => Promise.resolve(1),
  rejected,
  () => '\u2028"\\\ud800é小',
  () => Symbol('odd'),
  () => 10n,
]

/** A copy in which something, somewhere, is not what its type says. */
export const spoiled = (update: LoginUpdate, chance: Chance): LoginUpdate => {
  const copy = structuredClone(update)
  const { event, login } = copy
  const { record, secrets } = login
  const all: readonly unknown[] = [
    ...[copy, event, event?.event, event?.event.body, login, record, record.outcome, record.scanner],
    ...[record.advisories, record.advisories[0], login.challenge, login.poll, login.qrCode, login.scanner],
    ...[secrets, secrets?.qrCode],
  ]
  const places = all.filter(place => typeof place === 'object' && place !== null)
  for (let times = 1 + chance.below(2); times > 0; times--) {
    const place = chance.of(...places) as Record<string, unknown>
    const key: string | undefined = chance.of(...Object.keys(place))
    if (key !== undefined) place[key] = chance.of(...broken)()
  }
  return copy
}
