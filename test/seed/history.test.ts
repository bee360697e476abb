// What the generator tells, without a database: the same for the same wish, whole, and as uneven as life.

import { describe, expect, it } from 'vitest'
import { hourOf } from '../../seed/calendar.ts'
import { dialects } from '../../seed/dialect.ts'
import { strikes } from '../../seed/incident.ts'
import { nickName } from '../../seed/name.ts'
import { randomFrom } from '../../seed/random.ts'
import type { DeviceRow, EventRow, LoginRow } from '../../seed/rows.ts'
import { isId, monthOf, startOf } from '../../src/db/ids.ts'
import type { LoginEvent } from '../../src/login/event.ts'
import { fold } from '../../src/login/fold.ts'
import { provinces } from '../../src/login/provinces.ts'
import { ipadCapabilities } from '../../src/provider/ipad/ipad.ts'
import { openCapabilities } from '../../src/provider/open/open.ts'
import { textOf } from '../../src/provider/text.ts'
import { until, wholeHistory } from './wish.ts'

const told = wholeHistory()
const many = wholeHistory({ logins: 30_000, days: 200, seed: 'many' })
const eventsOf = Map.groupBy(told.loginEvent, event => event.loginId)
const share = (logins: readonly LoginRow[], is: (login: LoginRow) => boolean) =>
  logins.filter(is).length / Math.max(1, logins.length)

describe('a wish', () => {
  it('gives the same rows each time, ids too', () => {
    const { history: _, ...rows } = told
    const { history: __, ...again } = wholeHistory()
    expect(again).toEqual(rows)
  })

  it('gives others for another seed', () => {
    const ids = new Set(told.login.map(({ id }) => id))
    expect(wholeHistory({ logins: 500, seed: 'other' }).login.filter(({ id }) => ids.has(id))).toEqual([])
  })

  it('is met to the login, and has all ended by then', () => {
    expect(told.login).toHaveLength(6_000)
    const moments = [
      ...told.login.map(({ ended }) => ended ?? Number.NaN),
      ...told.signIn.map(({ began, ended }) => ended ?? began),
      ...told.presenceChange.map(({ at }) => at),
      ...told.deviceVersion.map(({ validFrom }) => validFrom),
      ...told.deviceOperation.map(({ ended }) => ended ?? Number.NaN),
      ...told.account.map(({ presenceAsOf }) => presenceAsOf),
    ]
    expect(Math.max(...moments)).toBeLessThanOrEqual(until)
    expect(Math.min(...told.login.map(({ started }) => started))).toBeGreaterThanOrEqual(
      until - 40 * 86_400_000,
    )
  })

  it.each([
    [1, 1],
    [3, 3_650],
    [400, 1],
    [1_500, 2],
  ])('may be small, or dense: %i logins in %i days', (logins, days) => {
    expect(wholeHistory({ logins, days }).login).toHaveLength(logins)
  })

  it('may be about one dialect only', () => {
    const { login, device } = wholeHistory({ logins: 800, providers: [{ name: 'mac', dialect: 'ipad' }] })
    expect(new Set([...login, ...device].map(({ provider }) => provider))).toEqual(new Set(['mac']))
  })
})

describe('the dialects that are played to', () => {
  it('can what their adapters can', () => {
    expect(dialects.open.capabilities).toEqual(openCapabilities)
    expect(dialects.ipad.capabilities).toEqual(ipadCapabilities)
  })
})

describe('each login', () => {
  it('has an id of the moment at which it started, and its events under that month', () => {
    for (const { id, started } of told.login) {
      expect(isId(id)).toBe(true)
      expect(startOf(id)).toBe(started)
    }
    for (const event of told.loginEvent) expect(event.loginStartedMonth).toBe(monthOf(event.loginId))
  })

  it('has events numbered from 1, from its start to its end, that tell what its row says', () => {
    for (const login of told.login) {
      const events: readonly EventRow[] = eventsOf.get(login.id) ?? []
      expect(events.map(({ sequence }) => sequence)).toEqual(events.map((_, index) => index + 1))
      expect(events[0]?.type).toBe('LoginStarted')
      expect(events.at(-1)?.type).toBe('LoginEnded')
      expect(events.at(-1)?.at).toBe(login.ended)
      expect(events.map(({ at }) => at)).toEqual(events.map(({ at }) => at).toSorted((a, b) => a - b))
      const part = fold(
        // Of the terms only what it began with is asked.
        { firstMethod: login.firstMethod ?? login.method, deviceType: login.deviceType } as never,
        events.map(({ type, state, body }) => ({ ...body, kind: type, state }) as LoginEvent),
      )
      expect(part).toMatchObject({
        state: login.state,
        sequence: login.sequence,
        method: login.method,
        confirmedBy: login.confirmedBy,
        outcome: {
          reason: login.reason,
          upstreamCode: login.upstreamCode,
          upstreamMessage: login.upstreamMessage,
          nextStep: login.nextStep,
        },
      })
    }
  })

  it('ends for every reason that there is, mostly signed in', () => {
    const reasons = Map.groupBy(told.login, ({ reason }) => reason)
    expect([...reasons.keys()].toSorted()).toMatchInlineSnapshot(`
      [
        "ALREADY_SIGNED_IN",
        "CANCELLED_BY_CALLER",
        "CODE_EXPIRED",
        "CODE_REJECTED",
        "DECLINED_ON_PHONE",
        "DEVICE_RESET_REQUIRED",
        "DEVICE_UNKNOWN",
        "NEW_DEVICE_VERIFICATION",
        "PROXY_FAILED",
        "PUSH_EXPIRED",
        "PUSH_REFUSED",
        "QR_CODE_EXPIRED",
        "SIGNED_IN",
        "SLIDER_EXPIRED",
        "SUPERSEDED",
        "TIMED_OUT",
        "UPSTREAM_ERROR",
        "UPSTREAM_UNAUTHORIZED",
        "UPSTREAM_UNREACHABLE",
        "UPSTREAM_UNREADABLE",
        "WRONG_ACCOUNT",
      ]
    `)
    expect(share(told.login, ({ reason }) => reason === 'SIGNED_IN')).toBeGreaterThan(0.6)
    expect(told.loginEvent.length / told.login.length).toBeGreaterThan(3.8)
  })

  it('is the next after one that it continues, on the same device, which had not signed anybody in', () => {
    const byId = new Map(told.login.map(login => [login.id, login]))
    const later = told.login.filter(({ continues }) => continues !== null)
    expect(later.length).toBeGreaterThan(100)
    for (const login of later) {
      const before = byId.get(login.continues ?? '')
      expect(before?.deviceId).toBe(login.deviceId)
      expect(before?.state).not.toBe('CONFIRMED')
      expect(before?.ended).toBeLessThanOrEqual(login.started)
    }
  })

  it('has its device to itself', () => {
    for (const logins of Map.groupBy(told.login, ({ deviceId }) => deviceId).values()) {
      const inOrder = logins.toSorted((a, b) => a.started - b.started || (a.ended ?? 0) - (b.ended ?? 0))
      for (const [index, login] of inOrder.entries())
        expect(login.started).toBeGreaterThanOrEqual(inOrder[index - 1]?.ended ?? 0)
    }
  })

  it('that was superseded has a successor in that very moment', () => {
    const superseded = told.login.filter(({ reason }) => reason === 'SUPERSEDED')
    expect(superseded.length).toBeGreaterThan(0)
    for (const { deviceId, ended } of superseded)
      expect(told.login.some(next => next.deviceId === deviceId && next.started === ended)).toBe(true)
  })
})

describe('life', () => {
  it('has a dip at night and a peak in the evening, in Shanghai', () => {
    const byHour = (hours: readonly number[]) =>
      told.login.filter(({ started }) => hours.includes(hourOf(started))).length / hours.length
    expect(byHour([2, 3, 4])).toBeLessThan(byHour([20, 21]) / 10)
    expect(byHour([20, 21])).toBeGreaterThan(byHour([9, 10, 11, 14, 15, 16]))
  })

  it('has failures that hang together', () => {
    const outages = told.history.incidents.filter(({ kind }) => kind === 'PROXY_OUTAGE')
    expect(outages.length).toBeGreaterThan(0)
    const struck = told.login.filter(
      login =>
        login.proxied &&
        outages.some(one => one.from <= login.started && login.started < one.to && strikes(one, login)),
    )
    const isProxy = ({ reason }: LoginRow) => reason === 'PROXY_FAILED'
    expect(share(told.login, isProxy)).toBeLessThan(0.05)
    expect(struck.length).toBeGreaterThan(5)
    expect(share(struck, isProxy)).toBeGreaterThan(0.5)
  })

  it('has most devices where most people live', () => {
    const at = (province: string) => many.device.filter(each => each.province === province).length
    expect(at('广东')).toBeGreaterThan(at('青海') + at('西藏') + at('宁夏'))
    for (const { province } of many.device) expect(provinces).toContain(province)
  })

  it('has people slower at night, and nobody outside of what people can do', () => {
    const seconds = (hours: readonly number[]) =>
      many.login
        .flatMap(({ started, scanned, confirmed, wasChallenged }) =>
          scanned === null || confirmed === null || wasChallenged || !hours.includes(hourOf(started))
            ? []
            : [(confirmed - scanned) / 1_000],
        )
        .toSorted((a, b) => a - b)
    const median = (all: readonly number[]) => all[Math.floor(all.length / 2)] ?? 0
    expect(median(seconds([1, 2, 3, 4, 5]))).toBeGreaterThan(1.2 * median(seconds([9, 10, 11, 14, 15])))
    expect(seconds([9, 10, 11])[0]).toBeGreaterThanOrEqual(2)
  })

  it('has drops of every kind, some at once and some on the first day', () => {
    const gone = told.presenceChange.filter(({ after }) => after === 'OFFLINE')
    expect(new Set(gone.map(({ reason }) => reason)).size).toBeGreaterThan(8)
    const tags = gone.flatMap(({ dropTags }) => dropTags)
    expect(tags).toContain('WITHIN_60_SECONDS')
    expect(tags).toContain('FIRST_DAY')
  })

  it('calls people what the gateway would have kept of it, formulas and right-to-left names included', () => {
    const names = told.account.flatMap(({ nickName, signature }) => [nickName, signature])
    for (const name of names) if (name !== null) expect(textOf(name)).toBe(name)
    const random = randomFrom('names')
    const all = Array.from({ length: 5_000 }, () => nickName(random))
    for (const name of all) expect(textOf(name)).toBe(name)
    expect(all.some(name => /^[=+@-]/.test(name))).toBe(true)
    expect(all.some(name => /\p{Script=Arabic}|\p{Script=Hebrew}/u.test(name))).toBe(true)
    expect(all.some(name => /\p{Extended_Pictographic}/u.test(name))).toBe(true)
    expect(all.some(name => name.includes('\u2028'))).toBe(true)
  })
})

describe('devices that must be reset', () => {
  const day = 86_400_000
  const waiting = ({ device }: { device: readonly DeviceRow[] }) =>
    device.filter(({ resetRequired }) => resetRequired)

  it('are some in the end, and few of all', () => {
    for (const one of [told, many]) {
      expect(waiting(one).length).toBeGreaterThan(0)
      expect(waiting(one).length / one.device.length).toBeLessThan(0.02)
    }
    for (const seed of ['1', '2', '3']) {
      const small = wholeHistory({ logins: 1_000, days: 30, seed })
      expect([seed, waiting(small).length > 0]).toEqual([seed, true])
    }
  })

  it('were told so by the last login there, in the last days, and nobody has come to it since', () => {
    for (const { id, retired, lastLogin, knownWcId } of [...waiting(told), ...waiting(many)]) {
      const login = [...told.login, ...many.login].findLast(({ deviceId }) => deviceId === id)
      expect(login?.reason).toBe('DEVICE_RESET_REQUIRED')
      expect(login?.started).toBeGreaterThan(until - 3.1 * day)
      // It was somebody's, and is not given up.
      expect([retired, lastLogin === null, knownWcId === null]).toEqual([null, false, false])
      const later = ({ deviceId }: { deviceId: string }) => deviceId === id
      for (const { ended } of [...told.signIn, ...many.signIn].filter(later)) expect(ended).not.toBeNull()
      for (const one of [...told.deviceOperation, ...many.deviceOperation].filter(later))
        expect(one.ended).toBeLessThan(login?.started ?? 0)
    }
  })

  it('were reset wherever a login came after', () => {
    for (const login of many.login.filter(({ reason }) => reason === 'DEVICE_RESET_REQUIRED')) {
      const next = many.login.find(
        ({ deviceId, started }) => deviceId === login.deviceId && started > login.started,
      )
      if (next === undefined) continue
      const between = many.deviceOperation.filter(
        ({ deviceId, kind, ended }) =>
          deviceId === login.deviceId &&
          kind === 'RESET' &&
          (ended ?? 0) > (login.ended ?? 0) &&
          (ended ?? 0) < next.started,
      )
      expect(between).toHaveLength(1)
    }
  })
})

describe('sign-ins', () => {
  it('overlap neither on a device nor of an account', () => {
    for (const key of ['deviceId', 'accountId'] as const)
      for (const signIns of Map.groupBy(told.signIn, row => row[key]).values()) {
        const inOrder = signIns.toSorted((a, b) => a.began - b.began || (a.ended ?? 0) - (b.ended ?? 0))
        for (const [index, { began }] of inOrder.entries()) {
          const before = inOrder[index - 1]
          if (before !== undefined) expect(before.ended).toBeLessThanOrEqual(began)
        }
      }
  })

  it('begin with the login that made them, and every login that signed somebody in made one', () => {
    const made = new Map(told.signIn.map(signIn => [signIn.loginId, signIn]))
    for (const login of told.login.filter(({ reason }) => reason === 'SIGNED_IN'))
      expect(made.get(login.id)).toMatchObject({
        accountId: login.accountId,
        deviceId: login.deviceId,
        began: login.confirmed,
        firstOnDevice: expect.any(Boolean),
      })
  })

  it('agree with what is believed in the end', () => {
    const open = new Map(
      told.signIn.filter(({ ended }) => ended === null).map(signIn => [signIn.accountId, signIn]),
    )
    expect(open.size).toBeGreaterThan(20)
    for (const account of told.account)
      expect([account.id, account.presence]).toEqual([
        account.id,
        open.has(account.id) ? 'ONLINE' : 'OFFLINE',
      ])
    for (const { accountId, deviceId } of open.values())
      expect(told.device.find(({ id }) => id === deviceId)?.accountId).toBe(accountId)
  })

  it('changes of presence are numbered, and each goes on from the one before', () => {
    for (const changes of Map.groupBy(told.presenceChange, row => row.accountId).values()) {
      let before = 'UNKNOWN'
      for (const [index, change] of changes.toSorted((a, b) => a.number - b.number).entries()) {
        expect([change.number, change.before]).toEqual([index + 1, before])
        before = change.after
      }
    }
  })

  it('versions of devices rise with time', () => {
    for (const versions of Map.groupBy(told.deviceVersion, row => row.deviceId).values()) {
      const inOrder = versions.toSorted((a, b) => a.number - b.number)
      expect(inOrder.map(({ validFrom }) => validFrom)).toEqual(
        inOrder.map(({ validFrom }) => validFrom).toSorted((a, b) => a - b),
      )
      expect(told.device.find(({ id }) => id === inOrder[0]?.deviceId)?.settingsVersion).toBe(
        inOrder.at(-1)?.number,
      )
    }
  })
})
