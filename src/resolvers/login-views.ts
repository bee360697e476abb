// The views of one login, one after another: its secrets are read once per QR code and slider, who signed in once at
// the end, and nothing of it once per event.

import type { LoginRecord, LoginSecrets } from '../db/records.ts'
import type { Store } from '../db/store.ts'
import type { Millis } from '../login/vocabulary.ts'
import { type LoginView, needsSecrets, type PictureLinks, viewLogin } from './login-view.ts'
import { noSecrets } from './update.ts'

export interface LoginViewsParts extends PictureLinks {
  readonly store: Pick<Store, 'readSecrets' | 'readAccounts'>
}

export class LoginViews {
  readonly #parts: LoginViewsParts
  readonly #tenant: string
  readonly #loginId: string
  #secrets: LoginSecrets = noSecrets
  /** What they belong to: the code issued then, the slider shown since then. Null: they are none. */
  #issued: Millis | null = null
  #requested: Millis | null = null

  constructor(parts: LoginViewsParts, tenant: string, loginId: string) {
    this.#parts = parts
    this.#tenant = tenant
    this.#loginId = loginId
  }

  async read(record: LoginRecord, before: LoginView | null): Promise<LoginView> {
    if (record.accountId !== null) return await this.#signedIn(record, record.accountId, before)
    const known = this.now(record, before)
    if (known !== null) return known
    const secrets = await this.#parts.store.readSecrets(this.#tenant, this.#loginId)
    const view = viewLogin(this.#parts, record, secrets, before)
    this.#keep(secrets, view)
    return view
  }

  /** Null: its secrets must be read first. */
  now(record: LoginRecord, before: LoginView | null): LoginView | null {
    const view = viewLogin(this.#parts, record, this.#secrets, before)
    if (issuedIn(view) === this.#issued && requestedIn(view) === this.#requested) return view
    if (needsSecrets(view)) return null
    // Nothing is kept that nobody may be shown any more.
    this.#keep(noSecrets, view)
    return viewLogin(this.#parts, record, noSecrets, before)
  }

  async #signedIn(record: LoginRecord, accountId: string, before: LoginView | null): Promise<LoginView> {
    const accounts = await this.#parts.store.readAccounts(this.#tenant, [accountId])
    const view = viewLogin(this.#parts, record, noSecrets, before)
    return Object.freeze({ ...view, account: accounts.get(accountId) ?? null })
  }

  #keep(secrets: LoginSecrets, view: LoginView): void {
    this.#secrets = secrets
    this.#issued = issuedIn(view)
    this.#requested = requestedIn(view)
  }
}

const issuedIn = ({ qrCode }: LoginView): Millis | null => qrCode?.issued ?? null

const requestedIn = ({ challenge }: LoginView): Millis | null =>
  challenge?.kind === 'SLIDER' ? challenge.requested : null
