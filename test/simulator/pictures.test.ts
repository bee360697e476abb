import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { inflateSync } from 'node:zlib'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { prepareZXingModule, readBarcodes } from 'zxing-wasm/reader'
import { type Simulator, startSimulator } from '../../simulator/server.ts'
import { ask, withQr } from './support.ts'

let simulator: Simulator
beforeAll(async () => {
  simulator = await startSimulator()
  const file = createRequire(import.meta.url).resolve('zxing-wasm/reader/zxing_reader.wasm')
  const wasmBinary = new Uint8Array(await readFile(file)).buffer
  await prepareZXingModule({ overrides: { wasmBinary }, fireImmediately: true })
})
afterAll(() => simulator.close())

test('the QR picture decodes to what the code says', async () => {
  const url = await withQr(simulator, 'd')
  const answer = await fetch(url)
  expect(answer.headers.get('content-type')).toBe('image/png')
  const [code] = await readBarcodes(new Uint8Array(await answer.arrayBuffer()))
  expect(code?.text).toMatch(/^http:\/\/weixin\.qq\.com\/x\/[\w-]{20}$/)
  expect(simulator.world.device('d').attempt).toMatchObject({ content: code?.text })
  expect(simulator.world.count('qrFetched', 'd')).toBe(1)
})

test('a link works only as it was given, character by character', async () => {
  const url = await withQr(simulator, 'link')
  expect(url).toContain('%3D')
  for (const changed of [
    decodeURIComponent(url),
    `${url}&x=1`,
    url.replace(/Expires=\d+&/, ''),
    url.split('?')[0],
  ])
    expect((await fetch(String(changed))).status).toBe(403)
  expect((await fetch(url.replace(/\/qr\/\w+/, '/qr/other'))).status).toBe(404)
  expect((await fetch(url)).status).toBe(200)
})

test('each account has a face of its own, in two sizes', async () => {
  const faces = new Map<string, Buffer>()
  for (const deviceId of ['face-1', 'face-2']) {
    await withQr(simulator, deviceId)
    simulator.world.phone(deviceId).scan()
    simulator.world.phone(deviceId).confirm()
    const { data } = await ask(simulator, '/open/checkLoginShort', { deviceId })
    const { headUrl, smallHeadImgUrl } = data as Record<string, string>
    for (const [url, size] of [
      [headUrl, 640],
      [smallHeadImgUrl, 132],
    ] as const) {
      const png = Buffer.from(await (await fetch(String(url))).arrayBuffer())
      expect(png.subarray(1, 4).toString()).toBe('PNG')
      expect([png.readUInt32BE(16), png.readUInt32BE(20)]).toEqual([size, size])
      const start = png.indexOf('IDAT')
      const pixels = inflateSync(png.subarray(start + 4, start + 4 + png.readUInt32BE(start - 4)))
      expect(pixels.length).toBe((size + 1) * size)
      faces.set(`${deviceId}/${size}`, png)
    }
  }
  expect(faces.get('face-1/132')).not.toEqual(faces.get('face-2/132'))
})

test('an avatar of nobody is not found', async () => {
  expect((await fetch(`${simulator.url}/mmhead/ver_1/nobody/132`)).status).toBe(404)
})
