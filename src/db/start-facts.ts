// What the rules look at before a login starts, read in one statement: the device, who holds its turn, its newest
// logins. What the rules make of it is decided in `src/login`.

import { and, eq, sql } from 'drizzle-orm'
import { decodeState } from '../login/decode.ts'
import { presenceRules } from '../login/presence.ts'
import { ended } from '../login/state.ts'
import type { LoginMethod, LoginStateName, Millis, OutcomeReason } from '../login/vocabulary.ts'
import type { Database } from './connection/connection.ts'
import { deviceRecord, knownHandles } from './device-records.ts'
import { isId } from './ids.ts'
import { ask, iso, millis } from './statement.ts'
import type { LoginStore, StartFacts } from './store.ts'
import { account } from './tables/account.ts'
import { device } from './tables/device.ts'
import { deviceTurn } from './tables/device-turn.ts'

const hour = 3_600_000

/** How many logins back counts in a row look; those of the last hour are all read. */
const logins = sql.raw('50')

interface Recent {
  readonly id: string
  readonly started: Millis
  readonly ended: Millis | null
  readonly state: LoginStateName
  readonly reason: OutcomeReason | null
  readonly confirmedBy: LoginMethod | null
  readonly pushFailed: Millis | null
  readonly scanned: Millis | null
  readonly promptUntil: Millis | null
  readonly qrCodesAsked: readonly Millis[]
}

const recentLogins = sql<readonly Recent[]>`(
  select coalesce(jsonb_agg(jsonb_build_object('id', l.id, 'started', ${millis(sql`l.started`)},
    'ended', ${millis(sql`l.ended`)}, 'state', l.state, 'reason', l.reason, 'confirmedBy', l.confirmed_by,
    'pushFailed', ${millis(sql`l.push_failed`)}, 'scanned', ${millis(sql`l.scanned`)},
    'promptUntil', ${millis(sql`l.prompt_until`)}, 'qrCodesAsked', l.qr_codes_asked)
    order by l.started desc, l.id desc), '[]')
  from (
    select * from login where device_id = ${device.id} and tenant = ${device.tenant}
      and started >= least(${sql.placeholder('hour_ago')}::timestamptz(3), (
        select min(newest.started) from (
          select n.started from login n where n.device_id = ${device.id} order by n.started desc limit ${logins}
        ) newest))
  ) l)`

/** What happened before a reset happened to another device, as far as the upstream knows. Of any statement that reads from `device`. */
export const earlyDrop = sql<number | null>`(
  select ${millis(sql`max(s.ended)`)} from sign_in s where s.device_id = device.id
    and s.drop_tags @> '["WITHIN_60_SECONDS"]' and (s.ended > device.reset) is not false
    and (s.ended > device.exit_changed) is not false)`

/** How whoever is signed in now came to be there: it outlives the login, which goes with its month. */
const foundWrong = sql<string | null>`(
  select s.found_by from sign_in s where s.device_id = ${device.id} and s.ended is null)`

export const startFactsReader = (db: Database): LoginStore['readStartFacts'] => {
  const statement = db
    .select({
      device,
      turn: { subjectId: deviceTurn.subjectId, version: deviceTurn.version, state: deviceTurn.state },
      knownHandles,
      account: {
        wcId: account.wcId,
        deviceId: account.deviceId,
        presence: account.presence,
        asOf: account.presenceAsOf,
        probationUntil: account.probationUntil,
      },
      recent: recentLogins,
      earlyDrop,
      foundWrong,
    })
    .from(device)
    .leftJoin(deviceTurn, and(eq(deviceTurn.deviceId, device.id), eq(deviceTurn.kind, 'LOGIN')))
    .leftJoin(account, eq(account.id, device.accountId))
    .where(and(eq(device.tenant, sql.placeholder('tenant')), eq(device.id, sql.placeholder('device'))))
    .prepare('read_start_facts')
  return async (tenant, deviceId, now) => {
    if (!isId(deviceId)) return null
    const [row] = await ask(() => statement.execute({ tenant, device: deviceId, hour_ago: iso(now - hour) }))
    if (row === undefined) return null
    const { turn, recent } = row
    const here = row.account?.deviceId === row.device.id ? row.account : null
    const active =
      turn === null
        ? null
        : { loginId: turn.subjectId, version: turn.version, state: decodeState(turn.state) }
    const online = here?.presence === 'ONLINE' && here.asOf > now - presenceRules.holds ? here : null
    const { knownWcId } = row.device
    const { reset } = row.device
    const since = recent.filter(login => reset === null || login.started >= reset)
    const past = { ...pastOf(since, active, now), recentLogins: startsOf(recent, now) }
    return {
      device: deviceRecord(row.device),
      active,
      knownWcId,
      knownHandles: row.knownHandles,
      lastSeenSignedIn: row.device.lastSeenSignedIn,
      seenOnline: online !== null,
      onlineWcId: online?.wcId ?? null,
      wrongAccountSignedIn:
        online !== null &&
        (knownWcId === null
          ? (past.lastReason ?? row.foundWrong) === 'WRONG_ACCOUNT'
          : online.wcId !== knownWcId),
      probationUntil: here?.probationUntil != null && here.probationUntil > now ? here.probationUntil : null,
      exitChangedSinceSignIn:
        row.device.exitChanged !== null &&
        row.device.lastLogin !== null &&
        row.device.exitChanged > row.device.lastLogin,
      exitRejected: row.earlyDrop,
      ...past,
    }
  }
}

const withinHour = (at: Millis, now: Millis): boolean => at > now - hour

/** Oldest first, also of before a reset: the upstream counts them by account (S2:31). */
const startsOf = (recent: readonly Recent[], now: Millis): readonly Millis[] =>
  recent
    .map(login => login.started)
    .filter(at => withinHour(at, now))
    .toReversed()

/** `recent` is newest first. */
const pastOf = (recent: readonly Recent[], active: StartFacts['active'], now: Millis) => {
  const asked = (login: Recent): readonly Millis[] =>
    login.id === active?.loginId && !ended(active.state) ? active.state.issues : login.qrCodesAsked
  const over = recent.filter(login => login.ended !== null)
  const pushes = until(recent, login => login.confirmedBy === 'PUSH').flatMap(login => login.pushFailed ?? [])
  const prompts = over.flatMap(login => login.promptUntil ?? []).filter(at => at > now)
  return {
    recentQrCodes: recent
      .flatMap(asked)
      .filter(at => withinHour(at, now))
      .toSorted((one, other) => one - other),
    pushesFailedInARow: pushes.length,
    lastPushFailed: pushes[0] ?? null,
    lastReason: over[0]?.reason ?? null,
    // One that nobody scanned says nothing of scans.
    scannedUnconfirmed: until(over, login => login.state === 'CONFIRMED').filter(
      login => login.scanned !== null,
    ).length,
    promptUntil: prompts.length === 0 ? null : Math.max(...prompts),
  }
}

const until = <Item>(items: readonly Item[], stops: (item: Item) => boolean): readonly Item[] => {
  const end = items.findIndex(stops)
  return end === -1 ? items : items.slice(0, end)
}
