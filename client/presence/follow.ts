// Follows everybody's presence over graphql-ws for as long as somebody looks, across anything that happens to the
// connection: each new one begins with how everybody stands, so nothing is asked for twice. Refuses to know what is drawn.

import { backoff, connect, judge, TRIES, type WatchOptions } from '../terminal/watch.ts'
import { ACCOUNT_PRESENCE, type PresenceUpdate } from './documents.ts'

export type FollowOptions = Omit<WatchOptions, 'loginId' | 'patience'>

/** Ends when told to; throws Refusal where coming back is no use. */
export async function* followPresence(options: FollowOptions): AsyncGenerator<PresenceUpdate, void, void> {
  const { signal, pause, onConnection } = options
  let misses = 0
  let complaints = 0
  let isLost = false
  while (!signal.aborted) {
    let why = 'it let go'
    const client = connect(options, () => {
      if (isLost) onConnection(null)
      isLost = false
    })
    const stop = () => client.terminate()
    signal.addEventListener('abort', stop, { once: true })
    try {
      for await (const item of client.iterate<{ accountPresence: PresenceUpdate }>({
        query: ACCOUNT_PRESENCE,
      })) {
        if (item.errors) throw item.errors
        misses = 0
        complaints = 0
        if (item.data) yield item.data.accountPresence
      }
      complaints += 1
    } catch (thrown) {
      if (signal.aborted) return
      const loss = judge(thrown, options.credential)
      if (loss.comeBack === 'perhaps') complaints += 1
      if (loss.comeBack === 'no' || complaints >= TRIES) throw loss.refusal
      why = loss.refusal.message
    } finally {
      signal.removeEventListener('abort', stop)
      client.terminate()
    }
    if (signal.aborted) return
    isLost = true
    onConnection(why)
    await pause(backoff(misses), signal)
    misses += 1
  }
}
