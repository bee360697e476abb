// What a watcher of a login is sent: one frozen object, shared by all who get it.

import type { LoginSecrets, RecordedEvent } from '../db/records.ts'
import type { Millis } from '../login/vocabulary.ts'
import type { EventView, LoginView } from './login-view.ts'

export interface LoginUpdate {
  readonly sequence: number
  /** Null on a snapshot. */
  readonly event: EventView | null
  readonly login: LoginView
  /** `after` was above the newest number: take `login` as the new start. */
  readonly resync: boolean
  readonly serverTime: Millis
  /** Of a wall, which has a place of its own among many logins; absent: `sequence` is the place. */
  readonly cursor?: string
}

export const snapshotOf = (login: LoginView, serverTime: Millis, resync = false): LoginUpdate =>
  Object.freeze({
    sequence: login.record.sequence,
    event: null,
    login,
    resync,
    serverTime,
  })

export const updateOf = (event: RecordedEvent, login: LoginView, serverTime: Millis): LoginUpdate =>
  Object.freeze({
    sequence: event.sequence,
    event: Object.freeze({ event, login }),
    login,
    resync: false,
    serverTime,
  })

export const noSecrets: LoginSecrets = Object.freeze({ qrCode: null, sliderUrl: null })
