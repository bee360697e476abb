import { describe, expect, test } from 'vitest'
import { type Choice, entered, offered, phoneOffered, pressed } from '../../client/terminal/keys.ts'
import type { View } from '../../client/terminal/view.ts'
import { aLogin } from './fake-gateway.ts'

const CODE = ['CANCEL', 'SUBMIT_CODE', 'WITHDRAW_CODE_PROMPT']
const phone = {
  page: 'http://p',
  screen: { says: '', code: null, can: ['scan', 'confirm', 'decline', 'askForCode', 'forget'] },
}

function aView(allowedActions: readonly string[], part: Partial<View> = {}): View {
  return {
    login: aLogin({ allowedActions }),
    anchor: null,
    lost: null,
    note: null,
    typed: null,
    phone: null,
    ...part,
  }
}

describe('The keys that are offered', () => {
  test.each<[readonly string[], string]>([
    [[], 'q'],
    [['CANCEL', 'REFRESH_QR_CODE', 'REPORT_CODE_PROMPT', 'REPORT_NEW_DEVICE_PROMPT'], 'c n r q'],
    [CODE, 'c w q'],
    [['CANCEL', 'REPORT_SLIDER_SOLVED'], 's q'],
    [['CANCEL', 'FLY'], 'q'],
  ])('with %j allowed: %s', (allowed, keys) => {
    expect(
      offered(aView(allowed))
        .map(({ key }) => key)
        .join(' '),
    ).toBe(keys)
  })

  test('of the phone are those that it can do, and none while a code is typed', () => {
    expect(
      phoneOffered(aView([], { phone }))
        .map(({ key }) => key)
        .join(''),
    ).toBe('1234')
    expect(phoneOffered(aView([], { phone, typed: '' }))).toEqual([])
    expect(phoneOffered(aView([]))).toEqual([])
  })
})

describe('A key', () => {
  test.each<[string, View, string, Choice | null]>([
    [
      'does what is allowed',
      aView(['REPORT_CODE_PROMPT']),
      'c',
      { kind: 'act', action: 'REPORT_CODE_PROMPT' },
    ],
    ['in capitals too', aView(['REFRESH_QR_CODE']), 'R', { kind: 'act', action: 'REFRESH_QR_CODE' }],
    ['does nothing where it is not allowed', aView([]), 'c', null],
    ['c opens the line where a code may be typed', aView(CODE), 'c', { kind: 'type', typed: '' }],
    ['1 scans', aView([], { phone }), '1', { kind: 'phone', deed: 'scan' }],
    [
      '1 is a digit while a code is typed',
      aView(CODE, { phone, typed: '9' }),
      '1',
      { kind: 'type', typed: '91' },
    ],
    [
      'a ninth digit is not taken',
      aView(CODE, { typed: '12345678' }),
      '9',
      { kind: 'type', typed: '12345678' },
    ],
    ['Backspace takes the last digit', aView(CODE, { typed: '12' }), '\u007f', { kind: 'type', typed: '1' }],
    ['Enter sends the code', aView(CODE, { typed: '1234' }), '\r', { kind: 'code', code: '1234' }],
    ['Enter sends no empty code', aView(CODE, { typed: '' }), '\r', null],
    ['Esc puts the line away', aView(CODE, { typed: '12' }), '\u001b', { kind: 'type', typed: null }],
    [
      'w withdraws while a code is typed',
      aView(CODE, { typed: '' }),
      'w',
      { kind: 'act', action: 'WITHDRAW_CODE_PROMPT' },
    ],
    ['Ctrl-C quits, whatever is typed', aView(CODE, { typed: '12' }), '\u0003', { kind: 'quit' }],
  ])('%s', (_, view, key, choice) => {
    expect(pressed(view, key)).toEqual(choice)
  })
})

describe('A line', () => {
  test.each<[string, View, string, Choice | null]>([
    ['of four to eight digits is a code', aView(CODE), ' 123456 ', { kind: 'code', code: '123456' }],
    ['of digits is nothing while no code is asked for', aView([]), '123456', null],
    [
      'of one digit is a key of the phone, also while a code is asked for',
      aView(CODE, { phone, typed: '' }),
      '2',
      { kind: 'phone', deed: 'confirm' },
    ],
    ['of one letter is a key', aView([]), 'q', { kind: 'quit' }],
    ['of anything else is nothing', aView(CODE), 'quit', null],
  ])('%s', (_, view, line, choice) => {
    expect(entered(view, line)).toEqual(choice)
  })
})
