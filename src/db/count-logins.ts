// How many logins fit a filter: from the counted cells where they tell, since counting millions one by one takes longer than
// anybody waits.

import { cubeFor } from './login-cells.ts'
import type { StatisticsStore } from './statistics-store.ts'
import type { LoginStore } from './store.ts'

/** `oneByOne` counts what the cells do not keep apart. */
export const countLoginsWith =
  (
    oneByOne: LoginStore['countLogins'],
    statistics: Pick<StatisticsStore, 'readLoginStatistics'>,
  ): LoginStore['countLogins'] =>
  async (tenant, where) => {
    if (cubeFor(where, []) === null) return await oneByOne(tenant, where)
    const answer = await statistics.readLoginStatistics(tenant, {
      where,
      groupBy: [],
      interval: null,
      timeZone: 'UTC',
      durations: false,
      dialects: {},
    })
    return answer.kind === 'COUNTED' ? (answer.rows[0]?.started ?? 0) : 0
  }
