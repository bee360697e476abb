// The watchers: one socket each, frames counted and not read.

import { WebSocket } from 'ws'
import { answerParent } from '../support/child.ts'
import { subscribeMany } from '../support/watchers.ts'

let frames = 0
let bytes = 0
let newest = ''

const verbs = {
  /** One watcher for each entry of `ids`. */
  watch: async ({ url, ids }: { readonly url: string; readonly ids: readonly string[] }) => {
    const heard = (frame: string) => {
      frames++
      bytes += frame.length
      newest = frame
    }
    const watched = ids.map(id => ({ id, heard }))
    await subscribeMany({ url, sockets: ids.length, watched, WebSocket })
  },
  /** Since it was last asked. */
  counts: () => {
    const counted = { frames, bytes, newest }
    frames = 0
    bytes = 0
    return counted
  },
}

export type Crowd = typeof verbs

answerParent(verbs)
