// What goes wrong for many at once: a proxy that fails in one province, an upstream that is away, codes that are refused to one
// device type, accounts that drop together. Told by when and where; what follows from it is the stories'.

import type { DeviceType } from '../src/login/vocabulary.ts'
import { day, dayOf, hour, minute } from './calendar.ts'
import type { ProviderName } from './dialect.ts'
import { populousProvince } from './place.ts'
import type { Random } from './random.ts'

export type IncidentKind =
  | 'PROXY_OUTAGE'
  | 'UPSTREAM_AWAY'
  | 'TOKEN_DEAD'
  | 'UPSTREAM_ERRORS'
  | 'UNREADABLE'
  | 'CODES_REFUSED'
  | 'DROPS'

/** Null: whatever it is. */
export interface Incident {
  readonly kind: IncidentKind
  readonly from: number
  readonly to: number
  readonly province: string | null
  readonly provider: string | null
  readonly deviceType: DeviceType | null
}

interface Usual {
  readonly kind: IncidentKind
  /** Days between two of them. */
  readonly every: number
  readonly lasts: readonly [number, number]
  readonly at: 'PROVINCE' | 'PROVIDER' | 'DEVICE_TYPE'
}

const usual: readonly Usual[] = [
  { kind: 'PROXY_OUTAGE', every: 9, lasts: [2 * hour, 6 * hour], at: 'PROVINCE' },
  { kind: 'UPSTREAM_AWAY', every: 14, lasts: [20 * minute, 90 * minute], at: 'PROVIDER' },
  { kind: 'TOKEN_DEAD', every: 45, lasts: [15 * minute, 40 * minute], at: 'PROVIDER' },
  { kind: 'UPSTREAM_ERRORS', every: 20, lasts: [15 * minute, 50 * minute], at: 'PROVIDER' },
  { kind: 'UNREADABLE', every: 60, lasts: [10 * minute, 30 * minute], at: 'PROVIDER' },
  { kind: 'CODES_REFUSED', every: 20, lasts: [5 * hour, 14 * hour], at: 'DEVICE_TYPE' },
  { kind: 'DROPS', every: 6, lasts: [4 * minute, 12 * minute], at: 'PROVINCE' },
]

/** At least one of each, begun by day, when it is noticed; in the order of their beginnings. */
export const incidentsOf = (
  random: Random,
  { from, to, providers }: { from: number; to: number; providers: readonly ProviderName[] },
): readonly Incident[] =>
  usual
    .flatMap(({ kind, every, lasts, at }) =>
      Array.from({ length: Math.max(1, Math.round((to - from) / day / every)) }, (): Incident => {
        const noticed = dayOf(random.between(from, to)) + Math.floor(random.between(9 * hour, 21 * hour))
        const start = Math.min(Math.max(noticed, from), Math.max(from, to - 6 * hour))
        return {
          kind,
          from: start,
          to: start + Math.floor(random.between(...lasts)),
          province: at === 'PROVINCE' ? populousProvince(random) : null,
          provider: at === 'PROVIDER' ? random.pick(providers).name : null,
          deviceType: at === 'DEVICE_TYPE' ? (random.chance(0.7) ? 'IPAD' : 'MAC') : null,
        }
      }),
    )
    .toSorted((one, other) => one.from - other.from)

export interface Whereabouts {
  readonly province: string | null
  readonly provider: string
  readonly deviceType: DeviceType
}

export const strikes = (incident: Incident, where: Whereabouts): boolean =>
  (incident.province === null || incident.province === where.province) &&
  (incident.provider === null || incident.provider === where.provider) &&
  (incident.deviceType === null || incident.deviceType === where.deviceType)

/** Asked for moments that rise, or nearly so: a second try may be a little earlier than what was asked for last. */
export const runningOf = (incidents: readonly Incident[]): ((at: number) => readonly Incident[]) => {
  let begun: readonly Incident[] = []
  let next = 0
  return at => {
    for (let one = incidents[next]; one !== undefined && one.from <= at; one = incidents[next]) {
      begun = [...begun, one]
      next += 1
    }
    if (begun.length > 0) begun = begun.filter(({ to }) => to > at)
    return begun.filter(({ from }) => from <= at)
  }
}
