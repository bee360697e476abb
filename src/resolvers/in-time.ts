// A wait with an end: a read that is never answered must not hold up whoever waits for it.

import { RequestError } from '../errors.ts'

/** What comes of it later is dropped. Throws RequestError UNAVAILABLE. */
export const inTime = async <Result>(work: Promise<Result>, patience: number): Promise<Result> => {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => reject(new RequestError('UNAVAILABLE', 'The database does not answer: try again.', 5)),
      patience,
    )
  })
  try {
    return await Promise.race([work, late])
  } finally {
    clearTimeout(timer)
  }
}
