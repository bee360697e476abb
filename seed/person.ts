// Those who hold the phones: one messenger identity each, as its upstream tells of it, and the account that the gateway knows of it.

import type { Profile } from '../src/login/vocabulary.ts'
import type { ProviderName } from './dialect.ts'
import { hexName } from './id.ts'
import { motto, nickName, phone, visibleNumber } from './name.ts'
import { placeOf } from './place.ts'
import type { Random } from './random.ts'
import type { AccountRow } from './rows.ts'

export interface Person {
  readonly provider: ProviderName
  readonly wcId: string
  profile: Profile
  /** Null: never seen signed in. */
  account: AccountRow | null
  /** Nothing is told of it before that moment: something later is known. */
  free: number
}

export const somebody = (random: Random, provider: ProviderName): Person => {
  const wcId = `wxid_${hexName(random).slice(0, 14)}`
  return {
    provider,
    wcId,
    account: null,
    free: 0,
    profile: {
      wcId,
      wAccount: random.chance(0.9) ? visibleNumber(random) : null,
      nickName: nickName(random),
      avatarUrl: null,
      country: random.chance(0.92) ? 'CN' : null,
      city: random.chance(0.8) ? placeOf(random).city : null,
      signature: motto(random),
      sex: random.chance(0.9) ? 1 + random.below(2) : 0,
      mobilePhone: random.chance(0.7) ? phone(random) : null,
      instanceId: null,
    },
  }
}

/** What a sign-in tells: now and then something has changed, and on `ipad` each brings a handle of its own (S1:34). */
export const profileNow = (random: Random, person: Person): Profile => {
  if (random.chance(0.02)) person.profile = { ...person.profile, nickName: nickName(random) }
  if (random.chance(0.02)) person.profile = { ...person.profile, signature: motto(random) }
  if (random.chance(0.003)) person.profile = { ...person.profile, mobilePhone: phone(random) }
  return person.provider.dialect === 'ipad'
    ? { ...person.profile, instanceId: hexName(random) }
    : person.profile
}
