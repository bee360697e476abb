// The upstream's rules before a login starts, each with its source.

import { describe, expect, it } from 'vitest'
import { planLogin, termsOf } from '../../src/login/plan.ts'
import type { DeviceFacts } from '../../src/login/rules.ts'
import { defaultDeadlines, defaultLimits } from '../../src/login/terms.ts'
import { shortPolls } from './states.ts'

const now = 1_800_000_000_000
const minute = 60_000
const hour = 60 * minute
const day = 24 * hour
const context = { capabilities: shortPolls, limits: defaultLimits, now }
const wish = { strategy: 'AUTO', deviceType: 'IPAD', expectedWcId: null } as const

const fresh: DeviceFacts = {
  knownWcId: null,
  province: '广东',
  proxied: false,
  ttuid: null,
  resetRequired: false,
  lastSeenSignedIn: null,
  seenOnline: false,
  exitChangedSinceSignIn: false,
  recentLogins: [],
  recentQrCodes: [],
  pushesFailedInARow: 0,
  lastPushFailed: null,
  lastReason: null,
  scannedUnconfirmed: 0,
  promptUntil: null,
  knownHandles: [],
  probationUntil: null,
  wrongAccountSignedIn: false,
  exitRejected: null,
}
const known: DeviceFacts = { ...fresh, knownWcId: 'wxid_ann', lastSeenSignedIn: now - day }
const codes = (plan: { reasons: readonly { code: string }[] }) => plan.reasons.map(reason => reason.code)

describe('a plan', () => {
  it.each([
    ['a first login is by QR code (S0, S2)', fresh, 'AUTO', 'QR_CODE', ['PUSH_NEEDS_A_KNOWN_ACCOUNT']],
    ['a device that has signed in is pushed to first (S0:5, S2:3)', known, 'AUTO', 'PUSH', []],
    ['a QR code on such a device is possible, with advice', known, 'QR_CODE', 'QR_CODE', ['USE_PUSH_FIRST']],
    [
      'not seen for 15 days: a push is hopeless (S0:7)',
      { ...known, lastSeenSignedIn: now - 15 * day - 1 },
      'AUTO',
      'QR_CODE',
      ['PUSH_UNLIKELY', 'RECYCLES_SOON'],
    ],
    [
      'seen 15 days ago to the moment: push, and it recycles soon (S0:3)',
      { ...known, lastSeenSignedIn: now - 15 * day },
      'AUTO',
      'PUSH',
      ['RECYCLES_SOON'],
    ],
    [
      'seen a moment less than 15 days ago: push',
      { ...known, lastSeenSignedIn: now - 15 * day + 1 },
      'AUTO',
      'PUSH',
      [],
    ],
    [
      'the exit has changed: a push is hopeless (S0:7)',
      { ...known, exitChangedSinceSignIn: true },
      'AUTO',
      'QR_CODE',
      ['PUSH_UNLIKELY'],
    ],
    [
      'one failed push is no row',
      { ...known, pushesFailedInARow: 1, lastPushFailed: now - minute },
      'AUTO',
      'PUSH',
      [],
    ],
    [
      'two in a row: a day of QR codes (S0:7)',
      { ...known, pushesFailedInARow: 2, lastPushFailed: now - minute },
      'AUTO',
      'QR_CODE',
      ['PUSH_COOL_DOWN'],
    ],
    [
      'two in a row, a day ago: push again',
      { ...known, pushesFailedInARow: 2, lastPushFailed: now - day },
      'AUTO',
      'PUSH',
      [],
    ],
    [
      'somebody is signed in: it is said (S3:1)',
      { ...known, seenOnline: true },
      'AUTO',
      'PUSH',
      ['ALREADY_SIGNED_IN'],
    ],
    [
      'a hopeless push is sent to who insists',
      { ...known, exitChangedSinceSignIn: true },
      'PUSH',
      'PUSH',
      ['PUSH_UNLIKELY'],
    ],
  ] as const)('%s', (_, facts, strategy, method, reasons) => {
    const plan = planLogin(facts, { ...wish, strategy }, context)
    expect(plan).toMatchObject({ method, possible: true, refusal: null, blockedUntil: null })
    expect(codes(plan)).toEqual(reasons)
  })

  it.each([
    [
      'its first day is not over: a QR code with its name (S4:21)',
      now + minute,
      false,
      'QR_CODE',
      ['PUSH_UNLIKELY'],
    ],
    ['where a push is welcome on that day: push (S2:3)', now + minute, true, 'PUSH', []],
    ['its first day is over: push', now, false, 'PUSH', []],
    ['it has had none here: push', null, false, 'PUSH', []],
  ] as const)('for an account, %s', (_, probationUntil, pushOnFirstDay, method, reasons) => {
    const capabilities = { ...shortPolls, pushOnFirstDay }
    const plan = planLogin({ ...known, probationUntil }, wish, { ...context, capabilities })
    expect(plan).toMatchObject({ method, refusal: null })
    expect(codes(plan)).toEqual(reasons)
    if (reasons.length > 0) expect(plan.reasons[0]?.until).toBe(probationUntil)
  })

  it('keeps the handles that were known when it was made', () => {
    const facts = { ...known, knownHandles: ['handle-of-yore'] }
    const deadlines = defaultDeadlines
    const plan = planLogin(facts, wish, context)
    expect(termsOf(facts, wish, plan, { ...context, deadlines }).knownHandles).toEqual(['handle-of-yore'])
  })

  it.each([
    [
      'another account is signed in, of which every answer would speak',
      { ...known, wrongAccountSignedIn: true, resetRequired: true },
      'AUTO',
      'WRONG_ACCOUNT_SIGNED_IN',
      null,
    ],
    [
      'no account has signed in here, so there is nobody to push to (S0)',
      fresh,
      'PUSH',
      'PUSH_NEEDS_A_KNOWN_ACCOUNT',
      null,
    ],
    [
      'two pushes in a row came to nothing (S0:7)',
      { ...known, pushesFailedInARow: 2, lastPushFailed: now - minute },
      'PUSH',
      'PUSH_COOL_DOWN',
      now - minute + day,
    ],
    [
      'the upstream asks for a reset (S0:3)',
      { ...known, resetRequired: true },
      'AUTO',
      'RESET_REQUIRED',
      null,
    ],
    [
      'neither province nor proxy nor ttuid (S2:31)',
      { ...fresh, province: null },
      'AUTO',
      'PROVINCE_REQUIRED',
      null,
    ],
    [
      'a prompt is still before the person (S0:7, S2:1)',
      { ...fresh, promptUntil: now + minute },
      'AUTO',
      'PERSON_IS_ACTING',
      now + minute,
    ],
    [
      'a prompt holds no longer than configured',
      { ...fresh, promptUntil: now + hour },
      'AUTO',
      'PERSON_IS_ACTING',
      now + 215_000,
    ],
    [
      'five logins in an hour (S2:31)',
      { ...fresh, recentLogins: [50, 40, 30, 20, 10].map(ago => now - ago * minute) },
      'AUTO',
      'TOO_MANY_ATTEMPTS',
      now + 10 * minute,
    ],
    [
      'six QR codes in an hour (S2:31)',
      { ...fresh, recentQrCodes: [55, 50, 40, 30, 20, 10].map(ago => now - ago * minute) },
      'AUTO',
      'TOO_MANY_ATTEMPTS',
      now + 5 * minute,
    ],
  ] as const)('is refused where %s', (_, facts, strategy, code, until) => {
    const plan = planLogin(facts, { ...wish, strategy }, context)
    expect(plan).toMatchObject({ possible: false, refusal: { code, until }, blockedUntil: until })
    expect(codes(plan)[0]).toBe(code)
  })

  it('warns of recycling only where the upstream does it', () => {
    const facts = { ...known, lastSeenSignedIn: now - 16 * day }
    const capabilities = { ...shortPolls, recyclesDevices: false }
    expect(codes(planLogin(facts, wish, { ...context, capabilities }))).toEqual(['PUSH_UNLIKELY'])
  })

  it('lets a proxy or a ttuid stand for the province', () => {
    for (const exit of [{ proxied: true }, { ttuid: 't' }])
      expect(planLogin({ ...fresh, province: null, ...exit }, wish, context).possible).toBe(true)
  })

  it('forgets a prompt that has lapsed, and logins of an hour ago', () => {
    const old = {
      ...fresh,
      promptUntil: now,
      recentLogins: [60, 50, 40, 30, 20].map(ago => now - ago * minute),
    }
    expect(planLogin(old, wish, context).possible).toBe(true)
  })

  it('lets a number switch a limit off', () => {
    const limits = { ...defaultLimits, loginsPerHour: 0, qrCodesPerHour: 0, promptHoldSeconds: 0 }
    const busy = {
      ...fresh,
      promptUntil: now + minute,
      recentLogins: Array.from({ length: 50 }, () => now - minute),
      recentQrCodes: Array.from({ length: 50 }, () => now - minute),
    }
    expect(planLogin(busy, wish, { ...context, limits }).possible).toBe(true)
  })

  it('leaves a push unhindered by the limit of QR codes', () => {
    const busy = { ...known, recentQrCodes: Array.from({ length: 6 }, () => now - minute) }
    expect(planLogin(busy, wish, context)).toMatchObject({ method: 'PUSH', possible: true })
  })

  it('pauses the next scan after a rejected code, where the upstream announces none', () => {
    const facts = { ...known, lastReason: 'CODE_REJECTED' } as const
    const plan = planLogin(facts, wish, context)
    const fixed = (announcesCode: boolean) =>
      termsOf(facts, wish, plan, {
        ...context,
        capabilities: { ...shortPolls, announcesCode },
        deadlines: defaultDeadlines,
      })
    expect(fixed(false)).toMatchObject({
      pauseAtScan: true,
      firstMethod: 'PUSH',
      firstOnDevice: false,
      started: now,
    })
    expect(fixed(true).pauseAtScan).toBe(false)
  })
})
