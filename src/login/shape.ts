// Reading data that this process did not just write: small readers that together describe a shape, and an error that
// says where it was not met. Unknown keys are dropped, so that a newer version's row is read as far as it is known.

export type Read<Value> = (value: unknown, path: string) => Value

/** The saved state of a login does not have a shape that this version knows. */
export class StateUnreadableError extends Error {
  override readonly name = 'StateUnreadableError'
  constructor(path: string, expected: string) {
    super(`The saved state of a login cannot be read: ${path} is not ${expected}`)
  }
}

const fail = (path: string, expected: string): never => {
  throw new StateUnreadableError(path, expected)
}

export const text: Read<string> = (value, path) => (typeof value === 'string' ? value : fail(path, 'a text'))
export const number: Read<number> = (value, path) =>
  typeof value === 'number' && Number.isFinite(value) ? value : fail(path, 'a number')
export const flag: Read<boolean> = (value, path) =>
  typeof value === 'boolean' ? value : fail(path, 'true or false')

export const orNull =
  <Value>(read: Read<Value>): Read<Value | null> =>
  (value, path) =>
    value === null || value === undefined ? null : read(value, path)

/** What rows of an earlier version do not have. */
export const orElse =
  <Value>(read: Read<Value>, otherwise: Value): Read<Value> =>
  (value, path) =>
    value === undefined ? otherwise : read(value, path)

export const listOf =
  <Value>(read: Read<Value>): Read<readonly Value[]> =>
  (value, path) =>
    Array.isArray(value) ? value.map((item, index) => read(item, `${path}[${index}]`)) : fail(path, 'a list')

export const word =
  <Word extends string>(...words: readonly Word[]): Read<Word> =>
  (value, path) =>
    words.find(word => word === value) ?? fail(path, `one of ${words.join(', ')}`)

type Shape = Readonly<Record<string, Read<unknown>>>
type Of<S extends Shape> = { readonly [Key in keyof S]: ReturnType<S[Key]> }

export const object =
  <S extends Shape>(shape: S): Read<Of<S>> =>
  (value, path) => {
    if (typeof value !== 'object' || value === null) return fail(path, 'an object')
    const fields = new Map<string, unknown>(Object.entries(value))
    const read = Object.entries(shape).map(([key, read]) => [key, read(fields.get(key), `${path}.${key}`)])
    // Each key was read by the reader that the shape names for it.
    return Object.fromEntries(read) as Of<S>
  }

/** One of several objects, told apart by `kind`. */
export const byKind =
  <Readers extends Readonly<Record<string, Read<unknown>>>>(
    readers: Readers,
  ): Read<ReturnType<Readers[keyof Readers]>> =>
  (value, path) => {
    const kind = typeof value === 'object' && value !== null && 'kind' in value ? value.kind : undefined
    const read = typeof kind === 'string' && Object.hasOwn(readers, kind) ? readers[kind] : undefined
    return read === undefined
      ? fail(`${path}.kind`, `one of ${Object.keys(readers).join(', ')}`)
      : (read(value, path) as ReturnType<Readers[keyof Readers]>)
  }
