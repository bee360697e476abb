import { describe, expect, test } from 'vitest'
import { lineOf } from '../../client/terminal/line.ts'
import { cutTo, plain, widthOf } from '../../client/terminal/plain.ts'
import { aLogin, anUpdate, signedIn } from './fake-gateway.ts'

const AT = '2026-11-20T10:00:00.000Z'

describe('A piped line', () => {
  test.each([
    [
      'holds time, number, event, state and what to do',
      anUpdate(aLogin(), { __typename: 'QrCodeIssued', generation: 1 }),
      `${AT} 2 QrCodeIssued AWAITING_SCAN SCAN_QR_CODE generation=1`,
    ],
    [
      'says - for what to do on an event that is not the newest',
      anUpdate(aLogin(), { sequence: 1, state: 'STARTING' }),
      `${AT} 1 LoginStarted STARTING -`,
    ],
    [
      'quotes what has blanks',
      signedIn(5),
      `${AT} 5 LoginEnded CONFIRMED NONE reason=SIGNED_IN message="Signed in."`,
    ],
    [
      'cannot be forged by a name',
      anUpdate(aLogin(), { __typename: 'QrCodeScanned', nickName: `x\n${AT} 9 LoginEnded` }),
      `${AT} 2 QrCodeScanned AWAITING_SCAN SCAN_QR_CODE nickName="x ${AT} 9 LoginEnded"`,
    ],
    ['is not printed for a snapshot', anUpdate(aLogin(), null), null],
    [
      'names a resync',
      anUpdate(aLogin(), null, { resync: true }),
      `${AT} 2 Snapshot AWAITING_SCAN SCAN_QR_CODE`,
    ],
  ])('%s', (_, update, line) => {
    expect(lineOf(update)).toBe(line)
  })
})

describe('Foreign text', () => {
  test.each([
    ['\u001b[31mred', ' [31mred'],
    ['a\r\n\tb', 'a b'],
    ['\u202eabc\u2066', ' abc '],
    ['小明 👍🏽', '小明 👍🏽'],
  ])('%j becomes %j', (text, fit) => {
    expect(plain(text)).toBe(fit)
  })

  test.each([
    ['abc', 3],
    ['小明', 4],
    ['é', 1],
    ['👍🏽', 2],
  ])('%s takes %i columns', (text, columns) => {
    expect(widthOf(text)).toBe(columns)
  })

  test('is cut between characters, with an ellipsis', () => {
    expect(cutTo('小明小明', 6)).toBe('小明…')
    expect(cutTo('小明', 4)).toBe('小明')
  })
})
