// Logins, their secrets and accounts as a store reads them. What a state has no bearing on is made up.

import type { AccountRecord, LoginRecord, LoginSecrets } from '../../../src/db/records.ts'
import type { EventBody } from '../../../src/login/event.ts'
import { ended, type LoginState, type Outcome } from '../../../src/login/state.ts'
import * as at from '../../login/states.ts'
import type { Chance } from './random.ts'

const advisories: LoginRecord['advisories'] = [
  { code: 'USE_PUSH_FIRST', until: null },
  { code: 'RECYCLES_SOON', until: at.start + 9 },
]

/** What people and upstreams write. */
export const words = [null, 'Ada', '豆豆', '\u2028"\\\n\t', '\ud83d', '🐉 \u202eabc', '</script>\0', '']

/** As the store would read it. */
export const recordOf = (state: LoginState, chance: Chance): LoginRecord => {
  const end = ended(state)
  return {
    id: `01a1fc01-ef3e-7e81-a660-${String(chance.below(1e9)).padStart(12, '0')}`,
    tenant: 'default',
    provider: 'fake',
    deviceId: 'device',
    accountId: state.kind === 'CONFIRMED' ? chance.of(null, 'account', 'account') : null,
    expectedWcId: chance.of(null, 'wxid_ann'),
    strategy: chance.of('AUTO', 'QR_CODE', 'PUSH'),
    method: state.method,
    firstMethod: state.firstMethod,
    confirmedBy: end ? state.confirmedBy : null,
    deviceType: state.deviceType,
    province: chance.of(null, '广东'),
    proxied: chance.happens(0.5),
    firstOnDevice: chance.happens(0.5),
    startedBy: chance.of('admin', 'somebody'),
    reference: chance.from(words),
    continues: chance.of(null, 'before'),
    continuedBy: chance.of(null, 'after'),
    stateName: state.kind,
    sequence: state.sequence,
    version: state.sequence + 3,
    state: end ? null : state,
    outcome: end ? worded(state.outcome, chance) : null,
    advisories: chance.of([], advisories),
    scanner: chance.of(null, { nickName: chance.from(words), pictureId: chance.of(null, 'p1') }),
    started: at.start,
    updated: at.start + chance.below(1e6),
    ended: end ? at.start + 5 : null,
    qrCodeIssued: chance.of(null, at.start + 1_234),
    scanned: chance.of(null, at.start + 2_345),
    confirmed: chance.of(null, at.start + 3_456),
  }
}

export const secretsOf = (chance: Chance): LoginSecrets => ({
  qrCode: chance.of<LoginSecrets['qrCode']>(null, at.secret, {
    url: null,
    image: 'data:image/png;base64,AA==',
    content: null,
  }),
  sliderUrl: chance.of(null, 'http://upstream.test/slider?a=b&c="'),
})

export const accountOf = (chance: Chance): AccountRecord => {
  const { wcId, instanceId, avatarUrl: _, ...profile } = at.ann
  return {
    id: 'account',
    tenant: 'default',
    provider: 'fake',
    wcId,
    instanceId,
    deviceId: chance.of(null, 'device'),
    profile: chance.of(null, {
      ...profile,
      nickName: chance.from(words) ?? '',
      country: chance.from(words),
      city: chance.from(words),
      signature: chance.from(words),
      mobilePhone: chance.of(null, '13800138000', '1'),
      pictureId: chance.of(null, 'p2'),
    }),
    profileAsOf: chance.of(null, at.start),
    presence: {
      state: 'ONLINE',
      since: at.start,
      asOf: at.start,
      reason: 'SIGNED_IN',
      upstreamReason: null,
      probationUntil: null,
      dropTags: [],
    },
    created: at.start,
  }
}

/** In other words than its own. */
export const worded = <Told extends Outcome | EventBody>(told: Told, chance: Chance): Told => ({
  ...told,
  upstreamMessage: chance.from(words),
})
