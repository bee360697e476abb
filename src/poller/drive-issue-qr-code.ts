// Duty ISSUE_QR_CODE: ask for a new code, then look at its picture, so that it is shown the moment it is recorded.

import type { QrSecret } from '../login/observation.ts'
import type { IssuedQrCode } from '../provider/port.ts'
import { prepareFor } from './drive-poll.ts'
import { type Drive, type Driving, readTarget, targetOf } from './driving.ts'
import type { Held } from './held.ts'
import { sendOnce } from './send-once.ts'

const patience = 20_000
const patienceForPicture = 3_000

export const issueQrCode: Drive = async (held, driving) => {
  const found = await readTarget(held, driving)
  if (found === null) return
  const target = targetOf(held, found)
  // Its polls may need the name that the upstream gives it.
  held.prepared = null
  await sendOnce<IssuedQrCode>(held, driving, {
    within: patience,
    send: signal => held.provider.issueQrCode(target, signal),
    answered: async ({ url, handle }, intent) => {
      const picture = await readPicture(held, driving, url)
      prepareFor(held, { ...target, handle })
      const at = driving.store.clock.now()
      return { kind: 'QrCodeReceived', at, intent, handle, secret: { url, ...picture } }
    },
  })
}

/** Null: the picture could not be had, or not be read. The link alone is still worth showing. */
const readPicture = async (
  held: Held,
  { calls, pictures }: Driving,
  url: string,
): Promise<Omit<QrSecret, 'url'>> => {
  try {
    return await calls.ask({ held, within: patienceForPicture }, async signal => {
      const picture = await pictures.fetch(url, held.provider.origin, signal)
      const image = `data:${picture.type};base64,${Buffer.from(picture.bytes).toString('base64')}`
      return { image, content: await pictures.decode(picture).catch(() => null) }
    })
  } catch {
    return { image: null, content: null }
  }
}
