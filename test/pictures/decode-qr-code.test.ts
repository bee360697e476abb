// What QR codes say, in pictures that are none, spoilt, or too large to look at.

import { readFile } from 'node:fs/promises'
import QRCode from 'qrcode'
import { describe, expect, it, vi } from 'vitest'
import { startSimulator } from '../../simulator/server.ts'
import { decodeQrCode } from '../../src/pictures/decode-qr-code.ts'
import { fetchPicture } from '../../src/pictures/fetch-picture.ts'
import { pixelsOf } from '../../src/pictures/picture-size.ts'

const draw = (text: string, width = 296) => QRCode.toBuffer(text, { width, margin: 3 })

describe('a QR code', () => {
  it('is read from its picture', async () => {
    const text = 'http://weixin.qq.com/x/abcDEF_-0123456789'
    expect(await decodeQrCode({ bytes: await draw(text) })).toBe(text)
  })

  it('is read as the simulator draws it, without asking anybody for the reader', async () => {
    await using simulator = await startSimulator()
    simulator.world.createDevice('d')
    const answer = await fetch(`${simulator.url}/open/getLoginQrCode`, {
      method: 'POST',
      headers: { authorization: simulator.token },
      body: new URLSearchParams({ deviceId: 'd', province: '广东' }),
    })
    const { data } = (await answer.json()) as { data: { qrCodeUrl: string } }
    const spied = vi.spyOn(globalThis, 'fetch')
    const picture = await fetchPicture(data.qrCodeUrl, simulator.url, new AbortController().signal)
    const { attempt } = simulator.world.device('d')
    expect(await decodeQrCode(picture)).toBe(attempt?.kind === 'qr' ? attempt.content : null)
    expect(spied).not.toHaveBeenCalled()
    spied.mockRestore()
  })

  it('in Chinese', async () => {
    expect(await decodeQrCode({ bytes: await draw('请扫码登录') })).toBe('请扫码登录')
  })

  it.each([
    ['a picture without one', () => QRCode.toBuffer('x', { margin: 3, color: { dark: '#fff' } })],
    ['a cut picture', async () => (await draw('x')).subarray(0, 200)],
    ['a spoilt picture', async () => (await draw('x')).fill(7, 60)],
    ['nothing', async () => Buffer.alloc(0)],
    ['no picture', async () => Buffer.from('<html>')],
  ])('cannot be read from %s', async (_name, picture) => {
    expect(await decodeQrCode({ bytes: await picture() }).catch(() => null)).toBeNull()
  })

  it('is not looked for in a picture that would take everybody’s time and memory', async () => {
    const huge = await draw('x')
    huge.writeUInt32BE(60_000, 16)
    huge.writeUInt32BE(60_000, 20)
    expect(await decodeQrCode({ bytes: huge })).toBeNull()
    expect(await decodeQrCode({ bytes: await draw('x', 1_900) })).toBe('x')
  })
})

it('is read once the reader can be loaded, though it could not be at first', async () => {
  vi.resetModules()
  const failing = vi.fn(readFile).mockRejectedValueOnce(new Error('too many open files'))
  vi.doMock('node:fs/promises', () => ({ readFile: failing }))
  try {
    const { decodeQrCode: decode } = await import('../../src/pictures/decode-qr-code.ts')
    const bytes = await draw('x')
    await expect(decode({ bytes })).rejects.toThrow('too many open files')
    expect(await decode({ bytes })).toBe('x')
    expect(await decode({ bytes })).toBe('x')
    expect(failing).toHaveBeenCalledTimes(2)
  } finally {
    vi.doUnmock('node:fs/promises')
  }
})

describe('the size of a picture', () => {
  const jpeg = (frame: string) => Buffer.from(`ffd8ffe000104a46494600010100000100010000${frame}`, 'hex')

  it.each<[string, Buffer, number | null]>([
    ['PNG', Buffer.from('89504e470d0a1a0a0000000d494844520000012800000128', 'hex'), 296 * 296],
    ['GIF', Buffer.from('47494638396128012801', 'hex'), 296 * 296],
    ['JPEG', jpeg('ffc0001108012801280301'), 296 * 296],
    [
      'JPEG of the progressive kind, after a table and a filled gap',
      jpeg('ffc40004abcdffffc2001108012801280301'),
      296 * 296,
    ],
    ['WebP, which is not decoded', Buffer.from('52494646240000005745425056503820', 'hex'), null],
    ['a cut PNG', Buffer.from('89504e470d0a1a0a0000000d49484452', 'hex'), null],
    ['a cut JPEG', jpeg('ffc0001108'), null],
    ['a JPEG that leads past its end', Buffer.from('ffd8ffe0ffff00000000000000', 'hex'), null],
    ['nothing', Buffer.alloc(0), null],
  ])('%s', (_name, bytes, pixels) => {
    expect(pixelsOf(bytes)).toBe(pixels)
  })
})
