// What was asked upstream of each desk, from both ends of the wire: when the gateway sent it and how that was over, and
// what reached the upstream. A call belongs to whoever was sitting when it was sent, however late it arrives.

import { AsyncLocalStorage } from 'node:async_hooks'
import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { setTimeout as wait } from 'node:timers/promises'
import type { LoggedCall } from '../../simulator/call-log.ts'
import type { World } from '../../simulator/world.ts'
import { markHeader, type News, type Parameters } from './wire.ts'

/** One call as the gateway's own socket knows it. Times are milliseconds since 1970. */
export interface Call {
  readonly id: number
  endpoint: string
  readonly params: Parameters
  readonly sent: number
  /** Null: it hangs. */
  over: number | null
  /** ANSWERED, or what undici calls its end; null: it hangs. */
  how: string | null
  /** Heard whole, and it names an account that is signed in. */
  names: boolean
  /** Where in the order of everything the gateway did it was sent, and was over; not over: never. */
  readonly sentAs: number
  overAs: number
  /** Another poll of the same thing was open when this one was sent. */
  readonly isBeside: boolean
  /** As the upstream logged it; null: it has not arrived. */
  arrived: LoggedCall | null
}

export interface Taken {
  /** Sent since the last time, oldest first. Of polls that return those are left out that told nothing. */
  readonly calls: readonly Call[]
  /** Arrived since then, and sent before it, or given up before they arrived. */
  readonly late: readonly Call[]
}

/** Risky ones change the world upstream each time (what must always hold, 3). */
export const isRisky = ({ endpoint, params }: Pick<Call, 'endpoint' | 'params'>): boolean =>
  params.verifyCode !== undefined || risky.has(endpoint)

/** Without the calls that carry a code. */
export const isPoll = ({ endpoint, params }: Pick<Call, 'endpoint' | 'params'>): boolean =>
  polls.has(endpoint) && params.verifyCode === undefined

const risky = new Set(['getLoginQrCode', 'iPadLogin', 'loginAgain', 'secondLogin', 'loginVerifyCode'])
const polls = new Set(['checkLoginShort', 'getIPadLoginInfo'])
/** Their connection may be closed and their bytes still under way. */
const remembered = 300_000
const retries = 20
const pause = 100

interface Desk {
  calls: Call[]
  arrived: Call[]
  /** Where the last taking was in the order. */
  since: number
}

export class Calls {
  readonly #world: World
  readonly #inside: string
  readonly #calls = new Map<number, Call>()
  /** Arrived, and the gateway has not been asked about them yet. */
  readonly #early = new Map<number, LoggedCall>()
  readonly #desks = new Map<string, Desk>()
  /** Polls that hang, by what they ask about. */
  readonly #open = new Map<string, Call>()
  readonly #marks = new AsyncLocalStorage<number | null>()
  readonly #mark = (message: unknown): void => {
    const { request } = message as { request: { headers: Readonly<Record<string, string | undefined>> } }
    const mark = request.headers[markHeader]
    this.#marks.enterWith(mark === undefined ? null : Number(mark))
  }
  #order = 0
  #read = 0
  #reading: Promise<void> | null = null
  #next: Promise<void> | null = null
  readonly faults = new Map<string, number>()

  /** `inside`: what the gateway's process tells of itself. */
  constructor(world: World, inside: string) {
    this.#world = world
    this.#inside = inside
    subscribe('http.server.request.start', this.#mark)
    world.listen(({ moment }) => {
      if (moment.startsWith('asked:')) this.#arrived()
    })
  }

  close(): void {
    unsubscribe('http.server.request.start', this.#mark)
  }

  /** Often enough for the log's size. Resolves when all is known that had happened when it was called. */
  read(): Promise<void> {
    if (this.#reading === null) {
      this.#reading = this.#readNow().finally(() => {
        this.#reading = null
      })
      return this.#reading
    }
    this.#next ??= this.#reading
      .catch(() => {})
      .then(() => {
        this.#next = null
        return this.read()
      })
    return this.#next
  }

  /** Since the last time. */
  async take(slot: string): Promise<Taken> {
    await this.read()
    const desk = this.#desk(slot)
    const { calls, arrived, since } = desk
    desk.calls = []
    desk.arrived = []
    desk.since = this.#order
    return { calls, late: arrived.filter(call => call.sentAs <= since || isGivenUp(call)) }
  }

  async #readNow(): Promise<void> {
    for (const { id, fault } of this.#world.log.calls({ after: this.#read })) {
      this.#read = id
      if (fault !== null) this.faults.set(fault, (this.faults.get(fault) ?? 0) + 1)
    }
    for (const told of await this.#news()) {
      this.#order = told.number
      if (told.kind === 'LEFT') this.#left(told)
      else this.#over(told)
    }
    const oldest = performance.timeOrigin + performance.now() - remembered
    for (const [id, { over }] of this.#calls) if (over !== null && over < oldest) this.#calls.delete(id)
  }

  /** Asked again where its connection was lost: what was told is forgotten there only once we know it. */
  async #news(): Promise<readonly News[]> {
    for (let failures = 0; ; failures++)
      try {
        const answer = await fetch(`${this.#inside}?after=${this.#order}`)
        return (await answer.json()) as readonly News[]
      } catch (error) {
        if (failures === retries) throw error
        await wait(pause)
      }
  }

  #left({ id, at, path, params }: Extract<News, { kind: 'LEFT' }>): void {
    const endpoint = path.slice(path.lastIndexOf('/') + 1)
    const about = asksAbout(endpoint, params)
    const before = about === null ? undefined : this.#open.get(about)
    const call: Call = {
      id,
      endpoint,
      params,
      sent: at,
      over: null,
      how: null,
      names: false,
      sentAs: this.#order,
      overAs: Number.POSITIVE_INFINITY,
      isBeside: before !== undefined && before.over === null,
      arrived: null,
    }
    this.#calls.set(id, call)
    if (about !== null) this.#open.set(about, call)
    const slot = this.#slotOf(call)
    if (slot !== null) this.#desk(slot).calls.push(call)
    const logged = this.#early.get(id)
    this.#early.delete(id)
    if (logged !== undefined) this.#join(call, logged)
  }

  #over({ id, at, how, names }: Extract<News, { kind: 'OVER' }>): void {
    const call = this.#calls.get(id)
    if (call === undefined) return
    call.over = at
    call.overAs = this.#order
    call.how = how
    call.names = names
    const about = asksAbout(call.endpoint, call.params)
    if (about !== null && this.#open.get(about) === call) this.#open.delete(about)
    if (call.arrived === null) return
    this.#calls.delete(id)
    const slot = isDull(call) ? this.#slotOf(call) : null
    const desk = slot === null ? undefined : this.#desks.get(slot)
    if (desk === undefined) return
    remove(desk.calls, call)
    remove(desk.arrived, call)
  }

  /** In the very tick in which the upstream logs it. */
  #arrived(): void {
    const mark = this.#marks.getStore()
    const { log } = this.#world
    const [logged] = log.calls({ after: log.last - 1 })
    if (mark === undefined || mark === null || logged === undefined) return
    const call = this.#calls.get(mark)
    if (call === undefined) this.#early.set(mark, logged)
    else this.#join(call, logged)
  }

  #join(call: Call, logged: LoggedCall): void {
    call.arrived = logged
    const { deviceId } = logged
    if (deviceId === null) return
    const desk = this.#desk(deviceId)
    if (this.#slotOf(call) === null) {
      // A picture's link does not say whose it is.
      call.endpoint = logged.endpoint
      desk.calls.push(call)
    }
    desk.arrived.push(call)
    if (call.over !== null) this.#calls.delete(call.id)
  }

  #slotOf({ params }: Call): string | null {
    const { deviceId, wId, wcId, proxyUser } = params
    const { instances } = this.#world
    if (deviceId !== undefined) return deviceId
    if (wId !== undefined) return instances.slotOf(wId)?.id ?? null
    if (proxyUser !== undefined) return instances.slotFor(params)
    return wcId === undefined || wcId === '' ? null : (this.#world.lastSlotOf(wcId)?.id ?? null)
  }

  #desk(slot: string): Desk {
    const known = this.#desks.get(slot)
    if (known !== undefined) return known
    const desk: Desk = { calls: [], arrived: [], since: this.#order }
    this.#desks.set(slot, desk)
    return desk
  }
}

/** What is polled, so that two of it are known; null: it is no poll. */
const asksAbout = (endpoint: string, { deviceId, wId }: Parameters): string | null => {
  if (!polls.has(endpoint)) return null
  return deviceId ?? wId ?? null
}

const isGivenUp = ({ over, how, arrived }: Call): boolean =>
  over !== null && how !== 'ANSWERED' && arrived !== null && over < arrived.began

/** The newest stand at the end. */
const remove = (calls: Call[], call: Call): void => {
  const place = calls.lastIndexOf(call)
  if (place >= 0) calls.splice(place, 1)
}

/** One of many that return at once, and nothing became of it. */
const isDull = ({ endpoint, how, names, isBeside, arrived }: Call): boolean =>
  endpoint === 'checkLoginShort' && how === 'ANSWERED' && !names && !isBeside && arrived?.fault === null
