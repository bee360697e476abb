// The person at one phone, and what the frontend before them does: each goes by what it sees. The person knows the
// phone's screen, the frontend what the gateway tells it; the person's plan is drawn beforehand.

import type { Device } from '../../simulator/device.ts'
import { PhoneRefusal } from '../../simulator/phone.ts'
import type { World } from '../../simulator/world.ts'
import { type Address, act } from '../../test/support/api-client.ts'
import type { Now } from './api.ts'
import type { Chance } from './random.ts'

export const plans = {
  confirm: 40,
  decline: 8,
  rightCode: 10,
  wrongThenRightCode: 5,
  threeWrongCodes: 2,
  withdrawnCode: 3,
  newDevice: 8,
  qrCodeDies: 3,
  forgetAfterScan: 6,
  stranger: 0.5,
  neverLook: 10,
} as const

export type Plan = keyof typeof plans

export interface Sitting {
  readonly world: World
  readonly slot: string
  readonly gateway: Address
  readonly loginId: string
  readonly plan: Plan
  readonly chance: Chance
  /** What the frontend knows now; null: nothing yet. */
  now(): Now | null
  /** A refusal that says something is wrong, and not only late. */
  refused(verb: string, code: string): void
  /** The gateway took a code. */
  submitted(code: string): void
  readonly did: { codes: number; died: boolean }
}

/** One look at the phone and one at the frontend. */
export const lookAndAct = async (sitting: Sitting): Promise<void> => {
  const now = sitting.now()
  const device = sitting.world.devices.get(sitting.slot)
  if (now === null || device === undefined || now.outcome !== null) return
  try {
    await atTheScreen(sitting, device, now)
  } catch (error) {
    if (!(error instanceof PhoneRefusal)) throw error
  }
}

const atTheScreen = async (sitting: Sitting, device: Device, now: Now): Promise<void> => {
  const { world, slot, plan, chance } = sitting
  const phone = world.phone(slot)
  const screen = phone.look()
  switch (screen.screen) {
    case 'scannable':
      return scanWhatIsShown(sitting, device, now)
    case 'confirm':
      if (plan === 'decline') phone.decline()
      else if (plan === 'forgetAfterScan') phone.forget()
      else if (plan.endsWith('Code') || plan === 'threeWrongCodes') {
        if (sitting.did.codes === 0 && now.state !== 'AWAITING_SLIDER') phone.askForCode()
        else phone.confirm()
      } else if (
        plan === 'newDevice' &&
        device.attempt?.kind === 'qr' &&
        device.attempt.deviceType === 'ipad'
      )
        phone.askForNewDevice()
      else phone.confirm()
      return
    case 'push':
      if (plan === 'decline') phone.decline()
      else if (plan === 'forgetAfterScan' || plan === 'neverLook') phone.forget()
      else phone.confirm()
      return
    case 'code':
      return await enterCode(sitting, screen.code ?? '', now)
    case 'newDevice':
      return await say(sitting, now, 'REPORT_NEW_DEVICE_PROMPT', 'reportNewDevicePrompt')
    case 'slider':
      if (now.nextStep !== 'SOLVE_SLIDER') return
      if (plan === 'forgetAfterScan' && chance.happens(0.5)) return phone.forget()
      phone.solveSlider()
      return await say(sitting, now, 'REPORT_SLIDER_SOLVED', 'reportSliderSolved')
  }
}

/** Nobody can scan what no frontend shows. */
const scanWhatIsShown = (sitting: Sitting, device: Device, now: Now): void => {
  const { world, slot, plan } = sitting
  const { attempt } = device
  const shown = now.qrCode
  if (plan === 'neverLook' || shown === null || attempt?.kind !== 'qr') return
  if (shown.content !== attempt.content && (shown.content !== null || shown.url === null)) return
  if (plan === 'qrCodeDies' && !sitting.did.died) {
    sitting.did.died = true
    world.phone(slot).killQr()
    return
  }
  world.phone(slot).scan(plan === 'stranger' ? 'stranger' : 'owner')
}

const enterCode = async (sitting: Sitting, code: string, now: Now): Promise<void> => {
  const { plan, did } = sitting
  if (!now.allowedActions.includes('SUBMIT_CODE'))
    return await say(sitting, now, 'REPORT_CODE_PROMPT', 'reportCodePrompt')
  if (plan === 'withdrawnCode' && did.codes === 0) {
    did.codes++
    return await say(sitting, now, 'WITHDRAW_CODE_PROMPT', 'withdrawCodePrompt')
  }
  const wrong = (plan === 'wrongThenRightCode' && did.codes === 0) || plan === 'threeWrongCodes'
  // Each wrong one is another: the same code is never sent twice.
  const entered = wrong ? String((Number(code) + did.codes + 1) % 1_000_000).padStart(6, '0') : code
  did.codes++
  await say(sitting, now, 'SUBMIT_CODE', 'submitVerifyCode', entered)
}

type Verb = Parameters<typeof act>[1]

const say = async (sitting: Sitting, now: Now, action: string, verb: Verb, code?: string): Promise<void> => {
  if (!now.allowedActions.includes(action)) return
  const answer = await act(sitting.gateway, verb, sitting.loginId, code)
  if (answer.code !== undefined) sitting.refused(verb, answer.code)
  else if (code !== undefined) sitting.submitted(code)
}
