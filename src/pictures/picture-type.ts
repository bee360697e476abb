// What kind of picture bytes are, by what they begin with. What a server says of them is not believed.

const signatures: readonly (readonly [string, (bytes: Uint8Array) => boolean])[] = [
  ['image/png', bytes => begins(bytes, 0, [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])],
  ['image/jpeg', bytes => begins(bytes, 0, [0xff, 0xd8, 0xff])],
  ['image/gif', bytes => begins(bytes, 0, [0x47, 0x49, 0x46, 0x38])],
  [
    'image/webp',
    bytes => begins(bytes, 0, [0x52, 0x49, 0x46, 0x46]) && begins(bytes, 8, [0x57, 0x45, 0x42, 0x50]),
  ],
]

const begins = (bytes: Uint8Array, at: number, signature: readonly number[]): boolean =>
  bytes.length >= at + signature.length && signature.every((byte, index) => bytes[at + index] === byte)

/** Null: no picture of a kind that is shown. */
export const pictureTypeOf = (bytes: Uint8Array): string | null =>
  signatures.find(([, matches]) => matches(bytes))?.[0] ?? null
