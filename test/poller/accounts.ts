// Signed-in accounts and an upstream that knows of each whether it is online, in place of the calls about presence of the
// scripted one: it counts what it is asked.

import type { PresenceReason } from '../../src/login/presence.ts'
import { type Provider, ProviderError } from '../../src/provider/port.ts'
import { aProfile } from '../support/fake-provider.ts'
import type { Gateway } from './gateway.ts'

type Asked =
  | 'listSignedIn'
  | 'isSignedIn'
  | 'offlineReason'
  | 'logOut'
  | 'resetDevice'
  | 'changeProxy'
  | 'whoIsSignedIn'

export class Upstream {
  /** Who is online, by what the upstream calls the device. */
  readonly online = new Map<string, string>()
  readonly reasons = new Map<string, { reason: PresenceReason; words: string | null } | 'ONLINE'>()
  /** Null: it answers. */
  fails: ProviderError | null = null
  readonly failing = new Set<Asked>()
  /** Answers a list of nobody, as a broken upstream would. */
  empty = false
  /** How long a log-out takes to show: looks that still find it there. */
  logoutShowsAfter = 0
  readonly asked: { readonly what: Asked; readonly upstreamId: string; readonly at: number }[] = []

  constructor(gateway: Gateway) {
    const note = (what: Asked, upstreamId = '*') => {
      this.asked.push({ what, upstreamId, at: gateway.clock.now() })
      if (this.fails !== null || this.failing.has(what)) throw this.fails ?? silent
    }
    const calls: Partial<Provider> = {
      listSignedIn: async () => {
        note('listSignedIn')
        const listed = this.empty ? new Map<string, string>() : new Map(this.online)
        return {
          find: ({ upstreamId }) =>
            listed.has(upstreamId) ? { online: true, handle: null } : { online: false },
        }
      },
      isSignedIn: async ({ upstreamId }) => {
        note('isSignedIn', upstreamId)
        if (this.#leaving.get(upstreamId) === 0) this.online.delete(upstreamId)
        else if (this.#leaving.has(upstreamId))
          this.#leaving.set(upstreamId, (this.#leaving.get(upstreamId) ?? 0) - 1)
        return this.online.has(upstreamId)
      },
      whoIsSignedIn: async ({ upstreamId }) => {
        note('whoIsSignedIn', upstreamId)
        const wcId = this.online.get(upstreamId)
        return wcId === undefined ? null : aProfile({ wcId, nickName: null })
      },
      offlineReason: async ({ upstreamId }) => {
        note('offlineReason', upstreamId)
        const told = this.reasons.get(upstreamId) ?? { reason: 'NO_POPUP' as const, words: null }
        return told === 'ONLINE' ? { kind: 'ONLINE' } : { kind: 'TOLD', ...told }
      },
      logOut: async ({ upstreamId }) => {
        note('logOut', upstreamId)
        this.leave(upstreamId)
      },
      resetDevice: async ({ upstreamId }) => note('resetDevice', upstreamId),
      changeProxy: async ({ upstreamId }) => note('changeProxy', upstreamId),
    }
    Object.assign(gateway.provider, calls)
  }

  readonly #leaving = new Map<string, number>()

  leave(upstreamId: string): void {
    this.#leaving.set(upstreamId, this.logoutShowsAfter)
  }

  count(what: Asked): number {
    return this.asked.filter(each => each.what === what).length
  }
}

export const silent = new ProviderError({ kind: 'TIMEOUT', sent: true, answered: false })

export interface SignedIn {
  readonly accountId: string
  readonly deviceId: string
  readonly upstreamId: string
}

/** An account that a login has signed in, upstream too. */
export const signIn = async (gateway: Gateway, upstream: Upstream, wcId: string): Promise<SignedIn> => {
  const loginId = await gateway.startLogin()
  const { deviceId } = await gateway.login(loginId)
  const device = (await gateway.now.store.readDevices('default', [deviceId])).get(deviceId)
  const upstreamId = device?.upstreamId ?? ''
  gateway.provider.answerPolls({ kind: 'SIGNED_IN', profile: aProfile({ wcId }) })
  for (let waited = 0; (await gateway.login(loginId)).ended === null; waited++) {
    if (waited > 100) throw new Error('Nobody was signed in')
    await gateway.pass(100)
  }
  gateway.provider.answerPolls()
  upstream.online.set(upstreamId, wcId)
  const { accountId } = await gateway.login(loginId)
  return { accountId: accountId ?? '', deviceId, upstreamId }
}

export const presence = async (gateway: Gateway, { accountId }: SignedIn) => {
  const account = (await gateway.now.store.readAccounts('default', [accountId])).get(accountId)
  if (account === undefined) throw new Error('No such account')
  return account.presence
}
