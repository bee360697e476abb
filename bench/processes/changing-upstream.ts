// An upstream of the `open` dialect and the watchers of its logins in one process, so that one clock tells when the
// answer with the news left and when the frame with the same news came.

import { setTimeout as wait } from 'node:timers/promises'
import { drawAvatar } from '../../simulator/png.ts'
import { answerParent } from '../support/child.ts'
import { subscribeMany } from '../support/watchers.ts'
import { type Listening, listenInBytes, reply } from '../upstream/bytes.ts'
import { notScanned, scannedBy, signedIn } from '../upstream/open-answers.ts'

type Phase = 'WAITING' | 'SCANNED' | 'CONFIRMED'

interface Device {
  readonly number: number
  phase: Phase
  changed: number
  /** When the first answer that told of the phase left. */
  told: number | null
  /** Called once the watcher has seen it. */
  seen: (() => void) | null
}

const devices = new Map<string, Device>()
const latencies: number[] = []
const waits: number[] = []
let listening: Listening | null = null

const answerOf = (device: Device): Buffer => {
  if (device.phase === 'WAITING') return notScanned
  if (device.phase === 'CONFIRMED') return signedIn(`wxid_bench${device.number}`)
  return scannedBy(`http://127.0.0.1:${listening?.port}/avatar.png`)
}

const polled = (body: string, answer: (bytes: Buffer) => void): void => {
  const device = devices.get(body.slice('deviceId='.length))
  if (device === undefined) {
    answer(notScanned)
    return
  }
  const bytes = answerOf(device)
  if (device.phase !== 'WAITING' && device.told === null) {
    device.told = performance.now()
    waits.push(device.told - device.changed)
  }
  answer(bytes)
}

const news: Readonly<Record<Phase, string | null>> = {
  WAITING: null,
  SCANNED: '"QrCodeScanned"',
  CONFIRMED: '"LoginEnded"',
}

const heard = (device: Device, frame: string): void => {
  const word = news[device.phase]
  if (device.seen === null || word === null || !frame.includes(word)) return
  latencies.push(performance.now() - (device.told ?? Number.NaN))
  device.seen()
}

const changeTo = async (device: Device, phase: Phase): Promise<void> => {
  const { promise, resolve } = Promise.withResolvers<void>()
  device.phase = phase
  device.changed = performance.now()
  device.told = null
  device.seen = resolve
  await promise
  device.seen = null
}

const verbs = {
  listen: async () => {
    const avatar = reply(drawAvatar('bench', 132), 'image/png')
    listening = await listenInBytes((path, body, answer) => {
      if (path.endsWith('/checkLoginShort')) polled(body, answer)
      else answer(avatar)
    })
    return { url: `http://127.0.0.1:${listening.port}` }
  },
  watch: async ({ url, logins }: { readonly url: string; readonly logins: readonly [string, string][] }) => {
    const watched = logins.map(([id, upstreamId], number) => {
      const device: Device = { number, phase: 'WAITING', changed: 0, told: null, seen: null }
      devices.set(upstreamId, device)
      return { id, heard: (frame: string) => heard(device, frame) }
    })
    await subscribeMany({ url, sockets: 50, watched })
  },
  /** Each login is scanned at some moment of these seconds, and confirmed between one and four seconds after that was seen. */
  change: async (seconds: number) => {
    await Promise.all(
      [...devices.values()].map(async (device, index, all) => {
        // Spread evenly, in an order that has nothing to do with when they are polled.
        await wait(((index * 7_919) % all.length) * ((seconds * 1_000) / all.length))
        await changeTo(device, 'SCANNED')
        await wait(1_000 + ((index * 104_729) % 3_000))
        await changeTo(device, 'CONFIRMED')
      }),
    )
    return { latencies, waits }
  },
}

export type ChangingUpstream = typeof verbs

answerParent(verbs)
