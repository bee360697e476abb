// How many logins fit a filter: from the counted cells where they tell, since counting millions one by one takes longer than
// anybody waits.

import { cubeFor } from './login-cells.ts'
import type { LoginStore } from './store.ts'

/** `oneByOne` counts what the cells do not keep apart. */
export const countLoginsWith =
  (oneByOne: LoginStore['countLogins'], fromCells: LoginStore['countLogins']): LoginStore['countLogins'] =>
  (tenant, where) =>
    cubeFor(where, []) === null ? oneByOne(tenant, where) : fromCells(tenant, where)
