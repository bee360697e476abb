// Which story a login tells: what is going wrong around it first, then what is usual for its method and device.

import type { Plan } from '../src/login/plan.ts'
import type { LoginStrategy, OutcomeReason } from '../src/login/vocabulary.ts'
import { day } from './calendar.ts'
import type { Device } from './device.ts'
import { type Incident, type IncidentKind, strikes } from './incident.ts'
import { lotOf, type Random } from './random.ts'
import type { StoryName } from './story.ts'

const failures = [
  ['DEVICE_UNKNOWN', 0.25],
  ['PROXY_FAILED', 0.9],
  ['UNAUTHORIZED', 0.25],
  ['UNREACHABLE', 0.5],
  ['UPSTREAM_ERROR', 0.5],
  ['UNREADABLE', 0.25],
] as const

const byCode = lotOf<StoryName>([
  ['SIGNS_IN', 60],
  ['CODE_WORKS', 17],
  ['NOBODY_SCANS', 7],
  ['SCANS_AND_LEAVES', 2.2],
  ['TAKES_TOO_LONG', 0.6],
  ['DECLINES', 1.2],
  ['CANCELLED', 5],
  ['SUPERSEDED', 0.6],
  ['CODES_REJECTED', 1],
  ['CODE_LAPSES', 0.9],
  ['WRONG_ACCOUNT', 0.6],
  ['NEW_DEVICE', 0.6],
  ['RESET_REQUIRED', 0.3],
  ...failures,
])

const byCodeWithSliders = lotOf<StoryName>([
  ['SIGNS_IN', 58],
  ['CODE_WORKS', 15],
  ['SLIDER_SOLVED', 4],
  ['SLIDER_LAPSES', 1],
  ['NOBODY_SCANS', 8],
  ['TAKES_TOO_LONG', 0.6],
  ['DECLINES', 0.8],
  ['CANCELLED', 5],
  ['SUPERSEDED', 0.4],
  ['CODES_REJECTED', 1],
  ['CODE_LAPSES', 0.9],
  ['WRONG_ACCOUNT', 0.7],
  ['NEW_DEVICE', 0.6],
  ...failures,
])

const pushed = (works: number) =>
  lotOf<StoryName>([
    ['SIGNS_IN', works],
    ['PUSH_REFUSED', 7],
    ['PUSH_LAPSES', 6],
    ['DECLINES', 1.6],
    ['CANCELLED', 2],
    ['SUPERSEDED', 0.3],
    ['WRONG_ACCOUNT', 0.15],
    ...failures,
  ])

const byPush = { IPAD: pushed(70), MAC: pushed(110) } as const

export const strategies = lotOf<LoginStrategy>([
  ['AUTO', 46],
  ['QR_CODE', 50],
  ['PUSH', 4],
])

const told: Readonly<Partial<Record<IncidentKind, readonly [StoryName, number]>>> = {
  PROXY_OUTAGE: ['PROXY_FAILED', 0.88],
  UPSTREAM_AWAY: ['UNREACHABLE', 0.94],
  TOKEN_DEAD: ['UNAUTHORIZED', 0.98],
  UPSTREAM_ERRORS: ['UPSTREAM_ERROR', 0.7],
  UNREADABLE: ['UNREADABLE', 0.85],
  CODES_REFUSED: ['CODES_REJECTED', 0.5],
}

export const choose = (
  random: Random,
  device: Device,
  plan: Plan,
  { at, incidents }: { at: number; incidents: readonly Incident[] },
): StoryName => {
  if (device.open !== null) return 'ALREADY_SIGNED_IN'
  for (const incident of incidents) {
    const [story, share] = told[incident.kind] ?? []
    if (story === undefined || share === undefined || !strikes(incident, device.row)) continue
    if (story === 'PROXY_FAILED' && device.row.proxyHost === null) continue
    if (story === 'CODES_REJECTED' && plan.method === 'PUSH') continue
    if (random.chance(share)) return story
  }
  const { capabilities } = device.dialect
  const { lastSeenSignedIn } = device.row
  // S0:3: whoever was away for twenty days is recycled.
  if (capabilities.recyclesDevices && lastSeenSignedIn !== null && at - lastSeenSignedIn > 20 * day)
    return 'RESET_REQUIRED'
  if (plan.method === 'PUSH') return byPush[plan.deviceType].draw(random)
  const story = (capabilities.sliders ? byCodeWithSliders : byCode).draw(random)
  // Nobody is the wrong one where anybody may sign in.
  return story === 'WRONG_ACCOUNT' && plan.expectedWcId === null ? 'SIGNS_IN' : story
}

/** How often somebody tries once more on that device, and after how many seconds. */
export const tryAgain: Readonly<Record<OutcomeReason, readonly [number, number]>> = {
  SIGNED_IN: [0, 0],
  ALREADY_SIGNED_IN: [0, 0],
  QR_CODE_EXPIRED: [0.5, 90],
  PUSH_EXPIRED: [0.6, 40],
  PUSH_REFUSED: [0.7, 30],
  CODE_EXPIRED: [0.5, 60],
  SLIDER_EXPIRED: [0.5, 70],
  TIMED_OUT: [0.4, 120],
  DECLINED_ON_PHONE: [0.3, 60],
  CANCELLED_BY_CALLER: [0.25, 45],
  SUPERSEDED: [1, 0],
  WRONG_ACCOUNT: [0.7, 400],
  CODE_REJECTED: [0.4, 600],
  DEVICE_UNKNOWN: [0.1, 900],
  DEVICE_RESET_REQUIRED: [0.9, 600],
  NEW_DEVICE_VERIFICATION: [0.4, 900],
  PROXY_FAILED: [0.5, 300],
  UPSTREAM_UNAUTHORIZED: [0.4, 600],
  UPSTREAM_UNREACHABLE: [0.6, 180],
  UPSTREAM_ERROR: [0.6, 60],
  UPSTREAM_UNREADABLE: [0.5, 120],
}
