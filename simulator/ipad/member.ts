/**
 * `/member/login`: the developer's own account, with the fields of 2020 and of 2026 (P 2.1).
 */
import { envelope } from '../envelope.ts'
import { SAID } from '../words.ts'
import { failed } from './answers.ts'
import type { Handler } from './call.ts'

/** Any account and password will do, save the password `wrong`. `status` 0: normal. */
export const memberLogin: Handler = ({ world, params }) => {
  const { account = '', password = '' } = params
  if (account === '' || password === '' || password === 'wrong')
    return failed(world.switches, SAID.wrongPassword)
  const now = Math.floor(world.now())
  const year = 365 * 86_400_000
  return envelope(world.switches, '1000', SAID.success, {
    name: account,
    account,
    accountType: 0,
    overdueTime: now + year,
    createTime: now - year,
    modifyTime: now,
    lastTime: now,
    availableNumber: 9999,
    callbackType: world.callbacks.address('ipad')?.form ?? 0,
    callbackUrl: world.callbacks.address('ipad')?.url ?? null,
    status: 0,
    wcIds: null,
    Authorization: world.token,
  })
}
