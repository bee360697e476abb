/**
 * What the upstream calls back with, in each vendor's shape: drops, as true or as false as a switch has it, and chat messages,
 * of which real streams mostly are. Refuses to know who listens.
 */
import { randomInt, randomUUID } from 'node:crypto'
import type { Device, Dialect } from './device.ts'
import { CallbackLine } from './http/post-callback.ts'
import { nestedReason } from './words.ts'
import type { World } from './world.ts'

/** `ipad`: 1 is the raw form, 2 the optimised one (P 2.6). `open` has one form. */
export type CallbackForm = 1 | 2

export type CallbackAddress = { readonly url: string; readonly form: CallbackForm }

/** One that was sent. `status` null: not answered. */
export type CallbackSent = {
  readonly at: number
  readonly deviceId: string
  readonly dialect: Dialect
  readonly body: string
  readonly status: number | null
}

export type Chat = {
  readonly content?: string | undefined
  readonly messageType?: string | number | undefined
  /** On `open` all in one body (P 3.5), on `ipad` one each. */
  readonly times?: number | undefined
}

const REMEMBERED = 2_000

export class Callbacks {
  readonly #world: World
  readonly #line = new CallbackLine()
  readonly #addresses = new Map<Dialect, CallbackAddress>()
  readonly #sent: CallbackSent[] = []
  readonly #underWay = new Set<Promise<void>>()
  #closed = false

  constructor(world: World) {
    this.#world = world
  }

  /** Null: nobody is called. Throws RangeError where that is no http or https link. */
  set(dialect: Dialect, address: CallbackAddress | null): void {
    if (address === null) {
      this.#addresses.delete(dialect)
      return
    }
    if (!/^https?:$/.test(URL.parse(address.url)?.protocol ?? ''))
      throw new RangeError('A callback needs an http or https link.')
    this.#addresses.set(dialect, address)
  }

  /** As `set`, with the test that the vendor of `ipad` sends at once (P 2.6). */
  register(dialect: Dialect, address: CallbackAddress): void {
    this.set(dialect, address)
    if (dialect === 'ipad' && address.form === 2)
      this.#send('*', dialect, JSON.stringify({ messageType: '00000', wcId: '', data: { msg: 'test' } }))
  }

  address(dialect: Dialect): CallbackAddress | null {
    return this.#addresses.get(dialect) ?? null
  }

  /** The newest, oldest first. */
  get sent(): readonly CallbackSent[] {
    return this.#sent
  }

  /** Resolves when none is under way; those that are only late are not. */
  async settled(): Promise<void> {
    while (this.#underWay.size > 0) await Promise.all(this.#underWay)
  }

  /** Tells of a drop, by the switch of the device. */
  dropped(device: Device): void {
    const { callbacks: how } = device.switches
    if (how === 'none' || this.address(device.dialect) === null || device.account === null) return
    const handle = device.handles.at(how === 'stale' ? -2 : -1) ?? randomUUID()
    const body = this.#offline(device, device.account.wcId, handle)
    const send = (): void => this.#send(device.id, device.dialect, body)
    if (how === 'late') this.#world.timers.set(device.timings.callbackLateMs, send)
    else send()
    if (how === 'doubled') send()
  }

  /** Somebody writes to the account that is, or was, signed in there. */
  chat(device: Device, { content = '你好', messageType, times = 1 }: Chat): void {
    const { dialect } = device
    const raw = dialect === 'open' || this.address(dialect)?.form === 1
    const wcId = (device.account ?? device.person).wcId
    const message = () => ({
      wcId,
      account: 'developer',
      messageType: messageType ?? (raw ? 9 : '60001'),
      data: {
        wId: device.handles.at(-1) ?? null,
        fromUser: 'wxid_somebody',
        toUser: wcId,
        msgId: randomInt(2 ** 31),
        newMsgId: randomInt(2 ** 47),
        timestamp: Math.floor(this.#world.now() / 1_000),
        self: false,
        content,
      },
    })
    const messages = Array.from({ length: times }, message).map(one => JSON.stringify(one))
    if (dialect === 'open') this.#send(device.id, dialect, JSON.stringify(messages))
    else for (const body of messages) this.#send(device.id, dialect, body)
  }

  close(): void {
    this.#closed = true
    this.#line.close()
  }

  /** P 3.5 on `open`; P 2.6 on `ipad`, where the raw form is older. */
  #offline(device: Device, wcId: string, wId: string): string {
    const raw = { account: 'developer', data: { wId }, messageType: 4, wcId }
    if (device.dialect === 'open') return JSON.stringify([JSON.stringify(raw)])
    if (this.address('ipad')?.form === 1) return JSON.stringify(raw)
    const { popup, switches } = device
    const reason = popup !== null && switches.offlineReasonAs === 'nested' ? nestedReason(popup) : popup
    return JSON.stringify({ wcId, messageType: '30000', data: { wId, reason } })
  }

  #send(deviceId: string, dialect: Dialect, body: string): void {
    const address = this.address(dialect)
    if (address === null || this.#closed) return
    const at = this.#world.now()
    const posted = this.#line.post(address.url, body).then(status => {
      this.#underWay.delete(posted)
      if (this.#closed) return
      this.#sent.push({ at, deviceId, dialect, body, status })
      if (this.#sent.length > REMEMBERED) this.#sent.shift()
      this.#world.moments.emit('calledBack', deviceId)
    })
    this.#underWay.add(posted)
  }
}
