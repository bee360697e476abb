/**
 * The person at one phone: what it shows, and what can be done with it.
 * Refuses to know how the upstream words what follows.
 */
import { randomInt } from 'node:crypto'
import type { Account } from './account.ts'
import { type Attempt, type Device, isActing, isLive, type PushAttempt, type QrAttempt } from './device.ts'
import { type Popup, SCREENS } from './words.ts'
import type { World } from './world.ts'

/** The phone cannot do that now; the message says why. */
export class PhoneRefusal extends Error {
  override name = 'PhoneRefusal'
}

export type PhoneAction =
  | 'scan'
  | 'confirm'
  | 'decline'
  | 'askForCode'
  | 'askForNewDevice'
  | 'solveSlider'
  | 'goOffline'
  | 'killQr'
  | 'forget'

/** What a person sees. `says` is the phone's own Chinese. */
export type Screen = {
  readonly screen: keyof typeof SCREENS | 'popup'
  readonly says: string
  /** The code on the code page. */
  readonly code: string | null
  /** When this lapses by itself. */
  readonly until: number | null
  readonly can: readonly PhoneAction[]
}

export class Phone {
  readonly #world: World
  readonly #device: Device

  constructor(world: World, device: Device) {
    this.#world = world
    this.#device = device
  }

  /** Scans the QR code of the device with the account that belongs there, or with another one. */
  scan(as = 'owner'): Account {
    const attempt = this.#qr('There is no QR code to scan.')
    if (attempt.phase === 'dead') throw new PhoneRefusal(SCREENS.expired)
    if (attempt.phase !== 'waiting') throw new PhoneRefusal('This QR code has been scanned already.')
    const account = this.#world.person(this.#device, as)
    attempt.account = account
    attempt.phase = attempt.sliders > 0 ? 'slider' : 'scanned'
    this.#happened('scanned')
    return account
  }

  /** Taps "log in", after a scan or in the box of a push. Signed in only once a confirming call follows (S2:18). */
  confirm(): void {
    this.#world.settle(this.#device)
    const attempt = this.#before()
    const ready = attempt?.kind === 'qr' ? attempt.phase === 'scanned' : attempt?.phase === 'shown'
    if (attempt === null || !ready) throw new PhoneRefusal('There is nothing to confirm.')
    attempt.phase = 'confirmed'
    this.#happened('confirmed')
  }

  decline(): void {
    this.#world.settle(this.#device)
    const attempt = this.#before()
    if (attempt === null || !isActing(attempt) || attempt.phase === 'confirmed')
      throw new PhoneRefusal('There is nothing to decline.')
    attempt.phase = 'declined'
    this.#happened('declined')
  }

  /** The phone shows a code page; the answer is the code. No poll of `open` announces it (P 3.3), one of `ipad` does (S4:18). */
  askForCode(code = String(randomInt(1_000_000)).padStart(6, '0')): string {
    const attempt = this.#scanned()
    attempt.phase = 'code'
    attempt.code = code
    attempt.codeTold = false
    attempt.codeVoid = attempt.polled && this.#device.switches.codeVoidedByPoll === 'always'
    attempt.expires = Math.max(attempt.expires, this.#world.now() + this.#device.timings.codeLifetimeMs)
    this.#happened('codeShown')
    return code
  }

  /** "Verify on the new device": a dead end for this QR code; `deviceType` mac is the way out (P 3.3, S4:18). */
  askForNewDevice(): void {
    this.#scanned().phase = 'newDevice'
    this.#happened('newDeviceShown')
  }

  /** Slides, on the page that a poll handed out (S4:19); then the next slider is due, or the phone can confirm. */
  solveSlider(): void {
    const attempt = this.#qr('There is no slider.')
    if (attempt.phase !== 'slider' || attempt.sliderPage === null)
      throw new PhoneRefusal('There is no slider page open.')
    attempt.sliderPage = null
    attempt.sliders--
    attempt.expires = Math.max(attempt.expires, this.#world.now() + this.#device.timings.codeLifetimeMs)
    if (attempt.sliders === 0) attempt.phase = 'scanned'
    this.#happened('sliderSolved')
  }

  /** The sign-in ends with one of the nine popups of P 3.4, or with any text. */
  goOffline(popup: Popup = 'noPopup'): void {
    if (!this.#device.online) throw new PhoneRefusal('Nobody is signed in.')
    this.#world.goOffline(this.#device, popup)
  }

  /** The QR code dies before its time, scanned or not. */
  killQr(): void {
    const attempt = this.#qr('There is no QR code.')
    if (!isLive(attempt)) throw new PhoneRefusal('This QR code is no longer alive.')
    attempt.phase = 'dead'
    this.#happened('qrDied')
  }

  /** Puts the phone away: the person does nothing more, and the upstream, which is not told, waits until the time is up. */
  forget(): void {
    const attempt = this.#device.attempt
    if (attempt !== null) attempt.away = true
    this.#world.changed(this.#device)
  }

  /** What the person sees now. */
  look(): Screen {
    this.#world.settle(this.#device)
    const { online, popup, account } = this.#device
    const attempt = this.#before()
    if (attempt?.kind === 'qr' && attempt.phase !== 'done') return this.#lookAtQr(attempt)
    if (attempt?.kind === 'push' && attempt.phase !== 'done') return this.#lookAtPush(attempt)
    if (online) return screen('signedIn', ['goOffline'])
    if (account !== null && popup !== null)
      return { screen: 'popup', says: popup, code: null, until: null, can: [] }
    return screen('nothing', [])
  }

  /** Who would tap: the one who scanned, else who was signed in, else the device's own person. */
  holder(): Account {
    return this.#device.attempt?.account ?? this.#device.account ?? this.#device.person
  }

  #lookAtQr(attempt: QrAttempt): Screen {
    switch (attempt.phase) {
      case 'waiting':
        return screen('scannable', ['scan', 'killQr'], attempt.expires)
      case 'scanned':
        return screen(
          'confirm',
          ['confirm', 'decline', 'askForCode', 'askForNewDevice', 'killQr', 'forget'],
          attempt.expires,
        )
      case 'code':
        return screen('code', ['askForCode', 'decline', 'killQr', 'forget'], attempt.expires, attempt.code)
      case 'newDevice':
        return screen('newDevice', ['decline', 'killQr', 'forget'], attempt.expires)
      case 'slider':
        return screen(
          'slider',
          attempt.sliderPage === null
            ? ['decline', 'killQr', 'forget']
            : ['solveSlider', 'decline', 'killQr', 'forget'],
          attempt.expires,
        )
      case 'confirmed':
        return screen('confirmed', ['forget'])
      case 'declined':
        return screen('declined', ['forget'])
      default:
        return screen('expired', ['forget'])
    }
  }

  #lookAtPush(attempt: PushAttempt): Screen {
    if (attempt.phase === 'shown') return screen('push', ['confirm', 'decline', 'forget'], attempt.expires)
    if (attempt.phase === 'confirmed') return screen('confirmed', ['forget'])
    if (attempt.phase === 'declined') return screen('declined', ['forget'])
    return screen('nothing', [])
  }

  /** What is before the person; null too once the phone was put away. */
  #before(): Attempt | null {
    const { attempt } = this.#device
    return attempt?.away === true ? null : attempt
  }

  #qr(otherwise: string): QrAttempt {
    this.#world.settle(this.#device)
    const attempt = this.#before()
    if (attempt?.kind !== 'qr') throw new PhoneRefusal(otherwise)
    return attempt
  }

  #scanned(): QrAttempt {
    const attempt = this.#qr('Nobody has scanned.')
    if (attempt.phase !== 'scanned' && attempt.phase !== 'code' && attempt.phase !== 'newDevice')
      throw new PhoneRefusal('The phone shows another page.')
    return attempt
  }

  #happened(
    moment: 'scanned' | 'confirmed' | 'declined' | 'codeShown' | 'newDeviceShown' | 'sliderSolved' | 'qrDied',
  ): void {
    this.#world.changed(this.#device)
    this.#world.moments.emit(moment, this.#device.id)
  }
}

const screen = (
  name: keyof typeof SCREENS,
  can: readonly PhoneAction[],
  until: number | null = null,
  code: string | null = null,
): Screen => ({ screen: name, says: SCREENS[name], code, until, can })
