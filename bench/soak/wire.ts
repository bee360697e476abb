// What the gateway does on its own sockets, told by itself: which call left when, and how it was over. Loaded into the
// gateway's process; adds one header to each call, by which the other side knows it again, and touches nothing else.

import { subscribe } from 'node:diagnostics_channel'

export const markHeader = 'x-soak-call'

export type Parameters = Readonly<Record<string, string>>

/** `number`: its place in the order in which all of it happened. Times are milliseconds since 1970. */
export type News =
  | {
      readonly kind: 'LEFT'
      readonly number: number
      readonly id: number
      readonly at: number
      readonly path: string
      readonly params: Parameters
    }
  | {
      readonly kind: 'OVER'
      readonly number: number
      readonly id: number
      readonly at: number
      /** ANSWERED, or what undici calls its end. */
      readonly how: string
      /** Heard whole, and it names an account that is signed in. */
      readonly names: boolean
    }

/** As undici tells of it. */
interface Request {
  readonly path: string
  readonly body: unknown
  addHeader(name: string, value: string): unknown
}

interface Message {
  readonly request: Request
  readonly chunk?: unknown
  readonly error?: unknown
}

interface Open {
  readonly id: number
  left: boolean
  /** Null: too long to be about one account. */
  answer: Buffer[] | null
  size: number
}

const longest = 8_192
const kept = ['deviceId', 'wId', 'wcId', 'code', 'verifyCode', 'proxyUser']
const open = new WeakMap<object, Open>()
let last = 0
let news: News[] = []
let numbers = 0

/** What comes after that number; what comes before it is forgotten. */
export const newsAfter = (known: number): readonly News[] => {
  news = news.filter(({ number }) => number > known)
  return news
}

/** Of undici's channels. From now on everything is kept until it is asked for. */
export const listen = (): void => {
  hear('undici:request:create', ({ request }) => {
    const id = ++last
    open.set(request, { id, left: false, answer: [], size: 0 })
    request.addHeader(markHeader, String(id))
  })
  hear('undici:client:sendHeaders', ({ request }) => {
    const call = open.get(request)
    if (call === undefined) return
    call.left = true
    const [path = ''] = request.path.split('?')
    news.push({
      kind: 'LEFT',
      number: ++numbers,
      id: call.id,
      at: now(),
      path,
      params: parametersOf(request.body),
    })
  })
  hear('undici:request:bodyChunkReceived', ({ request, chunk }) => {
    const call = open.get(request)
    if (!call?.answer || !(chunk instanceof Uint8Array)) return
    call.size += chunk.length
    if (call.size > longest) call.answer = null
    else call.answer.push(Buffer.from(chunk))
  })
  hear('undici:request:trailers', ({ request }) => over(request, 'ANSWERED'))
  hear('undici:request:error', ({ request, error }) => over(request, nameOf(error)))
}

const hear = (channel: string, heard: (message: Message) => void): void =>
  subscribe(channel, message => heard(message as Message))

const over = (request: Request, how: string): void => {
  const call = open.get(request)
  open.delete(request)
  if (!call?.left) return
  const names = how === 'ANSWERED' && call.answer !== null && namesAccount(Buffer.concat(call.answer))
  news.push({ kind: 'OVER', number: ++numbers, id: call.id, at: now(), how, names })
}

const now = (): number => performance.timeOrigin + performance.now()

const nameOf = (error: unknown): string =>
  error instanceof Error ? ('code' in error ? String(error.code) : error.name) : typeof error

const parametersOf = (body: unknown): Parameters => {
  if (!(body instanceof Uint8Array)) return {}
  const text = Buffer.from(body).toString()
  const all: Readonly<Record<string, unknown>> = text.startsWith('{')
    ? JSON.parse(text)
    : Object.fromEntries(new URLSearchParams(text))
  return Object.fromEntries(
    kept.flatMap(name => (typeof all[name] === 'string' ? [[name, all[name]] as const] : [])),
  )
}

/** Whole JSON with a non-empty wcId somewhere in it. */
const namesAccount = (bytes: Buffer): boolean => {
  const text = bytes.toString()
  if (!/"wcId":"[^"]/u.test(text)) return false
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}
