/**
 * The page with a slider that a poll hands out (S4:49), as a page with a button: the person's act, never the gateway's.
 * Needs no token: the real one is on another port.
 */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { type Answer, send } from '../http/perform.ts'
import { PhoneRefusal } from '../phone.ts'
import type { World } from '../world.ts'
import type { IpadCall } from './call.ts'

const PATH = '/captcha/index.html'
const APP = '2078688116'

/** The link to a slider's page. */
export const sliderUrl = ({ pictures }: IpadCall, page: string): string =>
  `${pictures.base}${PATH}?appid=${APP}&uuid=${page}`

/** Takes the request if it is for the slider's page; false: somebody else's. */
export const serveCaptcha = (
  world: World,
  request: IncomingMessage,
  response: ServerResponse,
  path: string,
  query: string,
): boolean => {
  if (path !== PATH || (request.method !== 'GET' && request.method !== 'POST')) return false
  request.resume()
  const page = new URLSearchParams(query).get('uuid') ?? ''
  const device = world.instances.sliderOn(page)
  const call = world.log.begin('captcha', device?.id ?? null, { path, query }, '', world.now())
  world.moments.emit('asked:captcha', device?.id ?? '*')
  response.on('close', () => {
    call.ended ??= world.now()
    call.end ??= 'gone'
  })
  if (device === null)
    send(response, pageOf('滑块已失效', 'This slider is gone or solved.', false, 404), call)
  else if (request.method === 'GET')
    send(response, pageOf('请拖动滑块完成验证', 'A slider would be here. One tap slides it.', true), call)
  else send(response, solve(world, device.id), call)
  return true
}

const solve = (world: World, deviceId: string): Answer => {
  try {
    world.phone(deviceId).solveSlider()
    return pageOf(
      '验证通过',
      'Solved. Back to where you came from: say so there, then confirm on the phone.',
      false,
    )
  } catch (error) {
    if (error instanceof PhoneRefusal) return pageOf('滑块已失效', error.message, false, 409)
    throw error
  }
}

const pageOf = (title: string, says: string, hasButton: boolean, status = 200): Answer => ({
  status,
  type: 'text/html; charset=utf-8',
  body: `<!doctype html>
<html lang="zh">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title>
<style>
  :root { color-scheme: light dark }
  body { font: 17px/1.6 system-ui, "PingFang SC", sans-serif; margin: 0; min-height: 100dvh; display: grid; place-content: center; text-align: center; padding: 16px }
  h1 { font-size: 22px; margin: 0 }
  button { font: inherit; font-weight: 600; min-height: 48px; min-width: 240px; border: 0; border-radius: 24px; background: #0a7a45; color: #fff; cursor: pointer }
</style>
</head>
<body>
<h1>${title}</h1>
<p lang="en">${says}</p>
${hasButton ? '<form method="post"><button type="submit">滑动 Slide</button></form>' : ''}
</body>
</html>
`,
})
