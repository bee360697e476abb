// The simulated phone of one device, through the simulator's control API (simulator/README.md). Only the built-in
// simulator has one. Refuses to know the login: what the phone shows and can do, the phone says itself.

import type { Deed } from './keys.ts'
import { Refusal } from './refusal.ts'
import type { PhoneScreen } from './view.ts'

export interface Phone {
  /** The page with all phones, for a browser. */
  readonly page: string
  /** What it shows now; null where it cannot be asked. */
  look(): Promise<PhoneScreen | null>
  /** Answers with what it shows then. Throws Refusal where the phone cannot do that now. */
  do(deed: Deed): Promise<PhoneScreen | null>
}

export function phoneOf(phonesUrl: string, upstreamId: string): Phone {
  const address = `${phonesUrl.replace(/\/+$/, '')}/devices/${encodeURIComponent(upstreamId)}`
  return {
    page: phonesUrl,
    look: async () => {
      const answer = await ask(address, {})
      return answer?.status === 200 ? screenOf(answer.body) : null
    },
    do: async deed => {
      const answer = await ask(`${address}/do`, {
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
