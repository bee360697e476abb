// One login as it went, in a text: what its watcher saw and what went over the wire, in order. Judges nothing.

import type { Call } from './calls.ts'
import type { Sat } from './judge.ts'

/** One line for the login, one for its events, and one for each call. Seconds since it began; `…`: it hangs, or never came. */
export const storyOf = (loginId: string, sat: Sat): string => {
  const { dialect, plan, strategy, written, calls, late, after } = sat
  const events = written.events.edges.map(({ node }) => node)
  const began = Date.parse(events[0]?.at ?? '')
  const told = events.map(({ __typename, at }) => `${seconds(Date.parse(at), began)} ${__typename}`)
  const reason = written.outcome?.reason ?? written.state
  return [
    `${loginId} ${dialect} ${strategy} ${plan}: ${reason}${sat.cancelled ? ', called off' : ''}`,
    `  events: ${told.join(', ')}`,
    ...calls.map(call => `  ${line(call, began)}`),
    ...late.filter(call => !calls.includes(call)).map(call => `  earlier: ${line(call, began)}`),
    ...after.map(call => `  after its end: ${line(call, began)}`),
  ].join('\n')
}

const line = ({ endpoint, params, sent, over, how, names, arrived }: Call, began: number): string =>
  [
    `${endpoint}${about(params)} sent ${seconds(sent, began)}`,
    arrived === null ? 'arrived …' : `arrived ${seconds(arrived.began, began)}`,
    over === null ? 'hangs' : `${how} ${seconds(over, began)}${names ? ' with an account' : ''}`,
    ...(arrived?.fault ? [`met ${arrived.fault}`] : []),
  ].join(', ')

/** Enough to tell one from another. */
const about = ({ wId, code, verifyCode }: Call['params']): string => {
  const words = [...(wId === undefined ? [] : [wId.slice(0, 4)]), ...((code ?? verifyCode) ? ['code'] : [])]
  return words.length === 0 ? '' : ` (${words.join(', ')})`
}

const seconds = (at: number, began: number): string => ((at - began) / 1_000).toFixed(2)
