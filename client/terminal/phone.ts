// The simulated phone of one device, through the simulator's control API (simulator/README.md). Only the built-in
// simulator has one. Refuses to know the login: what the phone shows and can do, the phone says itself.

import type { Login } from './answers.ts'
import type { Deed } from './keys.ts'
import { Refusal } from './refusal.ts'
import type { PhoneScreen } from './view.ts'

export interface Phone {
  /** The page with all phones, for a browser. */
  readonly page: string
  /** What it shows now; null where it cannot be asked, or nobody knows yet which it is. */
  look(login: Login): Promise<PhoneScreen | null>
  /** Answers with what it shows then. Throws Refusal where the phone cannot do that now. */
  do(deed: Deed, login: Login): Promise<PhoneScreen | null>
}

/** `upstreamId` null: the upstream knows no device, and the phone is found by what is before it. */
export function phoneOf(phonesUrl: string, upstreamId: string | null): Phone {
  const devices = `${phonesUrl.replace(/\/+$/, '')}/devices`
  let found = upstreamId === null ? null : { by: '', id: upstreamId }

  const address = async (login: Login): Promise<string | null> => {
    const by = upstreamId === null ? traitsOf(login) : null
    if (by !== null && by !== found?.by) {
      const answer = await ask(`${devices}?${by}`, {})
      const phones = fieldOf(answer?.body, 'phones')
      const id = Array.isArray(phones) ? fieldOf(phones.at(-1), 'deviceId') : undefined
      if (typeof id === 'string') found = { by, id }
    }
    return found && `${devices}/${encodeURIComponent(found.id)}`
  }

  return {
    page: phonesUrl,
    look: async login => {
      const where = await address(login)
      const answer = where === null ? null : await ask(where, {})
      return answer?.status === 200 ? screenOf(answer.body) : null
    },
    do: async (deed, login) => {
      const where = await address(login)
      if (where === null) throw new Refusal('PHONE', 'Nothing is before the simulated phone yet.')
      const answer = await ask(`${where}/do`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ do: deed }),
      })
      if (answer === null) throw new Refusal('PHONE', 'The simulated phone does not answer.')
      if (answer.status !== 200)
        throw new Refusal('PHONE', `The phone: ${fieldOf(answer.body, 'error') ?? 'it cannot do that now.'}`)
      return screenOf(fieldOf(answer.body, 'phone'))
    },
  }
}

/** Its QR code, or the account that a push goes to; null: neither is there any more, and the phone is the same. */
function traitsOf({ qrCode, method, expectedWcId }: Login): string | null {
  const shows = qrCode?.content ?? qrCode?.url ?? null
  if (shows !== null) return `shows=${encodeURIComponent(shows)}`
  return method === 'PUSH' && expectedWcId !== null ? `wcId=${encodeURIComponent(expectedWcId)}` : null
}

async function ask(address: string, request: RequestInit): Promise<{ status: number; body: unknown } | null> {
  try {
    const response = await fetch(address, { ...request, signal: AbortSignal.timeout(3_000) })
    return { status: response.status, body: await response.json() }
  } catch {
    return null
  }
}

function screenOf(phone: unknown): PhoneScreen | null {
  const shows = fieldOf(phone, 'shows')
  const says = fieldOf(shows, 'says')
  const code = fieldOf(shows, 'code')
  const can = fieldOf(shows, 'can')
  if (typeof says !== 'string' || !Array.isArray(can)) return null
  return { says, code: typeof code === 'string' ? code : null, can: can.map(String) }
}

function fieldOf(thing: unknown, name: string): unknown {
  return typeof thing === 'object' && thing !== null ? Reflect.get(thing, name) : undefined
}
