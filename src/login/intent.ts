// Which risky call was recorded and has no answer yet: its recorder sends it, anybody else observes first.

import type { LoginState, VerifyingCode } from './state.ts'

export interface OpenIntent {
  readonly kind: 'QR_CODE' | 'PUSH' | 'CODE'
  readonly id: string
}

/** Null: nothing risky is under way. */
export const openIntent = (state: LoginState): OpenIntent | null => {
  switch (state.kind) {
    case 'STARTING':
      return state.step.kind === 'ISSUING' ? { kind: 'QR_CODE', id: state.step.intent.id } : null
    case 'AWAITING_SCAN':
      return state.renewal?.kind === 'ISSUING' ? { kind: 'QR_CODE', id: state.renewal.intent.id } : null
    case 'AWAITING_CONFIRMATION':
      return state.prompt.kind === 'PUSH' && state.prompt.answer === 'OWED'
        ? { kind: 'PUSH', id: state.prompt.intent }
        : null
    case 'VERIFYING_CODE':
      return state.step.kind === 'SENT' ? { kind: 'CODE', id: state.step.intent.id } : null
    default:
      return null
  }
}

/** Whether this is the answer to the code that was sent. */
export const answersCode = (state: VerifyingCode, told: { readonly intent: string }): boolean =>
  state.step.kind === 'SENT' && state.step.intent.id === told.intent
