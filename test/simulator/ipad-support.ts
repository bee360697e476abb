/**
 * What the tests of the `ipad` dialect share: calls in each encoding, and a phone with a QR code before it.
 */
import { request } from 'undici'
import type { Simulator } from '../../simulator/server.ts'

export type Body = Readonly<Record<string, unknown>>
export type Encoding = 'json' | 'form' | 'multipart'
export type Answered = { readonly code: unknown; readonly message: unknown; readonly data: unknown }

const textOf = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value))

const encode = (body: Body, as: Encoding): { body: string; type: string } => {
  if (as === 'json') return { body: JSON.stringify(body), type: 'application/json' }
  const pairs = Object.entries(body).map(([name, value]) => [name, textOf(value)] as [string, string])
  if (as === 'form')
    return { body: new URLSearchParams(pairs).toString(), type: 'application/x-www-form-urlencoded' }
  const parts = pairs.map(
    ([name, value]) => `--mark\r\ncontent-disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`,
  )
  return { body: `${parts.join('')}--mark--\r\n`, type: 'multipart/form-data; boundary=mark' }
}

/** One call as a client makes it; the token raw. */
export const post = async (
  simulator: Simulator,
  path: string,
  body: Body = {},
  how: { readonly as?: Encoding; readonly token?: string | null; readonly signal?: AbortSignal } = {},
): Promise<Answered & { readonly status: number }> => {
  const { body: text, type } = encode(body, how.as ?? 'json')
  const token = how.token === undefined ? simulator.world.token : how.token
  const answer = await request(`${simulator.url}${path}`, {
    method: 'POST',
    headers: { 'content-type': type, ...(token === null ? {} : { authorization: token }) },
    body: text,
    ...(how.signal === undefined ? {} : { signal: how.signal }),
  })
  const json = (await answer.body.json()) as Answered
  return { ...json, status: answer.statusCode }
}

/** Where a desk's phone is: the same `proxyUser` is the same desk. */
export const slotOf = (desk: string): string => `ipad:${desk}`

export type Issued = { readonly wId: string; readonly qrCodeUrl: string }

export const issue = async (simulator: Simulator, desk: string, more: Body = {}): Promise<Issued> => {
  const body = { wcId: '', deviceType: 'ipad', proxy: 16, proxyIp: '10.0.0.1:1080', proxyUser: desk, ...more }
  return (await post(simulator, '/iPadLogin', body)).data as Issued
}

/** A poll that is known to have reached the simulator. */
export const polling = async (
  simulator: Simulator,
  desk: string,
  wId: string,
  more: Body = {},
  signal?: AbortSignal,
): Promise<{ readonly answer: Promise<Answered> }> => {
  const asked = simulator.world.next('asked:getIPadLoginInfo', slotOf(desk))
  const body = { wId, autoCheck: false, ...more }
  const answer = post(simulator, '/getIPadLoginInfo', body, signal === undefined ? {} : { signal })
  answer.catch(() => {})
  await asked
  return { answer }
}

export type Profile = { readonly wcId: string; readonly wId: string } & Readonly<Record<string, unknown>>

/** A whole first sign-in. */
export const signIn = async (
  simulator: Simulator,
  desk: string,
): Promise<{ readonly polled: string; readonly profile: Profile }> => {
  const { wId } = await issue(simulator, desk)
  const phone = simulator.world.phone(slotOf(desk))
  const { answer } = await polling(simulator, desk, wId)
  phone.scan()
  phone.confirm()
  return { polled: wId, profile: (await answer).data as Profile }
}
