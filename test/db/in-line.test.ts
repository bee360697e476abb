// Who comes next where few work at a time.

import { setImmediate } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import { type InLine, inLine } from '../../src/db/in-line.ts'

/** Begins works that end when they are told to, and notes in which order they began. */
const works = (turn: InLine) => {
  const began: string[] = []
  const ends: (() => void)[] = []
  return {
    began,
    ask: (tenant: string, asker: object, name: string) =>
      turn(tenant, asker, async () => {
        began.push(name)
        await new Promise<void>(resolve => ends.push(resolve))
      }),
    /** Ends whoever began first, so that the next one begins. */
    endOne: async () => {
      await setImmediate()
      ends.shift()?.()
    },
  }
}

describe('a line', () => {
  test('calls tenants in turn, and askers within each', async () => {
    const { began, ask, endOne } = works(inLine(1, 60_000))
    const [many, one, elsewhere] = [{}, {}, {}]
    const asked = [
      ...['m1', 'm2', 'm3', 'm4'].map(name => ask('default', many, name)),
      ask('default', one, 'o1'),
      ...['e1', 'e2'].map(name => ask('another', elsewhere, name)),
    ]
    for (let ended = 0; ended < asked.length; ended += 1) await endOne()
    await Promise.all(asked)
    expect(began).toEqual(['m1', 'm2', 'e1', 'o1', 'e2', 'm3', 'm4'])
  })

  test('tells whoever waits too long that it is busy, and goes on with the others', async () => {
    const { began, ask, endOne } = works(inLine(1, 20))
    const first = ask('default', {}, 'first')
    await expect(ask('default', {}, 'late')).rejects.toMatchObject({ busy: true })
    await endOne()
    await first
    const last = ask('default', {}, 'last')
    await endOne()
    await last
    expect(began).toEqual(['first', 'last'])
  })
})
