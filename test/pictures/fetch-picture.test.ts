// Pictures are fetched from where they may be, and nowhere else: over real connections.

import { inspect } from 'node:util'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { fetchPicture, PictureRefusedError } from '../../src/pictures/fetch-picture.ts'
import { DownloadError, download, pinned } from '../../src/provider/http/download.ts'
import { answerWith, flood, never, reset, Upstream } from '../provider/upstream.ts'

const png = Buffer.from('89504e470d0a1a0a0000000d49484452', 'hex')
const signal = new AbortController().signal

let upstream: Upstream
beforeEach(async () => {
  upstream = await Upstream.start(answerWith(png))
})
afterEach(() => upstream.stop())

const fetchFrom = (path = '/qr.png', origin = upstream.origin) =>
  fetchPicture(`${upstream.origin}${path}`, origin, signal)

const redirectTo =
  (...locations: readonly string[]) =>
  () => {
    let hop = 0
    upstream.handle((request, response) => {
      const location = locations[hop++]
      if (location === undefined) answerWith(png)(request, response)
      else response.writeHead(302, { location }).end('moved')
    })
  }

describe('a picture', () => {
  it.each([
    ['PNG', '89504e470d0a1a0a00', 'image/png'],
    ['JPEG', 'ffd8ffe000104a464946', 'image/jpeg'],
    ['GIF', '474946383961', 'image/gif'],
    ['WebP', '52494646240000005745425056503820', 'image/webp'],
  ])('of kind %s is known by its bytes, whatever its header says', async (_name, hex, type) => {
    upstream.handle((_request, response) => {
      response.writeHead(200, { 'content-type': 'text/html' }).end(Buffer.from(hex, 'hex'))
    })
    expect(await fetchFrom()).toEqual({ bytes: Buffer.from(hex, 'hex'), type })
  })

  it.each([
    ['a page', '<!doctype html><script>alert(1)</script>'],
    ['a drawing with scripts', '<svg xmlns="http://www.w3.org/2000/svg"><script/></svg>'],
    ['nothing', ''],
    ['sound in the same box', Buffer.from('524946462400000057415645', 'hex')],
    ['half a signature', Buffer.from('89504e47', 'hex')],
  ])('is not %s that says it is one', async (_name, body) => {
    upstream.handle((_request, response) => {
      response.writeHead(200, { 'content-type': 'image/png' }).end(body)
    })
    await expect(fetchFrom()).rejects.toBeInstanceOf(PictureRefusedError)
  })

  it('is asked for character by character as it was linked, and without anything of ours', async () => {
    const seen = Promise.withResolvers<object>()
    upstream.handle((request, response) => {
      seen.resolve({ url: request.url, ...request.headers })
      answerWith(png)(request, response)
    })
    await fetchFrom('/qr/a.png?AWSAccessKeyId=K&Expires=1&Signature=a%2Bb%2f%3D')
    expect(await seen.promise).toEqual({
      url: '/qr/a.png?AWSAccessKeyId=K&Expires=1&Signature=a%2Bb%2f%3D',
      accept: 'image/*',
      host: new URL(upstream.origin).host,
      connection: expect.any(String),
    })
  })

  it('may be of two megabytes, and no more', async () => {
    upstream.handle(answerWith(Buffer.concat([png], 2_097_152)))
    expect((await fetchFrom()).bytes.byteLength).toBe(2_097_152)
    upstream.handle(answerWith(Buffer.concat([png], 2_097_153)))
    await expect(fetchFrom()).rejects.toThrow('longer than')
  })

  it('without end is not read to its end', async () => {
    upstream.handle(flood)
    await expect(fetchFrom()).rejects.toThrow('longer than')
    await upstream.quiet()
  })

  it.each([
    ['is missing', answerWith(png, 404)],
    ['may not be seen', answerWith(png, 403)],
    ['breaks', reset],
  ])('that %s is none', async (_name, handler) => {
    upstream.handle(handler)
    await expect(fetchFrom()).rejects.toThrow()
    await upstream.quiet()
  })

  it('is waited for three seconds in all', async () => {
    upstream.handle((_request, response) => {
      response.writeHead(200).write(png)
    })
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    try {
      const { asked } = upstream
      const fetched = expect(fetchFrom()).rejects.toThrow('No answer in time')
      await asked
      await vi.advanceTimersByTimeAsync(3_000)
      await fetched
    } finally {
      vi.useRealTimers()
    }
    await upstream.quiet()
  })

  it('is given up at once with whoever asked for it', async () => {
    upstream.handle(never)
    const stop = new AbortController()
    const { asked } = upstream
    const fetched = expect(fetchPicture(`${upstream.origin}/`, upstream.origin, stop.signal)).rejects.toThrow(
      'gone',
    )
    await asked
    stop.abort(new Error('gone'))
    await fetched
    await upstream.quiet()
    const before = upstream.requests
    await expect(fetchPicture(upstream.origin, upstream.origin, AbortSignal.abort())).rejects.toThrow()
    expect(upstream.requests).toBe(before)
  })
})

describe('where it may be', () => {
  it.each([
    ['a private address', 'http://10.0.0.1/'],
    ['a cloud’s secrets', 'http://169.254.169.254/latest/meta-data/'],
    ['this machine by name', 'http://localhost/'],
    ['this machine by number', 'http://2130706433/'],
    ['a file', 'file:///etc/passwd'],
    ['data', 'data:image/png;base64,iVBORw0KGgo='],
    ['another protocol', 'gopher://example.com/'],
    ['no link at all', 'qr.png'],
    ['nothing', ''],
  ])('not %s', async (_name, link) => {
    await expect(fetchPicture(link, upstream.origin, signal)).rejects.toBeInstanceOf(PictureRefusedError)
  })

  it('not with credentials in the link', async () => {
    const link = `http://user:pass@127.0.0.1:${upstream.port}/`
    await expect(fetchPicture(link, upstream.origin, signal)).rejects.toBeInstanceOf(PictureRefusedError)
    expect(upstream.requests).toBe(0)
  })

  it.each([
    ['another port', (port: number) => `http://127.0.0.1:${port + 1}`],
    ['another name of it', (port: number) => `http://localhost:${port}`],
    ['another protocol', (port: number) => `https://127.0.0.1:${port}`],
    ['a name that it begins', (port: number) => `http://127.0.0.1:${port}.example.com`],
  ])('the upstream’s own origin is exact: not %s', async (_name, originOf) => {
    await expect(fetchFrom('/', originOf(upstream.port))).rejects.toBeInstanceOf(PictureRefusedError)
    expect(upstream.requests).toBe(0)
  })

  it('says why it was refused, and never where', async () => {
    const error = await fetchPicture('http://10.0.0.1/qr?Signature=secret', upstream.origin, signal).catch(
      e => e,
    )
    expect(error.message).not.toMatch(/secret|10\.0/)
  })
})

describe('a redirect', () => {
  it('is followed on the same origin, twice', async () => {
    redirectTo('/b', `${upstream.origin}/c`)()
    expect((await fetchFrom()).type).toBe('image/png')
    expect(upstream.requests).toBe(3)
    redirectTo('/b', '/c', '/d')()
    await expect(fetchFrom()).rejects.toThrow('for ever')
  })

  it('is followed nowhere else', async () => {
    await using other = await Upstream.start(answerWith(png))
    for (const location of [
      other.origin,
      'http://169.254.169.254/',
      'file:///etc/passwd',
      '//example.com/a',
      'http://[',
    ]) {
      redirectTo(location)()
      await expect(fetchFrom()).rejects.toBeInstanceOf(PictureRefusedError)
    }
    expect(other.requests).toBe(0)
  })
})

describe('a download', () => {
  it('goes to the address that was checked, whatever the name says by then', async () => {
    const seen = Promise.withResolvers<string | undefined>()
    upstream.handle((request, response) => {
      seen.resolve(request.headers.host)
      answerWith(png)(request, response)
    })
    const url = new URL(`http://rebound.invalid:${upstream.port}/`)
    const address = { address: '127.0.0.1', family: 4 } as const
    expect(await download({ url, address, most: 100, signal })).toMatchObject({ kind: 'BYTES' })
    expect(await seen.promise).toBe(url.host)
    await upstream.quiet()
  })

  it.each([
    ['one address', { all: false }, ['127.0.0.1', 4]],
    ['all of them', { all: true }, [[{ address: '127.0.0.1', family: 4 }]]],
    ['whatever there is', {}, ['127.0.0.1', 4]],
  ])('leads to the address that was checked, whoever asks for %s', (_name, options, told) => {
    const found = vi.fn()
    pinned({ address: '127.0.0.1', family: 4 })('rebound.invalid', options, found)
    expect(found).toHaveBeenCalledWith(null, ...told)
  })

  it('keeps no byte of an answer that could not be parsed', async () => {
    upstream.handle((_request, response) => {
      response.socket?.end('HTTP/1.1 200 OK\r\nbad header http://x/secret-qr\r\n\r\n')
    })
    const error = await fetchFrom().catch(error => error)
    expect(error).toBeInstanceOf(DownloadError)
    expect(inspect(error, { depth: 9, showHidden: true })).not.toContain('secret-qr')
  })

  it('given up before it began asks nobody', async () => {
    const url = new URL(upstream.origin)
    await expect(download({ url, address: null, most: 100, signal: AbortSignal.abort() })).rejects.toThrow()
    expect(upstream.connections).toBe(0)
  })
})
