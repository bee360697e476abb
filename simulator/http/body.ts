/**
 * Reads a request body, and takes its parameters in every form that the upstream may understand (P 3.1).
 * Refuses to know which parameters there should be.
 */
import type { IncomingMessage } from 'node:http'

const LIMIT = 1_000_000

export type Parameters = Readonly<Record<string, string>>

/** The bytes of a body; rejects above a megabyte and when the client goes away. */
export const readBody = (request: IncomingMessage): Promise<Buffer> =>
  new Promise((resolve, reject) => {
    let first: Buffer | null = null
    const more: Buffer[] = []
    let size = 0
    request.on('data', (chunk: Buffer) => {
      size += chunk.length
      if (size > LIMIT) return void request.destroy(new Error('The body is too large.'))
      if (first === null) first = chunk
      else more.push(chunk)
    })
    request.on('end', () => {
      if (first === null) resolve(Buffer.alloc(0))
      else resolve(more.length === 0 ? first : Buffer.concat([first, ...more]))
    })
    request.on('error', reject)
    request.on('close', () => {
      if (!request.complete) reject(new Error('The client went away.'))
    })
  })

/** Parameters of a form, form-data or JSON body, by its content type; null where it cannot be read so. */
export const parseParameters = (
  contentType: string,
  body: Buffer,
): Parameters | null | Promise<Parameters | null> => {
  if (body.length === 0) return {}
  if (contentType.startsWith('application/json')) return fromJson(body.toString('utf8'))
  if (contentType.startsWith('multipart/form-data')) return fromFormData(contentType, body)
  return fromForm(body.toString('utf8'))
}

/** One plain pair is the commonest body by far: no parser is needed for it. */
const fromForm = (text: string): Parameters => {
  const equals = text.indexOf('=')
  if (equals > 0 && !/[&%+]/.test(text)) return { [text.slice(0, equals)]: text.slice(equals + 1) }
  return Object.fromEntries(new URLSearchParams(text))
}

const fromJson = (text: string): Parameters | null => {
  try {
    const json: unknown = JSON.parse(text)
    if (typeof json !== 'object' || json === null || Array.isArray(json)) return null
    const pairs = Object.entries(json).filter(([, value]) => value !== null && value !== undefined)
    return Object.fromEntries(
      pairs.map(([key, value]) => [key, typeof value === 'string' ? value : JSON.stringify(value)]),
    )
  } catch {
    return null
  }
}

const fromFormData = async (contentType: string, body: Buffer): Promise<Parameters | null> => {
  try {
    const form = await new Response(new Uint8Array(body), {
      headers: { 'content-type': contentType },
    }).formData()
    return Object.fromEntries([...form].map(([key, value]) => [key, typeof value === 'string' ? value : '']))
  } catch {
    return null
  }
}
