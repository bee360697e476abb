// Sends a long body no faster than it is read: while one piece leaves the next is made, and no more, so that a slow reader
// costs two pieces and nothing else. Knows no rows.

import type { ServerResponse } from 'node:http'
import type { Writable } from 'node:stream'
import { constants, createGzip, type Gzip } from 'node:zlib'

export interface Sending {
  readonly response: ServerResponse
  readonly gzip: boolean
  /** How long a reader may take none of it, in milliseconds, before it is given up. */
  readonly patience: number
  /** Told at the end, behind the body. */
  readonly trailers: () => Readonly<Record<string, string>>
}

/** Faster than the database by far, and nearly as small as the usual level. */
const level = 2

/**
 * Resolves when it was sent, or when its reader has gone and what was being made for it is done. Rejects with what `pieces`
 * throws, the body unfinished: its reader must be cut off, so that it does not take a part for the whole.
 */
export const sendPieces = async (
  pieces: AsyncIterable<string>,
  { response, gzip, patience, trailers }: Sending,
): Promise<void> => {
  const { socket } = response
  const zip = gzip ? createGzip({ level }) : null
  const out: Writable = zip ?? response
  // What is written to somebody who has just gone is lost, and that is all.
  for (const stream of [out, response]) stream.on('error', () => {})
  zip?.pipe(response)
  const isGone = () => response.destroyed || response.closed
  try {
    for await (const piece of ahead(pieces)) {
      if (isGone()) return
      socket?.setTimeout(patience)
      if (!out.write(piece)) await unlessGone(response, done => out.once('drain', done))
      if (zip !== null && !isGone()) await unlessGone(response, done => flush(zip, done))
      if (isGone()) return
      // From here on the database is waited for, and not the reader.
      socket?.setTimeout(0)
    }
    socket?.setTimeout(patience)
    response.addTrailers(trailers())
    out.end()
    await unlessGone(response, () => {})
  } finally {
    zip?.destroy()
  }
}

async function* ahead(pieces: AsyncIterable<string>): AsyncGenerator<string> {
  const iterator = pieces[Symbol.asyncIterator]()
  try {
    for (let next = iterator.next(); ; ) {
      const { done, value } = await next
      if (done) return
      next = iterator.next()
      // Told when it is waited for; nobody may wait for it any more.
      next.catch(() => {})
      yield value
    }
  } finally {
    await iterator.return?.()
  }
}

/** So that whoever is cut off can read all that was sent until then. */
const flush = (zip: Gzip, done: () => void): void => zip.flush(constants.Z_SYNC_FLUSH, done)

const unlessGone = (response: ServerResponse, begin: (done: () => void) => void): Promise<void> =>
  new Promise(resolve => {
    if (response.closed) return resolve()
    const settle = () => {
      response.off('close', settle)
      resolve()
    }
    response.once('close', settle)
    begin(settle)
  })
