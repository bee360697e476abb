// Alters the transition table one row at a time and asks whether any sentence notices. Who survives is a row, a
// condition or an entry that no sentence needs.

import { machine, type Row } from '../../src/login/table.ts'
import { type Case, check } from './case.ts'

export interface Mutant {
  readonly name: string
  readonly rows: readonly Row[]
}

const without = <Item>(items: readonly Item[], index: number): readonly Item[] => items.toSpliced(index, 1)

/** Whether the row ever keeps anything beside the state, as far as the cases reach it. */
const keeps = (row: Row, cases: readonly Case[]): boolean => {
  let kept = false
  const watched: Row = {
    ...row,
    to: (state, told) => {
      const step = row.to(state, told)
      if (Object.keys(step).length > 2) kept = true
      return step
    },
  }
  const transition = machine([watched])
  for (const { given, told } of cases) transition(given, told)
  return kept
}

/** Alterations that alter something: a row without a condition cannot lose it. */
export const mutantsOf = (rows: readonly Row[], cases: readonly Case[]): readonly Mutant[] =>
  rows.flatMap((row, index) => {
    const { when, to } = row
    const altered = (what: string, change: Partial<Row>): Mutant => ({
      name: `${row.name}: ${what}`,
      rows: rows.with(index, { ...row, ...change }),
    })
    const neighbour = rows[(index + 1) % rows.length] ?? row
    return [
      { name: `${row.name}: left out`, rows: without(rows, index) },
      altered('does nothing', { to: state => ({ state, events: [] }) }),
      ...(String(neighbour.to) === String(to)
        ? []
        : [altered('does what the next row does', { to: neighbour.to })]),
      ...(keeps(row, cases)
        ? [
            altered('forgets what to keep beside the state', {
              to: (state, told) => {
                const { state: next, events } = to(state, told)
                return { state: next, events }
              },
            }),
          ]
        : []),
      ...(when === null
        ? [altered('never', { when: () => false })]
        : [
            altered('without its condition', { when: null }),
            altered('with its condition turned round', { when: (state, told) => !when(state, told) }),
          ]),
      ...(row.in.length > 1
        ? row.in.map((kind, at) => altered(`not in ${kind}`, { in: without(row.in, at) }))
        : []),
      ...(row.on.length > 1
        ? row.on.map((on, at) => altered(`not on ${on}`, { on: without(row.on, at) }))
        : []),
    ]
  })

const holds = (rows: readonly Row[], cases: readonly Case[]): boolean => {
  const transition = machine(rows)
  return cases.every(one => {
    try {
      check(transition, one)
      return true
    } catch {
      return false
    }
  })
}

/** Names of the alterations that no case notices. */
export const survivors = (mutants: readonly Mutant[], cases: readonly Case[]): readonly string[] =>
  mutants.filter(mutant => holds(mutant.rows, cases)).map(mutant => mutant.name)
