/**
 * The login of each kind of public client of the `ipad` dialect (P 0), in the shapes that it sends, answered in those that it
 * reads: JSON or urlencoded, a number as a text, parameters left out, a success known by the text "1000".
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Simulator, startSimulator } from '../../simulator/server.ts'
import { type Answered, type Body, type Encoding, post } from './ipad-support.ts'

type Client = {
  readonly name: string
  readonly as: Encoding
  /** The QR code that it asks for, and what it asks while the person scans. */
  readonly issue: { readonly path: string; readonly body: Body }
  readonly poll: { readonly path: string; readonly body: Body }
  readonly again: Body
}

const clients: readonly Client[] = [
  {
    name: 'Python of 2020 (B-hom): no type of device, no autoCheck',
    as: 'json',
    issue: { path: '/iPadLogin', body: { wcId: '', proxy: 5 } },
    poll: { path: '/getIPadLoginInfo', body: {} },
    again: { type: 2 },
  },
  {
    name: 'Node with axios (B-js): whatever its page sends, type 2',
    as: 'json',
    issue: { path: '/iPadLogin', body: { type: 2, proxy: '2' } },
    poll: { path: '/getIPadLoginInfo', body: {} },
    again: { type: 2 },
  },
  {
    name: 'TypeScript (B-okw): every field of the newest page',
    as: 'json',
    issue: {
      path: '/iPadLogin',
      body: {
        wcId: '',
        deviceType: 'ipad',
        proxy: 16,
        proxyIp: '10.0.0.1:1080',
        proxyUser: 'okw',
        proxyPassword: 'p',
      },
    },
    poll: { path: '/getIPadLoginInfo', body: { autoCheck: false } },
    again: { aid: '' },
  },
  {
    name: 'PHP (B-php): urlencoded, by the helper app, numbers as texts',
    as: 'form',
    issue: { path: '/localIPadLogin', body: { wcId: '', ttuid: 'tt-php' } },
    poll: { path: '/getIPadLoginInfo', body: {} },
    again: { ttuid: 'tt-php' },
  },
  {
    name: 'an integrator of 2024 (B-lan): by the helper app, with autoCheck',
    as: 'json',
    issue: { path: '/localIPadLogin', body: { wcId: '', ttuid: 'tt-lan' } },
    poll: { path: '/getIPadLoginInfo', body: { autoCheck: 'false' } },
    again: { ttuid: 'tt-lan' },
  },
  {
    name: 'Go (B-goutil): a map of texts',
    as: 'json',
    issue: { path: '/iPadLogin', body: { wcId: '', deviceType: 'mac', proxy: '10' } },
    poll: { path: '/getIPadLoginInfo', body: { autoCheck: 'true' } },
    again: {},
  },
  {
    name: 'one that uses the short sibling (P 2.1)',
    as: 'json',
    issue: { path: '/iPadLogin', body: { wcId: '', deviceType: 'ipad', proxy: 1 } },
    poll: { path: '/simpleIPadLoginInfo', body: {} },
    again: {},
  },
]

describe.each(clients)('$name', ({ as, issue, poll, again }) => {
  let simulator: Simulator
  beforeAll(async () => {
    simulator = await startSimulator({ switches: { slider: 'never' } })
  })
  afterAll(() => simulator.close())

  const call = (path: string, body: Body, token?: null): Promise<Answered> =>
    post(simulator, path, body, { as, ...(token === undefined ? {} : { token }) })
  const dataOf = (answer: Answered) => {
    // Several compare with the text, strictly (P 1).
    expect(answer.code).toBe('1000')
    return answer.data as Readonly<Record<string, string>>
  }

  test('logs in, again by a push, is listed, and logs out', async () => {
    const { world } = simulator
    const member = dataOf(await call('/member/login', { account: 'developer', password: 'secret' }, null))
    expect(member.Authorization).toBe(simulator.token)

    const issued = dataOf(await call(issue.path, issue.body))
    expect(issued).toMatchObject({ wId: expect.any(String), qrCodeUrl: expect.stringMatching(/^http/) })
    const [slot] = [...world.devices.keys()]
    const asked = world.next(
      poll.path === '/simpleIPadLoginInfo' ? 'asked:simpleIPadLoginInfo' : 'asked:getIPadLoginInfo',
      slot,
    )
    const polled = call(poll.path, { wId: issued.wId, ...poll.body })
    await asked
    const phone = world.phone(slot ?? '')
    phone.scan()
    phone.confirm()
    const profile = dataOf(await polled)
    expect(profile).toMatchObject({
      wcId: expect.stringMatching(/./),
      wAccount: expect.any(String),
      nickName: expect.any(String),
      headUrl: expect.any(String),
      status: 3,
    })

    const online = (await call('/queryLoginWx', {})) as Answered
    expect(online).toMatchObject({ code: '1000', data: [{ wcId: profile.wcId, wId: profile.wId }] })
    phone.goOffline('loggedOutOnPhone')
    const shown = world.next('pushShown', slot)
    const pushed = call('/secondLogin', { wcId: profile.wcId, ...again })
    await shown
    phone.confirm()
    const second = dataOf(await pushed)
    expect(second.wcId).toBe(profile.wcId)
    expect(second.wId).not.toBe(profile.wId)
    expect(dataOf(await call('/isOnline', { wId: second.wId }))).toMatchObject({ isOnline: true })
    expect(await call('/logout', { wId: second.wId })).toMatchObject({ code: '1000' })
    expect(await call('/queryLoginWx', {})).toMatchObject({ data: [] })
  })
})
