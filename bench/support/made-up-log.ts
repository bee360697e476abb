// A log in memory in the place of a database: each ring carries the event that it tells of, as the rings of a poller in
// the same process do. What a watcher who joins is read looks like a login of a real store.

import type { Bus } from '../../src/bus/bus.ts'
import type { LoginRecord, RecordedEvent } from '../../src/db/records.ts'
import type { Carried, Store, Turn } from '../../src/db/store.ts'
import type { LoginState } from '../../src/login/state.ts'

export interface MadeUpLog {
  readonly store: Store
  readonly ids: readonly string[]
  /** So many events, of one login after the other; by default one of each. `at`: when they happen, in milliseconds. */
  ring(events?: number, at?: number): void
}

interface Parts {
  readonly real: Store
  /** What all of them look like. */
  readonly template: LoginRecord
  readonly bus: Bus<Carried>
  readonly ids: readonly string[]
}

type Live = Extract<LoginState, { health: unknown }>

const isLive = (state: LoginState | null): state is Live => state !== null && 'health' in state

/** The upstream cannot be asked, can be asked again, cannot … */
const next = ({ turn }: Carried, now: number): Carried => {
  const { state } = turn
  if (!isLive(state)) throw new Error('This login is not under way')
  const degraded = !state.health.degraded
  const sequence = state.sequence + 1
  const event: RecordedEvent = {
    sequence,
    at: now,
    state: state.kind,
    body: degraded ? { kind: 'PollingDegraded', cause: 'TIMEOUT' } : { kind: 'PollingRecovered' },
  }
  return {
    kind: 'RECORDED',
    turn: {
      ...turn,
      version: turn.version + 1,
      state: { ...state, sequence, health: { ...state.health, degraded } },
    },
    events: [event],
    at: now,
  }
}

export const madeUpLog = ({ real, template, bus, ids }: Parts): MadeUpLog => {
  if (!isLive(template.state)) throw new Error('There is no live login to look like')
  const { tenant, provider, deviceId, version, state } = template
  const newest = new Map<string, Carried>(
    ids.map(loginId => {
      const turn: Turn = { loginId, tenant, provider, deviceId, version, epoch: 1, state }
      return [loginId, { kind: 'RECORDED', turn, events: [], at: template.updated }]
    }),
  )
  const store: Store = {
    ...real,
    readProgress: async (_tenant, id) => {
      const known = newest.get(id)
      if (known === undefined) return null
      const { turn, at } = known
      const { sequence, kind: stateName } = turn.state
      const login = {
        ...template,
        id,
        sequence,
        stateName,
        version: turn.version,
        state: turn.state,
        updated: at,
      }
      return { login, events: [] }
    },
    readSecrets: async () => ({
      qrCode: {
        url: 'https://pictures.example/qr/0123456789abcdef.png?AWSAccessKeyId=A&Expires=1&Signature=abc',
        content: 'http://weixin.qq.com/x/0123456789abcdefghij',
        image: null,
      },
      sliderUrl: null,
    }),
    readLogins: async () => new Map(),
  }
  let told = 0
  return {
    store,
    ids,
    ring: (events = ids.length, at = Date.now()) => {
      for (let event = 0; event < events; event++) {
        const id = ids[told++ % ids.length] ?? ''
        const before = newest.get(id)
        if (before === undefined) return
        const carried = next(before, at)
        newest.set(id, carried)
        bus.ring({ id, sequence: carried.turn.state.sequence, carried })
      }
    },
  }
}
