// The watchers: frames counted and not read, but for the moment in one of many.

import { WebSocket } from 'ws'
import { answerParent } from '../support/child.ts'
import { subscribeMany } from '../support/watchers.ts'

/** Of so many frames one is asked when it was made. */
const sampled = 50

let frames = 0
let bytes = 0
let newest = ''
let latencies: number[] = []

const verbs = {
  /** One watcher for each entry of `ids`, over so many sockets. */
  watch: async ({
    url,
    ids,
    sockets,
  }: {
    readonly url: string
    readonly ids: readonly string[]
    readonly sockets: number
  }) => {
    const heard = (frame: string) => {
      frames++
      bytes += frame.length
      newest = frame
      if (frames % sampled !== 0) return
      const made = Date.parse(/"serverTime":"([^"]+)"/.exec(frame)?.[1] ?? '')
      if (!Number.isNaN(made)) latencies.push(Date.now() - made)
    }
    await subscribeMany({ url, sockets, watched: ids.map(id => ({ id, heard })), WebSocket })
  },
  /** Since it was last asked. Latencies in milliseconds, from the making of the update. */
  counts: () => {
    const counted = { frames, bytes, newest, latencies }
    frames = 0
    bytes = 0
    latencies = []
    return counted
  },
}

export type Crowd = typeof verbs

answerParent(verbs)
