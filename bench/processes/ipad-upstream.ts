// An upstream of the `ipad` dialect whose polls hang for ever: nobody scans. Everything else that a start asks of it is
// there, and quick.

import QRCode from 'qrcode'
import { answerParent } from '../support/child.ts'
import { type Listening, listenInBytes, reply } from '../upstream/bytes.ts'

let listening: Listening | null = null
/** Polls are answered with a slider, so that logins wait for a person and not for the upstream. */
let slides = false
const counts = { polls: 0, qrCodes: 0 }

const envelope = (data: unknown): Buffer => reply(JSON.stringify({ message: '成功', code: '1000', data }))
const nobody = envelope([])

const polled = (answer: (bytes: Buffer) => void): void => {
  counts.polls++
  if (slides) answer(envelope({ url: `http://127.0.0.1:${listening?.port}/captcha/index.html?appid=1` }))
}

const verbs = {
  listen: async () => {
    const picture = reply(await QRCode.toBuffer('http://weixin.qq.com/x/bench', { width: 296 }), 'image/png')
    const issued = () => {
      const wId = `0000016e-63ef-3a9c-0001-${String(++counts.qrCodes).padStart(12, '0')}`
      return envelope({ wId, qrCodeUrl: `http://127.0.0.1:${listening?.port}/qr.png` })
    }
    listening = await listenInBytes((path, _body, answer) => {
      if (path.endsWith('/getIPadLoginInfo')) polled(answer)
      else if (path.endsWith('/iPadLogin')) answer(issued())
      else answer(path.endsWith('.png') ? picture : nobody)
    })
    return { url: `http://127.0.0.1:${listening.port}` }
  },
  slide: (shown: boolean) => {
    slides = shown
  },
  counts: () => ({ ...counts, connections: listening?.connections ?? 0 }),
}

export type IpadUpstream = typeof verbs

answerParent(verbs)
