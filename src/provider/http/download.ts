// One GET from an address that its caller has checked, bounded in size and time. For pictures: it follows no redirect
// and knows no upstream.

import type { LookupFunction } from 'node:net'
import { Agent, request } from 'undici'
import { traceOf } from './failure.ts'

interface Address {
  readonly address: string
  readonly family: 4 | 6
}

export interface Download {
  readonly url: URL
  /** The one address to connect to, whatever the name says by then; null: as the name says. */
  readonly address: Address | null
  /** Bytes at most. */
  readonly most: number
  readonly signal: AbortSignal
}

export type Downloaded =
  | { readonly kind: 'BYTES'; readonly bytes: Uint8Array }
  | { readonly kind: 'REDIRECT'; readonly location: string }

/** What was asked for could not be had. */
export class DownloadError extends Error {
  override readonly name = 'DownloadError'
}

/** Every name leads there. */
export const pinned =
  (to: Address): LookupFunction =>
  (_name, { all }, found) =>
    all === true ? found(null, [{ ...to }]) : found(null, to.address, to.family)

export const download = async ({ url, address, most, signal }: Download): Promise<Downloaded> => {
  const agent = new Agent({
    allowH2: false,
    connections: 1,
    connect: {
      timeout: 3_000,
      ...(address === null ? {} : { lookup: pinned(address) }),
    },
  })
  // undici begins a request, and could end it, only once its connection stands.
  const giveUp = () => void agent.destroy(signal.reason)
  signal.addEventListener('abort', giveUp, { once: true })
  try {
    signal.throwIfAborted()
    const answer = await request(url, { dispatcher: agent, signal, headers: { accept: 'image/*' } })
    const { location } = answer.headers
    if (answer.statusCode >= 300 && answer.statusCode < 400 && typeof location === 'string') {
      await answer.body.dump()
      return { kind: 'REDIRECT', location }
    }
    if (answer.statusCode !== 200) {
      await answer.body.dump()
      throw new DownloadError(`answered with status ${answer.statusCode}`)
    }
    const chunks: Buffer[] = []
    let size = 0
    for await (const chunk of answer.body) {
      size += chunk.length
      if (size > most) throw new DownloadError(`longer than ${most} bytes`)
      chunks.push(chunk)
    }
    return { kind: 'BYTES', bytes: Buffer.concat(chunks) }
  } catch (error) {
    if (error instanceof DownloadError || signal.aborted) throw error
    throw new DownloadError('the connection failed', { cause: traceOf(error) })
  } finally {
    signal.removeEventListener('abort', giveUp)
    await agent.destroy()
  }
}
