// What a caller is shown of each live state.

import { describe, expect, it } from 'vitest'
import { decodeState } from '../../src/login/decode.ts'
import { viewOf } from '../../src/login/view.ts'
import * as at from './states.ts'

const { second, start } = at
const third = () =>
  at.reach(
    at.reissuing(),
    at.received('qr-2', 102 * second),
    at.polled(150 * second, at.dead),
    at.intended('qr-3', 151 * second),
    at.received('qr-3', 152 * second),
  )

describe('a caller at', () => {
  it.each([
    ['the start', at.prompting(), 'WAIT', 'IDLE', ['CANCEL'], null],
    [
      'a QR code whose scan nobody is told of, which may not be replaced by request',
      at.reach(
        at.prompting(at.hanging),
        at.intended('qr-1', 2 * second),
        at.received('qr-1', 3 * second, 'handle-1'),
      ),
      'SCAN_QR_CODE',
      'OK',
      ['CANCEL', 'REPORT_CODE_PROMPT', 'REPORT_NEW_DEVICE_PROMPT'],
      1,
    ],
    [
      'a push that is answered to its sender, and takes no code',
      at.reach(at.prompting({ ...at.hanging, ...at.byPush }), at.intended('push-1', 2 * second)),
      'CONFIRM_ON_PHONE',
      'OK',
      ['CANCEL', 'REPORT_NEW_DEVICE_PROMPT'],
      null,
    ],
    [
      'a QR code',
      at.awaitingScan(),
      'SCAN_QR_CODE',
      'OK',
      ['CANCEL', 'REFRESH_QR_CODE', 'REPORT_CODE_PROMPT', 'REPORT_NEW_DEVICE_PROMPT'],
      1,
    ],
    [
      'a QR code that somebody wants replaced',
      at.reach(at.awaitingScan(), at.said('QrCodeRefreshAsked', 20 * second)),
      'SCAN_QR_CODE',
      'OK',
      ['CANCEL', 'REPORT_CODE_PROMPT', 'REPORT_NEW_DEVICE_PROMPT'],
      1,
    ],
    [
      'a QR code that is being replaced',
      at.renewing(),
      'WAIT',
      'OK',
      ['CANCEL', 'REPORT_CODE_PROMPT', 'REPORT_NEW_DEVICE_PROMPT'],
      null,
    ],
    [
      'the last QR code',
      third(),
      'SCAN_QR_CODE',
      'OK',
      ['CANCEL', 'REPORT_CODE_PROMPT', 'REPORT_NEW_DEVICE_PROMPT'],
      3,
    ],
    [
      'a scanned code',
      at.scanned(),
      'CONFIRM_ON_PHONE',
      'OK',
      ['CANCEL', 'REPORT_CODE_PROMPT', 'REPORT_NEW_DEVICE_PROMPT'],
      null,
    ],
    [
      'a paused scan',
      at.scanned({ pauseAtScan: true }),
      'CONFIRM_ON_PHONE',
      'PAUSED',
      ['CANCEL', 'REPORT_CODE_PROMPT', 'WITHDRAW_CODE_PROMPT', 'REPORT_NEW_DEVICE_PROMPT'],
      null,
    ],
    [
      'a push',
      at.pushed(),
      'CONFIRM_ON_PHONE',
      'OK',
      ['CANCEL', 'REPORT_CODE_PROMPT', 'REPORT_NEW_DEVICE_PROMPT'],
      null,
    ],
    [
      'a code prompt',
      at.codeRequired(),
      'ENTER_CODE',
      'PAUSED',
      ['CANCEL', 'SUBMIT_CODE', 'WITHDRAW_CODE_PROMPT', 'REPORT_NEW_DEVICE_PROMPT'],
      null,
    ],
    ['a code that is verified', at.codeSent(), 'WAIT', 'PAUSED', ['CANCEL'], null],
    [
      'a slider',
      at.sliding(),
      'SOLVE_SLIDER',
      'PAUSED',
      ['CANCEL', 'REPORT_SLIDER_SOLVED', 'REPORT_CODE_PROMPT'],
      null,
    ],
    [
      'an outage',
      at.reach(at.awaitingScan(), at.pollFailed(9 * second, 'UNAUTHORIZED')),
      'SCAN_QR_CODE',
      'DEGRADED',
      ['CANCEL', 'REFRESH_QR_CODE', 'REPORT_CODE_PROMPT', 'REPORT_NEW_DEVICE_PROMPT'],
      1,
    ],
  ] as const)(
    '%s is told what to do and what may be asked',
    (_, state, nextStep, poll, allowedActions, generation) => {
      const view = viewOf(state)
      expect(view).toMatchObject({ nextStep, allowedActions, deadline: state.deadline })
      expect(view.poll.state).toBe(poll)
      expect(view.qrCode?.generation ?? null).toBe(generation)
    },
  )

  it('a challenge sees who announced it and how often it may be tried', () => {
    expect(viewOf(at.codeRequired()).challenge).toEqual({
      kind: 'VERIFY_CODE',
      announcedBy: 'PERSON',
      attemptsLeft: 3,
      requested: start + 20 * second,
    })
    expect(viewOf(at.reach(at.codeSent(), at.rejected('code-1', 32 * second))).challenge).toMatchObject({
      attemptsLeft: 2,
    })
    expect(viewOf(at.sliding()).challenge).toEqual({ kind: 'SLIDER', requested: start + 10 * second })
    expect(viewOf(at.scanned()).challenge).toBeNull()
  })
})

describe('a saved state that this version does not know', () => {
  it.each([
    ['no object', null, 'state is not an object'],
    ['another format', { format: 2, state: at.scanned() }, 'state.format'],
    ['another kind', { format: 1, state: { ...at.scanned(), kind: 'AWAITING_MOON' } }, 'state.state.kind'],
    ['a prototype’s name for a kind', { format: 1, state: { kind: 'constructor' } }, 'state.state.kind'],
    [
      'a field missing',
      { format: 1, state: { ...at.scanned(), deadline: undefined } },
      'state.state.deadline',
    ],
    [
      'a field of another type',
      { format: 1, state: { ...at.scanned(), paused: 'no' } },
      'state.state.paused',
    ],
  ])('is refused by the name of the place: %s', (_, json, place) => {
    expect(() => decodeState(json)).toThrow(place)
  })
})
