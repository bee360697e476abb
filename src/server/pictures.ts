// /pictures/<signed id>: kept pictures, for whoever holds a link that has not run out.

import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Store } from '../db/store.ts'

/** Null: not ours, changed on the way, or run out. */
export type ReadLink = (signed: string) => { readonly tenant: string; readonly pictureId: string } | null

export const picturesPath = '/pictures/'

const types = new Set(['image/png', 'image/jpeg', 'image/gif', 'image/webp'])

export const servePicture = async (
  request: IncomingMessage,
  response: ServerResponse,
  { store, readLink }: { readonly store: Pick<Store, 'readPicture'>; readonly readLink: ReadLink },
): Promise<void> => {
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    response.writeHead(405, { allow: 'GET, HEAD' }).end()
    return
  }
  const signed = (request.url ?? '').slice(picturesPath.length).split('?')[0] ?? ''
  const link = readLink(signed)
  const picture = link === null ? null : await store.readPicture(link.tenant, link.pictureId)
  if (picture === null || !types.has(picture.type)) {
    response.writeHead(404, { 'content-type': 'text/plain; charset=utf-8', 'cache-control': 'no-store' })
    response.end('There is no such picture, or its link has run out.\n')
    return
  }
  response.writeHead(200, {
    // As its bytes said when it was kept, never as an upstream claimed.
    'content-type': picture.type,
    'content-length': picture.bytes.byteLength,
    'cache-control': 'private, max-age=3600, immutable',
    'content-disposition': 'inline',
    'cross-origin-resource-policy': 'cross-origin',
  })
  response.end(request.method === 'HEAD' ? undefined : picture.bytes)
}
