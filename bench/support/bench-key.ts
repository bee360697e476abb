// The key and the secret of a gateway under measurement: always the same, so that a database that one filled is read by
// the next.

export const benchKey = 'a-key-for-benchmarks-with-every-scope'
export const benchSecret = new Uint8Array(32).fill(7)
