// POST /callbacks/<provider>/<secret>: an upstream says that something happened. All that is made of it is a hint to look at
// an account, never a fact: callbacks come twice, late, or about a sign-in of long ago (P 2.6, P 3.5).

import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Services } from '../resolvers/services.ts'
import { dropsIn } from './callbacks-body.ts'
import { type CallbackSecrets, callbacksPath } from './callbacks-secrets.ts'
import type { ErrorLog } from './mask.ts'

export const callbackLimits = {
  bytes: 1_048_576,
  /** The vendors give up after six seconds (P 2.6, P 3.5): whoever is slower is none of them. */
  patience: 5_000,
  /** Bodies that are read at the same time, over all providers. */
  atOnce: 32,
  /** How long a client may take to read why it was refused, before it is cut off. */
  linger: 1_000,
} as const

export interface CallbackOptions {
  readonly services: Pick<Services, 'providers' | 'hintPresence'>
  readonly secrets: CallbackSecrets
  readonly log: ErrorLog
  readonly patience?: number
}

/** Answers callbacks of the providers there are; one for each server, since it counts what is under way. */
export const createCallbacks = ({
  services,
  secrets,
  log,
  patience = callbackLimits.patience,
}: CallbackOptions) => {
  let reading = 0

  return async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const provider = providerOf(request, services, secrets)
    if (request.method !== 'POST')
      return refuse(request, response, 405, 'Callbacks are sent by POST.', { allow: 'POST' })
    if (provider === null) return refuse(request, response, 404, 'There is nothing here.')
    if (Number(request.headers['content-length'] ?? 0) > callbackLimits.bytes)
      return refuse(request, response, 413, 'A callback has a megabyte at most.')
    if (reading >= callbackLimits.atOnce)
      return refuse(request, response, 503, 'Too many callbacks at once.', { 'retry-after': '1' })
    reading++
    const body = await readBody(request, patience).finally(() => reading--)
    if (body === 'gone') return
    if (body === 'tooLarge') return refuse(request, response, 413, 'A callback has a megabyte at most.')
    if (body === 'tooSlow') return refuse(request, response, 408, 'That took too long.')
    // Answered first: what comes of it is no business of the sender's, and it does not wait for that.
    response.writeHead(200, {
      'content-type': 'application/json; charset=utf-8',
      'cache-control': 'no-store',
    })
    response.end('{"code":"1000","message":"ok"}\n')
    try {
      for (const { wcId, handle } of dropsIn(body.text)) services.hintPresence({ provider, wcId, handle })
    } catch (error) {
      // By its name only: a message may repeat what it was given.
      log.error(
        { provider, error: error instanceof Error ? error.name : 'unknown' },
        'A callback could not be followed',
      )
    }
  }
}

/** Null: there is no such provider, or that is not its secret; nobody learns which. */
const providerOf = (
  request: IncomingMessage,
  services: CallbackOptions['services'],
  secrets: CallbackSecrets,
): string | null => {
  const path = (request.url ?? '').split('?')[0] ?? ''
  const [name = '', given = '', ...more] = path.slice(callbacksPath.length).split('/')
  const holds = secrets.holds(name, given)
  return holds && more.length === 0 && services.providers.has(name) ? name : null
}

type Body = { readonly text: string } | 'tooLarge' | 'tooSlow' | 'gone'

/** Stops reading as soon as it is too much or takes too long; what is left stays unread. */
const readBody = (request: IncomingMessage, patience: number): Promise<Body> =>
  new Promise(resolve => {
    const chunks: Buffer[] = []
    let size = 0
    const settle = (body: Body): void => {
      clearTimeout(late)
      request.off('data', take).off('end', whole).off('close', gone).pause()
      resolve(body)
    }
    const take = (chunk: Buffer): void => {
      size += chunk.length
      if (size > callbackLimits.bytes) settle('tooLarge')
      else chunks.push(chunk)
    }
    const whole = (): void => settle({ text: Buffer.concat(chunks).toString('utf8') })
    const gone = (): void => settle('gone')
    const late = setTimeout(() => settle('tooSlow'), patience)
    request
      .on('data', take)
      .on('end', whole)
      .on('close', gone)
      .on('error', () => {})
  })

/**
 * Says why, and takes the connection away without reading what is still to come. The answer is whole and yet not ended:
 * ending it would make Node read on to the end of the body, and cutting it off at once would lose the answer on its way.
 */
const refuse = (
  request: IncomingMessage,
  response: ServerResponse,
  status: number,
  text: string,
  headers: Readonly<Record<string, string>> = {},
): void => {
  const { socket } = request
  const body = `${text}\n`
  response.writeHead(status, {
    'content-type': 'text/plain; charset=utf-8',
    'content-length': Buffer.byteLength(body),
    'cache-control': 'no-store',
    connection: 'close',
    ...headers,
  })
  const { 'content-length': length = '0', 'transfer-encoding': encoding } = request.headers
  if (encoding === undefined && length === '0') return void response.end(body)
  response.flushHeaders()
  response.write(body)
  const cut = setTimeout(() => socket.destroy(), callbackLimits.linger)
  socket.once('close', () => clearTimeout(cut))
}
