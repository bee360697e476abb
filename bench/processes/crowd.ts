// The watchers: frames counted and not read, but for one of many.

import { answerParent } from '../support/child.ts'
import { stretches } from '../support/gauge.ts'
import { subscribeMany } from '../support/watchers.ts'

/** Of so many frames one is looked at. */
const sampled = 50

let frames = 0
let bytes = 0
let ended = 0
let latencies: number[] = []
/** The newest frame of each kind of event. */
const examples = new Map<string, string>()

const heard = (frame: string): void => {
  frames++
  bytes += frame.length
  if (frames % sampled !== 0) return
  const [, kind = '', at = ''] = /"event":\{"__typename":"(\w+)"[^}]*?"at":"([^"]+)"/.exec(frame) ?? []
  examples.set(kind, frame)
  latencies.push(Date.now() - Date.parse(at))
}

const verbs = {
  ...stretches(),
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
    const watched = ids.map(id => ({ id, heard, ended: () => void ended++ }))
    await subscribeMany({ url, sockets, watched })
  },
  /** Since it was last asked. Latencies in milliseconds, from the event to its frame. */
  counts: () => {
    const counted = { frames, bytes, ended, latencies }
    frames = 0
    bytes = 0
    ended = 0
    latencies = []
    return counted
  },
  /** One frame of each kind of event that came. */
  examples: () => [...examples.values()],
}

export type Crowd = typeof verbs

answerParent(verbs)
