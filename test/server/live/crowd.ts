// Many generated operations, each with several watchers, and many updates for them: the comparison of plan and
// graphql-js until enough events have been compared, or the first difference.

import { setImmediate as turn } from 'node:timers/promises'
import type { GraphQLSchema } from 'graphql'
import { compare, type Planner, type Told, viewers, type Watching } from './comparison.ts'
import { generate, type Selecting, type Variables, variablesOf } from './operations.ts'
import { Chance } from './random.ts'
import { spoiled } from './spoiled.ts'

/** Of one operation: how many updates, and how many of its watchers are told of each. */
const updatesOfEach = 20
const toldOfEach = 2

export interface Crowd {
  readonly schema: GraphQLSchema
  readonly planner: Planner
  readonly selecting: Selecting
  readonly updates: readonly object[]
  readonly seed: number
  /** At least so many. */
  readonly events: number
}

export interface Totals {
  readonly operations: number
  readonly events: number
  readonly same: number
  readonly sameThoughSpoiled: number
  readonly refused: number
  readonly refusedWhole: number
  readonly difference: string | null
}

export const compareCrowd = async ({
  schema,
  planner,
  selecting,
  updates,
  seed,
  events: enough,
}: Crowd): Promise<Totals> => {
  const chance = new Chance(seed)
  const totals = { operations: 0, events: 0, same: 0, sameThoughSpoiled: 0, refused: 0, refusedWhole: 0 }
  while (totals.events < enough) {
    const generated = generate(selecting, chance)
    const compared = compare(schema, planner, generated, watchingOf(chance), toldOf(updates, chance))
    if (compared === null) continue
    // Plans forget with the turn of the loop.
    await turn()
    totals.operations++
    totals.events += compared.events
    totals.same += compared.same
    totals.sameThoughSpoiled += compared.sameThoughSpoiled
    totals.refused += compared.refused
    totals.refusedWhole += compared.refusedWhole
    if (compared.difference !== null) return { ...totals, difference: compared.difference }
  }
  return { ...totals, difference: null }
}

/** One, and three who differ from it: in who they are, in their variables, in what they watch. */
const watchingOf = (chance: Chance): readonly Watching[] => {
  const one = { viewer: chance.from(viewers), variables: variablesOf(chance) }
  return [
    one,
    { ...one, viewer: chance.from(viewers) },
    { ...one, variables: otherwise(one.variables, chance) },
    { ...one, variables: { ...one.variables, id: '3', after: 1 } },
  ]
}

/** With one of them as others have it. */
const otherwise = (variables: Variables, chance: Chance): Variables => {
  const name = chance.of('a', 'b', 'c', 'd', 'i', 'j')
  const { [name]: _, ...rest } = variables
  const others = variablesOf(chance)
  return name in others ? { ...rest, [name]: others[name] } : rest
}

const toldOf = (updates: readonly object[], chance: Chance): readonly Told[] =>
  Array.from({ length: updatesOfEach }, (_, index) => {
    const whole = index % 2 === 0
    const update = chance.from(updates)
    const told = whole ? update : spoiled(update, chance)
    const first = chance.below(4)
    return Array.from({ length: toldOfEach }, (_, next) => ({
      update: told,
      whole,
      watching: (first + next) % 4,
    }))
  }).flat()
