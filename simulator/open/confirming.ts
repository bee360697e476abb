/**
 * The confirming calls: `checkLoginShort`, its hanging sibling `checkLogin`, and `loginVerifyCode`.
 * Each completes a login that was confirmed on the phone (S2:18), and each also answers "who am I" (S3:1).
 */
import { type Device, isActing } from '../device.ts'
import { failure } from '../envelope.ts'
import { GUESSED } from '../words.ts'
import { dead, empty, profile, scanned } from './answers.ts'
import { type DeviceHandler, hang, type OpenCall } from './call.ts'

/** The hot path: the last answer again, as long as nothing changed. */
export const checkLoginShort: DeviceHandler = (call, device) => {
  const now = call.world.now()
  notePoll(device, now)
  const cached = device.cached
  if (cached !== null && now < cached.until) {
    if (cached.idle) device.watch.pollsAfterSuccess++
    return cached.body
  }
  const { body, idle } = look(call, device)
  if (idle) device.watch.pollsAfterSuccess++
  const until = device.attempt === null || device.online ? Number.POSITIVE_INFINITY : lapse(device)
  device.cached = { body, idle: device.online, until }
  return body
}

/** Answers when something is decided, after 215 s at the latest: the QR code is dead then (P 3.2). */
export const checkLogin: DeviceHandler = (call, device) => {
  notePoll(device, call.world.now())
  return hang(call, device, device.timings.longPollMs, timeIsUp => {
    if (timeIsUp) return dead(device.switches)
    const { body, idle, decided } = look(call, device)
    if (idle) device.watch.pollsAfterSuccess++
    return decided ? body : null
  })
}

/** Takes the code that the phone shows, once, and completes the login itself (P 3.2). */
export const loginVerifyCode: DeviceHandler = (call, device) => {
  const { world, pictures, params } = call
  const { switches } = device
  world.settle(device)
  const attempt = device.attempt
  if (attempt?.kind === 'qr' && attempt.phase === 'confirmed') return look(call, device).body
  if (attempt?.kind === 'qr' && attempt.phase === 'dead') return dead(switches)
  if (attempt?.kind !== 'qr' || attempt.phase !== 'code' || attempt.account === null)
    return failure(switches, GUESSED.codeNotAsked)
  if (attempt.codeVoid) {
    world.moments.emit('codeVoid', device.id)
    return failure(switches, switches.codeVoidText)
  }
  if (params.code !== attempt.code) {
    world.moments.emit('codeWrong', device.id)
    return failure(switches, switches.codeWrongText)
  }
  world.moments.emit('codeAccepted', device.id)
  world.signIn(device, attempt.account)
  return profile(switches, attempt.account, pictures)
}

const notePoll = (device: Device, now: number): void => {
  const { watch, attempt } = device
  if (now - watch.lastPoll < device.timings.pollGapMs) watch.pollsTooSoon++
  if (watch.pollsUnderWay > 1) watch.pollsOverlapping++
  watch.lastPoll = now
  if (attempt?.kind !== 'qr') return
  attempt.polled = true
  if (attempt.phase === 'code' && device.switches.codeVoidedByPoll !== 'never') attempt.codeVoid = true
}

const lapse = (device: Device): number => {
  const { attempt } = device
  if (attempt === null) return Number.POSITIVE_INFINITY
  const ended = attempt.phase === 'dead' || attempt.phase === 'lapsed' || attempt.phase === 'done'
  return ended ? Number.POSITIVE_INFINITY : attempt.expires
}

/** `idle`: asked who is signed in, nothing else. `decided`: a hanging call need not wait longer. */
type Look = { readonly body: string; readonly idle: boolean; readonly decided: boolean }

const look = (call: OpenCall, device: Device): Look => {
  const { world, pictures } = call
  const { switches } = device
  world.settle(device)
  const attempt = device.attempt
  if (attempt?.phase === 'confirmed' && attempt.account !== null) {
    world.signIn(device, attempt.account)
    return { body: profile(switches, attempt.account, pictures), idle: false, decided: true }
  }
  if (device.online && device.account !== null)
    return { body: profile(switches, device.account, pictures), idle: true, decided: true }
  if (attempt?.phase === 'declined') return declined(call, device)
  if (attempt?.kind === 'qr' && attempt.phase === 'waiting')
    return { body: empty(switches), idle: false, decided: false }
  if (attempt?.kind === 'qr' && isActing(attempt) && attempt.account !== null) {
    attempt.scanTold = true
    return { body: scanned(switches, attempt.account, pictures), idle: false, decided: false }
  }
  if (attempt?.kind === 'push' && attempt.phase === 'shown' && switches.pollDuringPush === 'empty')
    return { body: empty(switches), idle: false, decided: false }
  return { body: dead(switches), idle: false, decided: attempt?.phase !== 'shown' }
}

const declined = (call: OpenCall, device: Device): Look => {
  const { switches, attempt } = device
  const over = attempt === null || call.world.now() >= attempt.expires
  if (switches.declineShows === 'text' && !over)
    return { body: failure(switches, switches.declineText), idle: false, decided: true }
  if (switches.declineShows === 'silent' && !over) {
    const body =
      attempt.kind === 'qr' && attempt.account !== null
        ? scanned(switches, attempt.account, call.pictures)
        : empty(switches)
    return { body, idle: false, decided: false }
  }
  return { body: dead(switches), idle: false, decided: true }
}
