import { describe, expect, test } from 'vitest'
import { anchorAt, clockFace, secondsLeft } from '../../client/terminal/countdown.ts'

const SERVER = '2026-11-20T10:00:00.000Z'
const anchor = anchorAt(SERVER, 5_000)

describe('The countdown', () => {
  test.each([
    ['counts from the time that the gateway told', '2026-11-20T10:03:35.000Z', 5_000, 215],
    ['goes on by the time passed here since then', '2026-11-20T10:03:35.000Z', 15_000, 205],
    ['shows a begun second as a whole one', '2026-11-20T10:00:10.000Z', 5_001, 10],
    ['stays at 0 after the deadline', '2026-11-20T10:00:10.000Z', 99_000, 0],
    ['is none where nothing lapses', null, 5_000, null],
    ['is none where the deadline is no time', 'soon', 5_000, null],
  ])('%s', (_, deadline, local, left) => {
    expect(secondsLeft(deadline, anchor, local)).toBe(left)
  })

  test('is none before the gateway told its time, or told nonsense', () => {
    expect(secondsLeft(SERVER, null, 0)).toBeNull()
    expect(anchorAt('yesterday', 0)).toBeNull()
  })

  test.each([
    [0, '0:00'],
    [9, '0:09'],
    [125, '2:05'],
    [900, '15:00'],
  ])('%i seconds read %s', (seconds, face) => {
    expect(clockFace(seconds)).toBe(face)
  })
})
