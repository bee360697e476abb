// An upstream of the `open` dialect that answers every poll with the same bytes: nobody has scanned. Everything else
// that a start asks of it is there, and as quick.

import QRCode from 'qrcode'
import { answerParent } from '../support/child.ts'
import { type Listening, listenInBytes, reply } from '../upstream/bytes.ts'
import { created, notScanned, offline, qrCode } from '../upstream/open-answers.ts'

let listening: Listening | null = null
/** Milliseconds before each answer to a poll. */
let delay = 0
/** Online checks are never answered, so that a login stays where it begins. */
let mute = false
const counts = { polls: 0, qrCodes: 0 }

/** Null: it is not of interest who polls. */
let polledDevices: Set<string> | null = null
/** Polls of this tenth of a second, and of the busiest since it was last asked for. */
const rush = { tenth: 0, polls: 0, most: 0 }

const polled = (body: string, answer: (bytes: Buffer) => void): void => {
  counts.polls++
  polledDevices?.add(body)
  const tenth = Math.floor(performance.now() / 100)
  if (rush.tenth !== tenth) {
    rush.tenth = tenth
    rush.polls = 0
  }
  rush.most = Math.max(rush.most, ++rush.polls)
  if (delay === 0) answer(notScanned)
  else setTimeout(answer, delay, notScanned)
}

const verbs = {
  listen: async () => {
    const picture = reply(await QRCode.toBuffer('http://weixin.qq.com/x/bench', { width: 296 }), 'image/png')
    listening = await listenInBytes((path, body, answer) => {
      if (path.endsWith('/checkLoginShort')) polled(body, answer)
      else if (path.endsWith('/isOnline')) {
        if (!mute) answer(offline)
      } else if (path.endsWith('/getLoginQrCode')) {
        counts.qrCodes++
        answer(qrCode(`http://127.0.0.1:${listening?.port}/qr.png`))
      } else answer(path.endsWith('.png') ? picture : created)
    })
    return { url: `http://127.0.0.1:${listening.port}` }
  },
  slowDown: (ms: number) => {
    delay = ms
  },
  tellApart: () => {
    polledDevices = new Set()
  },
  muteOnlineChecks: (muted: boolean) => {
    mute = muted
  },
  /** `peak`: the most polls in a tenth of a second since this was last asked, as a rate per second. */
  counts: () => {
    const peak = rush.most * 10
    rush.most = 0
    return {
      ...counts,
      peak,
      polledDevices: polledDevices?.size ?? 0,
      connections: listening?.connections ?? 0,
      mostConnections: listening?.mostConnections ?? 0,
      cpuMs: process.cpuUsage().user / 1_000 + process.cpuUsage().system / 1_000,
    }
  },
}

export type OpenUpstream = typeof verbs

answerParent(verbs)
