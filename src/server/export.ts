// GET /export/logins.csv and /export/logins.ndjson: every login that the parameters fit, as a stream. Who may, how many at
// once, and how a refusal looks; what a row is, and how one looks, is known elsewhere.

import type { IncomingMessage, ServerResponse } from 'node:http'
import type { GraphQLError, GraphQLSchema } from 'graphql'
import { type FieldProblem, InvalidInputError, RequestError } from '../errors.ts'
import { type ExportedLogin, exportLogins, type LoginExport } from '../resolvers/export-logins.ts'
import type { Services } from '../resolvers/services.ts'
import type { Viewer } from '../resolvers/viewer.ts'
import { type Recognise, unauthenticated } from './credentials.ts'
import { sendPieces } from './export-body.ts'
import { type ExportFormat, exportFormats } from './export-formats.ts'
import { exportQueryOf } from './export-query.ts'
import { languageOf } from './language.ts'

export const exportPath = '/export/'

export const exportLimits = {
  /** Of one tenant. Each costs a batch in memory and, now and then, a connection for some milliseconds. */
  atOnce: 4,
  /** Seconds after which to come back. */
  retryAfter: 10,
  /** Milliseconds in which a reader must take something. */
  patience: 60_000,
} as const

export interface ExportOptions {
  readonly schema: GraphQLSchema
  readonly services: Services
  readonly recognise: Recognise
  readonly mask: (thrown: unknown) => GraphQLError
  readonly patience?: number
}

export interface Exports {
  answer(request: IncomingMessage, response: ServerResponse): Promise<void>
  /** Nobody new; who is there is cut off, and goes on elsewhere with its last cursor. */
  stop(): void
}

/** One for each server, since it counts what is under way. */
export const createExports = (options: ExportOptions): Exports => {
  const { services, recognise, mask, patience = exportLimits.patience } = options
  const readQuery = exportQueryOf(options.schema)
  const underWay = new Map<ServerResponse, Viewer['tenant']>()
  let stopping = false

  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const url = new URL(request.url ?? '/', 'http://gateway')
    const format = exportFormats.find(({ name }) => url.pathname === `${exportPath}logins.${name}`)
    if (format === undefined || readQuery === null) throw unknownPath
    if (request.method !== 'GET' && request.method !== 'HEAD') throw wrongMethod
    if (stopping) throw later(2, 'The gateway is stopping: come back in a moment, with `after`.')
    const language = languageOf(request.headers['accept-language'])
    const { authorization } = request.headers
    const viewer = recognise(authorization, language)
    if (viewer === null) throw new RequestError('UNAUTHENTICATED', unauthenticated(authorization))
    const args = readQuery(url.searchParams)
    const gone = new AbortController()
    const found = exportLogins({ viewer, services }, args, gone.signal)
    const head = headOf(format, found, args.after === null, acceptsGzip(request.headers['accept-encoding']))
    if (request.method === 'HEAD') return void response.writeHead(200, head.headers).end()
    const { tenant } = viewer
    if ([...underWay.values()].filter(other => other === tenant).length >= exportLimits.atOnce)
      throw later(
        exportLimits.retryAfter,
        `${exportLimits.atOnce} exports are under way, and no more run at once.`,
      )
    underWay.set(response, tenant)
    // Also while it waits for its first row, which may be far behind many that do not fit.
    response.once('close', () => {
      underWay.delete(response)
      gone.abort()
    })
    try {
      await send(found, response, { ...head, format, patience })
    } finally {
      underWay.delete(response)
    }
  }

  return {
    answer: async (request, response) => {
      try {
        await answer(request, response)
      } catch (error) {
        if (response.headersSent) {
          mask(error)
          cutOff(response, patience)
        } else if (!response.destroyed) refuse(response, refusalOf(error, mask))
      }
    },
    stop: () => {
      stopping = true
      for (const response of underWay.keys()) cutOff(response, 0)
    },
  }
}

/**
 * A part must not look like the whole: the connection ends without the last chunk, after what was sent, within `patience`;
 * and where there are no chunks, as with HTTP/1.0, by a reset.
 */
const cutOff = (response: ServerResponse, patience: number): void => {
  const { socket } = response
  if (socket === null) return
  if (response.headersSent && !response.chunkedEncoding) socket.resetAndDestroy()
  else if (patience === 0) socket.destroy()
  else {
    socket.setTimeout(patience)
    socket.destroySoon()
  }
}

interface Head {
  readonly headers: Readonly<Record<string, string>>
  readonly gzip: boolean
  /** Before the first row. */
  readonly first: string
}

const headOf = (format: ExportFormat, { until }: LoginExport, isFirst: boolean, gzip: boolean): Head => ({
  gzip,
  first: isFirst ? format.header : '',
  headers: {
    'content-type': format.type(isFirst),
    'content-disposition': `attachment; filename="logins.${format.name}"`,
    'cache-control': 'no-store',
    vary: 'accept-encoding',
    'x-export-until': new Date(until).toISOString(),
    ...(gzip ? { 'content-encoding': 'gzip' } : {}),
  },
})

const rowsBehind = { trailer: 'x-export-rows' }

const send = async (
  { batches }: LoginExport,
  response: ServerResponse,
  {
    headers,
    gzip,
    first,
    format,
    patience,
  }: Head & { readonly format: ExportFormat; readonly patience: number },
): Promise<void> => {
  let rows = 0
  async function* pieces(): AsyncGenerator<string> {
    let text = first
    for await (const batch of batches) {
      rows += batch.length
      yield text + textOf(batch, format)
      text = ''
    }
    if (text !== '') yield text
  }
  const written = pieces()
  // However long the first row takes: its reader is no silent connection.
  response.socket?.setTimeout(0)
  // Asked for before anything is said: what goes wrong at once is answered, and not a body that breaks off.
  const begun = await unlessClosed(response, written.next())
  if (begun === null) return void written.return(undefined).catch(() => {})
  // What is not sent in chunks has no room behind it.
  response.writeHead(200, { ...headers, ...(response.useChunkedEncodingByDefault ? rowsBehind : {}) })
  await sendPieces(begunWith(begun, written), {
    ...{ response, gzip, patience },
    trailers: () => ({ 'x-export-rows': String(rows) }),
  })
}

/** Null: it was closed before, and nobody waits for that any more, nor for what it would have thrown. */
const unlessClosed = <Value>(response: ServerResponse, value: Promise<Value>): Promise<Value | null> =>
  new Promise((resolve, reject) => {
    response.once('close', () => resolve(null))
    value.then(resolve, reject)
  })

const textOf = (batch: readonly ExportedLogin[], { row }: ExportFormat): string => {
  let text = ''
  for (const login of batch) text += row(login)
  return text
}

async function* begunWith(
  begun: IteratorResult<string, unknown>,
  rest: AsyncGenerator<string>,
): AsyncGenerator<string> {
  if (begun.done) return
  yield begun.value
  yield* rest
}

/** Whoever says nothing of it gets none; `gzip;q=0` is a no. */
const acceptsGzip = (header: string | string[] | undefined): boolean =>
  String(header ?? '')
    .split(',')
    .some(part => {
      const [coding = '', ...parameters] = part.split(';').map(each => each.trim().toLowerCase())
      const quality = parameters.find(each => each.startsWith('q='))?.slice(2)
      return coding === 'gzip' && Number(quality ?? 1) > 0
    })

// ---------------------------------------------------------------- refusals

interface Refused {
  readonly status: number
  readonly code: string
  readonly message: string
  readonly problems?: readonly FieldProblem[]
  readonly headers?: Readonly<Record<string, string>>
}

class RouteRefusal extends Error {
  readonly refused: Refused

  constructor(refused: Refused) {
    super(refused.message)
    this.refused = refused
  }
}

const unknownPath = new RouteRefusal({
  status: 404,
  code: 'NOT_FOUND',
  message: 'There is nothing here. Exports are /export/logins.csv and /export/logins.ndjson.',
})

const wrongMethod = new RouteRefusal({
  status: 405,
  code: 'BAD_USER_INPUT',
  message: 'An export is read by GET (or HEAD).',
  headers: { allow: 'GET, HEAD' },
})

const later = (seconds: number, message: string) =>
  new RouteRefusal({
    status: 503,
    code: 'UNAVAILABLE',
    message,
    headers: { 'retry-after': String(seconds) },
  })

const statuses: Readonly<Record<string, number>> = {
  UNAUTHENTICATED: 401,
  FORBIDDEN: 403,
  BAD_USER_INPUT: 400,
  TOO_EXPENSIVE: 400,
  UNAVAILABLE: 503,
}

const refusalOf = (error: unknown, mask: ExportOptions['mask']): Refused => {
  if (error instanceof RouteRefusal) return error.refused
  if (error instanceof InvalidInputError)
    return { status: 400, code: 'BAD_USER_INPUT', message: error.message, problems: error.fields }
  const { message, extensions } = mask(error)
  const code = String(extensions.code)
  const seconds = extensions.retryAfterSeconds
  return {
    status: statuses[code] ?? 500,
    code,
    message,
    headers: {
      ...(code === 'UNAUTHENTICATED' ? { 'www-authenticate': 'Bearer' } : {}),
      ...(typeof seconds === 'number' ? { 'retry-after': String(seconds) } : {}),
    },
  }
}

const refuse = (response: ServerResponse, { status, code, message, problems, headers }: Refused): void => {
  const told = problems?.map(problem => ({ parameter: problem.path.join('.'), message: problem.message }))
  const body = `${JSON.stringify({ error: { code, message, ...(told === undefined ? {} : { problems: told }) } })}\n`
  response.writeHead(status, {
    'content-type': 'application/json; charset=utf-8',
    'content-length': Buffer.byteLength(body),
    'cache-control': 'no-store',
    ...headers,
  })
  response.end(body)
}
