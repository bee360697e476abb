// Stands for an upstream that the configuration names no more: whatever it is asked fails unsent. Its logins end at
// their deadlines like those of an upstream that is out of reach, and their devices are free again.

import type { Capabilities } from '../login/terms.ts'
import { type Polling, type Provider, ProviderError } from '../provider/port.ts'

const absent = () => new ProviderError({ kind: 'UNREACHABLE', sent: false, answered: false })

const refuse = async (): Promise<never> => {
  throw absent()
}

const polling: Polling = {
  full: false,
  slow: true,
  patience: 10_000,
  prepare: () => ({ provider: 'absent' }),
  send: (_poll, settled) => {
    queueMicrotask(() => settled({ kind: 'FAILED', error: absent() }))
    return { abort: () => {} }
  },
  read: () => {
    throw absent()
  },
}

/** `capabilities`: those that its logins began with. */
export const absentProvider = (name: string, capabilities: Capabilities): Provider => ({
  name,
  // Nobody asks it: what its logins can do stands in their terms.
  dialect: 'OPEN',
  handle: 'DEVICE',
  capabilities,
  reachable: false,
  origin: '',
  polling,
  registerDevice: refuse,
  whoIsSignedIn: refuse,
  issueQrCode: refuse,
  sendPush: refuse,
  sendCode: refuse,
  listSignedIn: refuse,
  isSignedIn: refuse,
  offlineReason: refuse,
  logOut: refuse,
  resetDevice: refuse,
  changeProxy: refuse,
  listDevices: refuse,
  close: async () => {},
})
