/**
 * The shared world: devices, accounts, settings, faults, the log and the moments. One typed handle for tests, the page and the dialects.
 * Refuses to know HTTP and any dialect's wording of an answer.
 */
import { randomBytes, randomUUID } from 'node:crypto'
import { type Account, accountOf } from './account.ts'
import { CallLog } from './call-log.ts'
import { type CallbackAddress, Callbacks } from './callbacks.ts'
import { type Clock, Timers } from './clock.ts'
import { type Attempt, type Device, type Dialect, isLive, namesOn, newDevice, whoIsOn } from './device.ts'
import { DROPS, Drops, type DropWay, wayTo } from './drops.ts'
import type { Endpoint } from './endpoints.ts'
import { Faults } from './faults.ts'
import { Instances } from './ipad/instances.ts'
import { type Moment, type MomentListener, Moments } from './moments.ts'
import { Phone, PhoneRefusal } from './phone.ts'
import { Plays } from './plays.ts'
import type { Scenario } from './scenario.ts'
import type { Playing } from './script.ts'
import {
  defaultSwitches,
  defaultTimings,
  laidOver,
  type Settings,
  type Switches,
  type Timings,
} from './settings.ts'
import { type Truth, Truths, type TruthTold } from './truths.ts'
import { type Popup, popupText } from './words.ts'

export type WorldOptions = {
  readonly clock: Clock
  readonly token: string
  readonly settings: Settings
  readonly logSize: number
  /** Truths that are remembered; 200,000 where nothing is said. */
  readonly truthSize?: number
  /** Who is called back from the start. */
  readonly callbacks?: Partial<Readonly<Record<Dialect, CallbackAddress>>>
}

export class World {
  readonly clock: Clock
  readonly timers: Timers
  readonly faults = new Faults()
  readonly log: CallLog
  readonly moments = new Moments()
  readonly devices = new Map<string, Device>()
  /** Everybody met so far, by wcId: whose avatar can be had. */
  readonly accounts = new Map<string, Account>()
  /** What each wId of the `ipad` dialect stands for. */
  readonly instances = new Instances(this)
  token: string
  switches: Switches
  timings: Timings
  /** Who is called back, and with what. */
  readonly callbacks = new Callbacks(this)
  readonly #plays = new Plays(this)
  readonly #drops = new Drops(this)
  readonly #truths: Truths
  /** The device on which an account signed in last. */
  readonly #deviceOf = new Map<string, Device>()
  readonly #changeListeners = new Set<(deviceId: string) => void>()

  constructor(options: WorldOptions) {
    this.clock = options.clock
    this.timers = new Timers(options.clock)
    this.token = options.token
    this.log = new CallLog(options.logSize)
    this.switches = laidOver(defaultSwitches, options.settings.switches)
    this.timings = laidOver(defaultTimings, options.settings.timings)
    this.#truths = new Truths(options.truthSize ?? 200_000)
    for (const dialect of ['open', 'ipad'] as const)
      this.callbacks.set(dialect, options.callbacks?.[dialect] ?? null)
    this.#drops.keepTime()
    this.moments.listen(seen => this.#plays.notice(seen))
  }

  now(): number {
    return this.clock.now()
  }

  // ------------------------------------------------------------ devices

  /** A fresh device, as `POST /open/workstation` makes it, or a slot of `ipad`; the one that is there where the id is known. */
  createDevice(id: string, dialect: Dialect = 'open'): Device {
    const known = this.devices.get(id)
    if (known !== undefined) return known
    const device = newDevice({
      id,
      dialect,
      created: this.now(),
      person: this.meet(accountOf(`device:${id}`)),
      switches: this.switches,
      timings: this.timings,
    })
    this.devices.set(id, device)
    this.#tell(device, { kind: 'created' })
    this.moments.emit('created', id)
    this.#plays.greet(device)
    this.changed(device)
    return device
  }

  /** Throws where there is no such device: for tests and the control API; calls of the dialect answer in its words. */
  device(id: string): Device {
    const device = this.devices.get(id)
    if (device === undefined) throw new RangeError(`There is no device ${id}.`)
    return device
  }

  removeDevice(id: string): void {
    const device = this.devices.get(id)
    if (device === undefined) return
    this.devices.delete(id)
    this.#drops.over(device)
    this.#tell(device, { kind: 'removed', wcId: whoIsOn(device) })
    this.changed(device)
  }

  /** Back to new, for every account (P 3.2). */
  resetDevice(device: Device): void {
    this.#tell(device, { kind: 'reset', wcId: whoIsOn(device) })
    this.#drops.over(device)
    device.account = null
    device.online = false
    device.fresh = true
    device.popup = null
    device.recycled = false
    device.lastLogin = null
    device.attempt = null
    device.generation = 0
    device.wId = null
    this.moments.emit('reset', device.id)
    this.changed(device)
  }

  recycle(device: Device): void {
    this.#tell(device, { kind: 'recycled', wcId: whoIsOn(device) })
    this.#drops.over(device)
    device.online = false
    device.fresh = true
    device.recycled = true
    device.attempt = null
    this.moments.emit('recycled', device.id)
    this.changed(device)
  }

  /** Recycled by hand, or by 20 days without a sign-in (S0:3). */
  isRecycled(device: Device): boolean {
    const idle = device.online || device.lastLogin === null ? 0 : this.now() - device.lastLogin
    return device.recycled || idle > device.timings.recycleAfterMs
  }

  /** Something about the device is no longer as it was: forget the cached answer, wake the calls that hang, tell the page. */
  changed(device: Device): void {
    device.cached = null
    for (const look of [...device.hanging]) look()
    for (const listener of this.#changeListeners) listener(device.id)
    this.moments.check()
  }

  onChange(listener: (deviceId: string) => void): () => void {
    this.#changeListeners.add(listener)
    return () => this.#changeListeners.delete(listener)
  }

  // ------------------------------------------------------------ people

  /** Remembers somebody, so that the avatar can be served. */
  meet(account: Account): Account {
    const known = this.accounts.get(account.wcId)
    if (known !== undefined) return known
    this.accounts.set(account.wcId, account)
    return account
  }

  /** `owner`: who is or was signed in on the device, else who holds its phone; `stranger`: somebody else; any other word: that very person. */
  person(device: Device, name: string): Account {
    if (name === 'owner') return device.account ?? device.person
    const known = this.accounts.get(name)
    if (known !== undefined) return known
    return this.meet(accountOf(name === 'stranger' ? `stranger:${device.id}` : `named:${name}`))
  }

  /** What the person at the phone of this device can do. */
  phone(deviceId: string): Phone {
    return new Phone(this, this.device(deviceId))
  }

  /** Signs an account in on a device: what a confirming call completes (S2:18). */
  signIn(device: Device, account: Account): void {
    if (device.switches.oneDevicePerAccount) this.#signOutElsewhere(device, account)
    this.#deviceOf.set(account.wcId, device)
    const first = device.fresh || this.isRecycled(device)
    device.account = account
    device.online = true
    device.fresh = false
    device.popup = null
    device.recycled = false
    device.activated = true
    device.lastLogin = this.now()
    device.activeUntil = Math.max(device.activeUntil, this.now()) + 86_400_000
    device.generation = 0
    device.watch.pollsAfterSuccess = 0
    const { attempt } = device
    if (attempt !== null) attempt.phase = 'done'
    this.#tellSignIn(device, account, attempt?.kind ?? 'hand', first)
    this.#drops.signedIn(device, first)
    this.moments.emit('signedIn', device.id)
    this.changed(device)
  }

  /** Drops with that popup, in the commonest way that shows it. */
  goOffline(device: Device, popup: Popup): void {
    this.#fall(device, popup, typeof popup === 'string' ? wayTo(popup) : null, true)
  }

  /** Somebody drops, in one of the ways of `DROPS`. Throws where nobody is signed in. */
  drop(deviceId: string, way: DropWay): void {
    const device = this.device(deviceId)
    if (!device.online) throw new PhoneRefusal('Nobody is signed in.')
    this.#fall(device, DROPS[way].popup, way, DROPS[way].told)
  }

  /** The sign-in of now drops after so many milliseconds, if it still stands; 0: as usual for that way. The answer calls it off. */
  dropAfter(device: Device, way: DropWay, ms: number): () => void {
    return this.#drops.after(device, way, ms)
  }

  /** The developer has logged somebody out, and it shows. */
  logOut(device: Device, popup: Popup): void {
    this.moments.emit('loggedOut', device.id)
    this.#tell(device, { kind: 'loggedOut', ...namesOn(device) })
    this.#end(device, popup)
    this.callbacks.dropped(device)
  }

  #fall(device: Device, popup: Popup, way: DropWay | null, told: boolean): void {
    const names = namesOn(device)
    const shown = popupText(popup, device.switches.popups === 'filled', this.now())
    this.#tell(device, { kind: 'dropped', ...names, way, popup: shown })
    this.#end(device, popup)
    if (told) this.callbacks.dropped(device)
  }

  #end(device: Device, popup: Popup): void {
    this.#drops.over(device)
    device.online = false
    device.popup = popupText(popup, device.switches.popups === 'filled', this.now())
    this.moments.emit('wentOffline', device.id)
    this.changed(device)
  }

  /** The person changes what others see of them. Throws RangeError where nobody has met that account. */
  changeProfile(
    wcId: string,
    changes: { readonly [Name in keyof Account]?: Account[Name] | undefined },
  ): Account {
    const account = this.accounts.get(wcId)
    if (account === undefined) throw new RangeError(`There is no account ${wcId}.`)
    // Devices and attempts hold the very person, and not a picture of them.
    Object.assign(account, laidOver<Account>(account, { ...changes, wcId }))
    const device = this.#deviceOf.get(wcId)
    for (const one of this.devices.values()) if (one.account === account) this.changed(one)
    const at = device ?? { id: '*', dialect: 'open' as const }
    this.#tell(at, { kind: 'profileChanged', wcId, profile: { ...account } })
    return account
  }

  /** What the device goes out by from now on. */
  setProxy(device: Device, proxy: NonNullable<Device['proxy']>): void {
    device.proxy = proxy
    this.#tell(device, { kind: 'proxySet', proxy: { ip: proxy.ip, user: proxy.user } })
  }

  // ------------------------------------------------------------ truths

  /** What really happened, oldest first, in the order in which it did. */
  truths(): readonly Truth[] {
    return this.#truths.all()
  }

  /** A scenario begins: somebody has been signed in since before, or is so no more. */
  sceneSet(
    device: Device,
    before: { readonly wcId: string | null; readonly wId: string | null } | null,
  ): void {
    this.#drops.over(device)
    const { online, account, popup } = device
    if (before !== null) this.#tell(device, { kind: 'dropped', ...before, way: null, popup })
    if (!online || account === null) return
    this.#deviceOf.set(account.wcId, device)
    this.#tellSignIn(device, account, 'before', false)
  }

  #tellSignIn(device: Device, account: Account, by: 'qr' | 'push' | 'hand' | 'before', first: boolean): void {
    const wId = device.dialect === 'ipad' && device.wId !== null ? device.wId : randomUUID()
    device.handles = [...device.handles.slice(-3), wId]
    const deviceType = by === 'qr' && device.attempt?.kind === 'qr' ? device.attempt.deviceType : null
    const { wcId } = account
    this.#tell(device, { kind: 'signedIn', wcId, wId, by, deviceType, first, profile: { ...account } })
  }

  #tell(device: Pick<Device, 'id' | 'dialect'>, told: TruthTold): void {
    this.#truths.add(device, this.now(), told)
  }

  /** Where an account is, or was, signed in: the slot that its next sign-in on `ipad` comes from; null: nowhere yet. */
  lastSlotOf(wcId: string): Device | null {
    const device = this.#deviceOf.get(wcId)
    return device?.dialect === 'ipad' ? device : null
  }

  /** Somebody was signed in here before the story begins. */
  remember(device: Device, account: Account): void {
    device.account = account
    device.fresh = false
    device.activated = true
    device.lastLogin = this.now() - 3_600_000
    device.activeUntil = this.now() + 86_400_000
    this.#deviceOf.set(account.wcId, device)
  }

  #signOutElsewhere(device: Device, account: Account): void {
    const other = this.#deviceOf.get(account.wcId)
    if (other === undefined || other === device || !other.online || other.account?.wcId !== account.wcId)
      return
    this.goOffline(other, 'signedInElsewhere')
  }

  // ------------------------------------------------------------ attempts

  /** Puts a new attempt in the place of the old one; what was under way there is over. */
  begin(device: Device, attempt: Attempt): void {
    const old = device.attempt
    if (old?.kind === 'push' && isLive(old)) old.phase = 'refused'
    if (old?.kind === 'qr' && isLive(old)) old.phase = 'dead'
    device.attempt = attempt
    this.moments.emit(attempt.kind === 'qr' ? 'qrIssued' : 'pushShown', device.id)
    this.changed(device)
  }

  /** Notices what only time has done: a QR code that died, a box that lapsed. Called before every look at an attempt. */
  settle(device: Device): void {
    const attempt = device.attempt
    if (attempt === null || attempt.phase === 'confirmed' || !isLive(attempt) || this.now() < attempt.expires)
      return
    if (attempt.kind === 'qr') {
      attempt.phase = 'dead'
      this.moments.emit('qrDied', device.id)
    } else {
      attempt.phase = 'lapsed'
      this.moments.emit('pushLapsed', device.id)
    }
    this.changed(device)
  }

  // ------------------------------------------------------------ settings

  /** Lays switches and timings over those of one device, or of all. */
  set(settings: Settings, deviceId?: string): void {
    if (deviceId === undefined) {
      this.switches = laidOver(this.switches, settings.switches)
      this.timings = laidOver(this.timings, settings.timings)
      for (const device of this.devices.values()) this.#resolve(device)
      this.#drops.keepTime()
      return
    }
    const device = this.device(deviceId)
    device.overrides = {
      switches: { ...device.overrides.switches, ...settings.switches },
      timings: { ...device.overrides.timings, ...settings.timings },
    }
    this.#resolve(device)
  }

  /** Drops what was set for one device alone. */
  unset(deviceId: string): void {
    const device = this.device(deviceId)
    device.overrides = {}
    this.#resolve(device)
  }

  #resolve(device: Device): void {
    device.switches = laidOver(this.switches, device.overrides.switches)
    device.timings = laidOver(this.timings, device.overrides.timings)
    this.changed(device)
  }

  /** The token dies, as by `resetAuthorization` (P 3.2); the answer is the new one. */
  replaceToken(token = randomBytes(18).toString('base64url')): string {
    this.token = token
    this.moments.emit('tokenDied', '*')
    return token
  }

  // ------------------------------------------------------------ scenarios

  /** Brings the device to where the scenario starts and lets its phone follow the script. */
  play(scenario: Scenario, deviceId: string): Playing {
    return this.#plays.play(scenario, deviceId)
  }

  playing(deviceId: string): Playing | null {
    return this.#plays.of(deviceId)
  }

  /** Plays a scenario on every device of its dialect there is and on each that comes; null: no more. */
  playEverywhere(scenario: Scenario | null): void {
    this.#plays.everywhere(scenario)
  }

  stopPlaying(deviceId: string): void {
    this.#plays.stop(deviceId)
  }

  // ------------------------------------------------------------ waiting

  /** Resolves once that has happened on the device so many times since the simulator started; without a sleep. */
  when(moment: Moment, deviceId = '*', count = 1): Promise<void> {
    return this.moments.when(moment, deviceId, count)
  }

  /** Resolves at the next time that this happens on the device. */
  next(moment: Moment, deviceId = '*'): Promise<void> {
    return this.moments.when(moment, deviceId, this.moments.count(moment, deviceId) + 1)
  }

  /** Resolves once `test` is true; tried at every change. */
  until(test: () => boolean): Promise<void> {
    return this.moments.until(test)
  }

  count(moment: Moment, deviceId = '*'): number {
    return this.moments.count(moment, deviceId)
  }

  calls(endpoint: Endpoint, deviceId?: string): ReturnType<CallLog['calls']> {
    return this.log.calls(deviceId === undefined ? { endpoint } : { endpoint, deviceId })
  }

  listen(listener: MomentListener): () => void {
    return this.moments.listen(listener)
  }

  close(): void {
    this.#plays.close()
    this.callbacks.close()
    this.timers.clear()
  }
}
