// What analysts and support people ask of a list of logins: every single filter, and the pairs that they most likely join
// (docs/lists.md). With values that the database holds: the most frequent, the rarest, and both.

import { type SQL, sql } from 'drizzle-orm'
import type { LoginFilter } from '../../src/db/filters.ts'

export interface LoginQuestion {
  readonly name: string
  readonly where: LoginFilter
}

export interface LoginQuestions {
  readonly singles: readonly LoginQuestion[]
  readonly pairs: readonly LoginQuestion[]
  /** What nobody was promised: in half a second, or TOO_EXPENSIVE. */
  readonly odd: readonly LoginQuestion[]
}

type Run = <Row>(statement: SQL) => Promise<readonly Row[]>

const day = 86_400_000

export const loginQuestions = async (run: Run, tenant: string): Promise<LoginQuestions> => {
  const values = async (column: string): Promise<readonly string[]> => {
    const rows = await run<{ value: string }>(sql`
      select ${sql.identifier(column)}::text as value from login
      where tenant = ${tenant} and ended is not null and ${sql.identifier(column)} is not null
      group by 1 order by count(*) desc, 1 limit 200`)
    return rows.map(({ value }) => value)
  }
  const [span] = await run<{ from: number; to: number }>(sql`
    select (extract(epoch from min(started)) * 1000)::float8 as from, (extract(epoch from max(started)) * 1000)::float8 as to
    from login where tenant = ${tenant}`)
  const { from, to } = span ?? { from: 0, to: 0 }
  const middle = Math.round((from + to) / 2)
  const lists = {
    state: await values('state'),
    reason: await values('reason'),
    upstreamCode: await values('upstream_code'),
    method: await values('method'),
    firstMethod: await values('first_method'),
    strategy: await values('strategy'),
    provider: await values('provider'),
    deviceType: await values('device_type'),
    province: await values('province'),
    startedBy: await values('started_by'),
  }
  type List = keyof typeof lists
  const first = (name: List): LoginFilter => ({ [name]: lists[name].slice(0, 1) })
  const rare = (name: List): LoginFilter => ({ [name]: lists[name].slice(-1) })
  const [reference] = await run<{ value: string }>(sql`
    select reference as value from login where tenant = ${tenant} and reference is not null order by started desc limit 1`)
  const [known] = await run<{ device: string; account: string; wcid: string }>(sql`
    select l.device_id as device, l.account_id as account, a.wc_id as wcid from login l join account a on a.id = l.account_id
    where l.tenant = ${tenant} order by l.started desc limit 1`)
  const { device = '', account = '', wcid = '' } = known ?? {}
  const aDay: LoginFilter = { startedFrom: middle, startedTo: middle + day }
  return {
    singles: [
      ...(Object.keys(lists) as List[]).flatMap(name => [
        { name: `${name}, the most frequent`, where: first(name) },
        { name: `${name}, the rarest`, where: rare(name) },
        {
          name: `${name}, a list`,
          where: {
            ...first(name),
            [name]: [...new Set([lists[name][0], lists[name][1], lists[name].at(-1)])].filter(
              one => one !== undefined,
            ),
          },
        },
      ]),
      { name: 'reason, of which there is none', where: { reason: ['UPSTREAM_UNREADABLE'] } },
      { name: 'province, of which there is none', where: { province: ['nowhere'] } },
      { name: 'live', where: { live: true } },
      { name: 'live: false', where: { live: false } },
      { name: 'firstOnDevice', where: { firstOnDevice: true } },
      { name: 'firstOnDevice: false', where: { firstOnDevice: false } },
      { name: 'reference', where: { reference: reference?.value ?? '' } },
      { name: 'device', where: { device } },
      { name: 'account', where: { account } },
      { name: 'wcId', where: { wcId: wcid } },
      { name: 'startedFrom', where: { startedFrom: middle } },
      { name: 'startedTo', where: { startedTo: middle } },
      { name: 'endedFrom', where: { endedFrom: middle } },
      { name: 'endedTo', where: { endedTo: middle } },
    ],
    pairs: [
      { name: 'province + a day', where: { ...first('province'), ...aDay } },
      { name: 'reason + a day', where: { ...first('reason'), ...aDay } },
      { name: 'upstreamCode + a day', where: { ...first('upstreamCode'), ...aDay } },
      { name: 'province + reason', where: { ...first('province'), ...rare('reason') } },
      { name: 'province + state', where: { ...first('province'), state: ['FAILED'] } },
      { name: 'method + reason', where: { method: ['PUSH'], reason: ['QR_CODE_EXPIRED'] } },
      { name: 'method + state', where: { method: ['PUSH'], state: ['CONFIRMED'] } },
      { name: 'deviceType + method', where: { deviceType: ['MAC'], method: ['PUSH'] } },
      { name: 'deviceType + reason', where: { deviceType: ['MAC'], ...rare('reason') } },
      { name: 'provider + reason', where: { ...first('provider'), ...rare('reason') } },
      { name: 'startedBy + state', where: { ...first('startedBy'), state: ['FAILED'] } },
      { name: 'device + state', where: { device, state: ['FAILED'] } },
    ],
    odd: [
      {
        name: 'province + method + a rare code',
        where: { ...first('province'), ...first('method'), ...rare('upstreamCode') },
      },
      { name: 'every province + firstOnDevice', where: { province: lists.province, firstOnDevice: true } },
      { name: 'strategy + provider, both rare', where: { ...rare('strategy'), ...rare('provider') } },
      {
        name: 'rare starter + ended on a day',
        where: { ...rare('startedBy'), endedFrom: middle, endedTo: middle + day },
      },
      {
        name: 'province + province of another',
        where: { ...rare('province'), wcId: wcid, firstMethod: ['PUSH'] },
      },
      {
        name: 'state, all of them',
        where: { state: ['CONFIRMED', 'EXPIRED', 'REJECTED', 'CANCELLED', 'FAILED', 'STARTING'] },
      },
      { name: 'frequent code + rare provider', where: { ...first('upstreamCode'), ...rare('provider') } },
    ],
  }
}
