// Data in which something, somewhere, is not what its type says.

import type { Chance } from './random.ts'

type Place = Record<PropertyKey, unknown>

/** A copy with one or two places spoiled. */
export const spoiled = <Data extends object>(data: Data, chance: Chance): Data => {
  const copy = structuredClone(data)
  const places = placesIn(copy)
  for (let times = 1 + chance.below(2); times > 0; times--) spoil(chance.from(places), chance)
  return copy
}

/** All that holds something, lists too. What a login was saved as is left out: nobody is shown it. */
const placesIn = (data: object): readonly Place[] => {
  const places = new Set<object>()
  const look = (value: unknown): void => {
    if (typeof value !== 'object' || value === null || places.has(value)) return
    if (Object.keys(value).length > 0) places.add(value)
    for (const [key, inside] of Object.entries(value)) if (key !== 'state') look(inside)
  }
  look(data)
  return [...places] as Place[]
}

const spoil = (place: Place, chance: Chance): void => {
  const key = chance.from(Object.keys(place))
  const inside: unknown = Object.getOwnPropertyDescriptor(place, key)?.value
  const put = (what: PropertyDescriptor): void =>
    void Object.defineProperty(place, key, { configurable: true, enumerable: true, ...what })
  const way = chance.number()
  // Of a list, a hole.
  if (way < 0.05) delete place[key]
  else if (way < 0.1) put({ get: fail })
  else if (way < 0.2) put({ value: [inside, chance.from(broken)()] })
  else if (way < 0.25) put({ value: Promise.resolve(inside) })
  // What looks like what should be there.
  else if (way < 0.28) put({ value: dressed(new Error('in the data'), inside) })
  else if (way < 0.31) put({ value: dressed(Promise.resolve('later'), inside) })
  else if (way < 0.35) put({ value: gives(place, inside) })
  else put({ value: chance.from(broken)() })
}

const dressed = (body: object, as: unknown): object =>
  typeof as === 'object' && as !== null
    ? Object.defineProperties(body, Object.getOwnPropertyDescriptors(as))
    : body

const gives = (place: Place, inside: unknown) =>
  function (this: unknown): unknown {
    return this === place ? inside : 'asked of nobody'
  }

const fail = (): never => {
  throw new Error('in the data')
}

const rejected = (): Promise<never> => {
  const promise = Promise.reject(new Error('in the data'))
  promise.catch(() => {})
  return promise
}

const holes = (): unknown[] => {
  const list: unknown[] = ['x']
  list[2] = 'z'
  return list
}

const cycle = (): object => {
  const self: Record<string, unknown> = {}
  self.self = self
  return self
}

const broken: readonly (() => unknown)[] = [
  () => null,
  () => undefined,
  ...['', 'nope', 'PUSH', '7', '__proto__', 'LoginStarted', 'SLIDER', '\u2028"\\\ud800é小'].map(
    text => () => text,
  ),
  ...[7, 1.5, -0, 2 ** 31, Number.NaN, Number.POSITIVE_INFINITY, 8.64e15 + 1].map(number => () => number),
  () => 10n,
  () => true,
  () => Symbol('odd'),
  () => new Date(Number.NaN),
  () => new Date(0),
  () => new Error('in the data'),
  () => [],
  () => [null, undefined, 'x'],
  () => [rejected(), 'PUSH', rejected()],
  holes,
  () => new Set(['PUSH']),
  () => ({}),
  () => Object.create(null),
  () => new String('boxed'),
  () => ({ valueOf: () => 5 }),
  () => ({ toJSON: () => ({ a: 'b' }) }),
  cycle,
  // biome-ignore lint/suspicious/noThenProperty: that is what is broken about it
  () => ({ then: 5 }),
  // biome-ignore lint/suspicious/noThenProperty: that is what is broken about it
  () => ({ then: (settle: (value: unknown) => void) => settle('PUSH') }),
  () => () => 5,
  () => () => 'PUSH',
  () => () => Promise.resolve('x'),
  () => fail,
  () => Promise.resolve(1),
  rejected,
]
