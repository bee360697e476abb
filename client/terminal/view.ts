// What the screen is drawn from and the keys are offered by: plain data, changed by the flow alone.
// Refuses to know how it came to be and how it looks.

import type { Login } from './answers.ts'
import type { Anchor } from './countdown.ts'

export interface View {
  readonly login: Login
  /** Null until the gateway told its time. */
  readonly anchor: Anchor | null
  /** Why nothing comes just now; null while the gateway answers. */
  readonly lost: string | null
  /** The last thing that went wrong or is under way, in a sentence; null: nothing to say. */
  readonly note: string | null
  /** The digits typed so far; null while no code is being typed. */
  readonly typed: string | null
  /** The simulated phone; null on a real upstream. */
  readonly phone: PhoneView | null
}

export interface PhoneView {
  /** A page with the same phone, for a browser. */
  readonly page: string
  /** Null until it was looked at. */
  readonly screen: PhoneScreen | null
}

/** `says` is the phone's own text, `code` what its code page shows, `can` what the person could do. */
export interface PhoneScreen {
  readonly says: string
  readonly code: string | null
  readonly can: readonly string[]
}
