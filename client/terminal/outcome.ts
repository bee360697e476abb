// How the login ended, in sentences: who is signed in, or why not and what to do next.
// Pure. Refuses to know exit statuses.

import type { Login } from './answers.ts'
import { plain } from './plain.ts'
import { both, nextStepSaid } from './words.ts'

/** An upstream may have one answer for both. */
const DECLINED_OR_EXPIRED = {
  en: 'There was time left: expired, or declined on the phone',
  zh: '尚未到期：二维码已失效，或已在手机上拒绝',
}

/**
 * Empty while the login goes on. The first line is the one that counts. `hadTime`: it ended well before what it waited for
 * would have lapsed.
 */
export function outcomeLines({ outcome, account, advisories }: Login, hadTime: boolean): readonly string[] {
  if (outcome === null) return []
  const advice = advisories.map(({ message }) => `  ! ${plain(message)}`)
  if (outcome.state === 'CONFIRMED') {
    const who = plain(account?.nickName || account?.wcId || 'an account without a name')
    const how =
      outcome.reason === 'ALREADY_SIGNED_IN'
        ? { en: `${who} was signed in already`, zh: '账号已在线' }
        : { en: `Signed in as ${who}`, zh: '登录成功' }
    return [both(how), ...advice]
  }
  const next = nextStepSaid(outcome.nextStep)
  return [
    `${plain(outcome.message)} (${outcome.state}, ${outcome.reason})`,
    ...(hadTime && outcome.reason === 'QR_CODE_EXPIRED' ? [`  ${both(DECLINED_OR_EXPIRED)}`] : []),
    ...(outcome.upstreamMessage ? [`  The upstream said: ${plain(outcome.upstreamMessage)}`] : []),
    ...advice,
    ...(next === null ? [] : [`  Next: ${both(next)}`]),
  ]
}
