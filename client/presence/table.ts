// The table as lines: who is not signed in first, and what to do about it. Pure: accounts in, lines out.
// Refuses to know escape sequences; a tone says what a line is.

import { cutTo, plain, widthOf } from '../terminal/plain.ts'
import type { Line, Room } from '../terminal/render.ts'
import type { Account } from './documents.ts'

const STEPS: Readonly<Record<string, string>> = {
  NONE: '',
  START_AGAIN: 'start a login again',
  START_AGAIN_WITH_QR_CODE: 'start a login again with a QR code',
  START_AGAIN_AS_MAC: 'start a login again as MAC',
  RESET_DEVICE: 'reset the device',
  CHECK_PROXY: 'check the proxy',
  LOG_OUT_FIRST: 'log it out first',
  CONTACT_OPERATOR: 'ask whoever runs this gateway',
}

const COLUMNS = ['account', 'device', 'state', 'since', 'reason', 'next step'] as const
/** Columns that one field may take; the last one takes what is left. */
const WIDEST = [24, 20, 8, 11, 34] as const
const BETWEEN = '  '

export interface Board {
  readonly accounts: readonly Account[]
  /** Why nothing comes just now; null while the gateway answers. */
  readonly lost: string | null
  readonly now: Date
}

/** As many accounts as fit; how many do not is said. */
export function table({ accounts, lost, now }: Board, room: Room): readonly Line[] {
  const rows = accounts.toSorted(byNeed).map(account => ({ account, cells: cellsOf(account, now) }))
  const head: Line[] = [
    { text: counts(accounts), tone: 'strong' },
    ...(lost === null ? [] : [{ text: `waiting for the gateway… (${plain(lost)})`, tone: 'bad' } as const]),
  ]
  if (rows.length === 0) return [...head, { text: 'No account is known yet.', tone: 'faint' }]
  // One row of the terminal stays for the cursor, one for the names of the columns.
  const space = Math.max(1, room.rows - 2 - head.length)
  const shown = rows.length <= space ? rows : rows.slice(0, Math.max(1, space - 1))
  const widths = WIDEST.map((most, column) =>
    Math.min(
      most,
      Math.max(widthOf(COLUMNS[column] ?? ''), ...shown.map(({ cells }) => widthOf(cells[column] ?? ''))),
    ),
  )
  const left = rows.length - shown.length
  return [
    ...head,
    { text: lineOf(COLUMNS, widths), tone: 'faint' },
    ...shown.map(({ account, cells }): Line => ({ text: lineOf(cells, widths), tone: toneOf(account) })),
    ...(left === 0 ? [] : [{ text: `… and ${left} more`, tone: 'faint' } as const]),
  ]
}

/** What it calls itself, or its wcId. */
export function nameOf({ nickName, wcId }: Account): string {
  return plain(nickName?.trim() || wcId)
}

/** In words; a step that this command does not know is shown as it came. */
export function stepSaid(nextStep: string): string {
  return STEPS[nextStep] ?? plain(nextStep)
}

function cellsOf(account: Account, now: Date): readonly string[] {
  const { state, since, reason, upstreamReason, nextStep } = account.presence
  const why = [reason === 'SIGNED_IN' || reason === 'FOUND_ONLINE' ? null : reason, upstreamReason]
  return [
    nameOf(account),
    plain(account.device?.deviceKey ?? ''),
    plain(state),
    moment(since, now),
    plain(why.filter(word => word !== null).join(': ')),
    stepSaid(nextStep),
  ]
}

function lineOf(cells: readonly string[], widths: readonly number[]): string {
  return cells
    .map((cell, column) => {
      const width = widths[column]
      if (width === undefined) return cell
      const fitting = cutTo(cell, width)
      return fitting + ' '.repeat(width - widthOf(fitting))
    })
    .join(BETWEEN)
    .trimEnd()
}

function toneOf({ presence }: Account): Line['tone'] {
  if (presence.state === 'OFFLINE') return 'bad'
  return presence.state === 'ONLINE' ? 'plain' : 'faint'
}

function counts(accounts: readonly Account[]): string {
  const of = (state: string) => accounts.filter(({ presence }) => presence.state === state).length
  const [offline, online] = [of('OFFLINE'), of('ONLINE')]
  return `${offline} offline · ${accounts.length - offline - online} unknown · ${online} online   (Ctrl-C leaves)`
}

const ORDER = ['OFFLINE', 'UNKNOWN', 'ONLINE']

/** Offline first, whoever dropped last on top; the others by name. */
function byNeed(one: Account, other: Account): number {
  const place = ({ presence }: Account) => ORDER.indexOf(presence.state)
  if (place(one) !== place(other)) return place(one) - place(other)
  const latest =
    one.presence.state === 'OFFLINE' ? Date.parse(other.presence.since) - Date.parse(one.presence.since) : 0
  return latest || compare(nameOf(one), nameOf(other)) || compare(one.id, other.id)
}

function compare(one: string, other: string): number {
  return one < other ? -1 : one > other ? 1 : 0
}

/** In the time of this machine: `12:03:20` today, else `11-20 12:03`. */
function moment(at: string, now: Date): string {
  const date = new Date(at)
  if (Number.isNaN(date.getTime())) return plain(at)
  const time = date.toTimeString()
  if (date.toDateString() === now.toDateString()) return time.slice(0, 8)
  const two = (number: number) => String(number).padStart(2, '0')
  return `${two(date.getMonth() + 1)}-${two(date.getDate())} ${time.slice(0, 5)}`
}
