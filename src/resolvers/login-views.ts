// The views of one login, one after another: its secrets are read once per QR code and slider, not once per event.

import type { LoginRecord, LoginSecrets } from '../db/records.ts'
import type { Store } from '../db/store.ts'
import { type LoginView, needsSecrets, type PictureLinks, viewLogin } from './login-view.ts'
import { noSecrets } from './update.ts'

export interface LoginViewsParts extends PictureLinks {
  readonly store: Pick<Store, 'readSecrets'>
}

export class LoginViews {
  readonly #parts: LoginViewsParts
  readonly #tenant: string
  readonly #loginId: string
  /** What `#secrets` belong to. */
  #key: string | null = null
  #secrets: LoginSecrets = noSecrets

  constructor(parts: LoginViewsParts, tenant: string, loginId: string) {
    this.#parts = parts
    this.#tenant = tenant
    this.#loginId = loginId
  }

  async read(record: LoginRecord, before: LoginView | null): Promise<LoginView> {
    const bare = viewLogin(this.#parts, record, noSecrets, before)
    const key = keyOf(bare)
    if (key !== null && key !== this.#key) {
      this.#secrets = await this.#parts.store.readSecrets(this.#tenant, this.#loginId)
      this.#key = key
    }
    return this.#whole(bare, key)
  }

  /** Null: its secrets must be read first. */
  now(record: LoginRecord, before: LoginView | null): LoginView | null {
    const bare = viewLogin(this.#parts, record, noSecrets, before)
    const key = keyOf(bare)
    return key !== null && key !== this.#key ? null : this.#whole(bare, key)
  }

  #whole(bare: LoginView, key: string | null): LoginView {
    if (key !== null) return Object.freeze({ ...bare, secrets: this.#secrets })
    this.#key = null
    this.#secrets = noSecrets
    return bare
  }
}

/** Which secrets belong to it; null: none do. */
const keyOf = (bare: LoginView): string | null =>
  needsSecrets(bare) ? `${bare.qrCode?.issued ?? ''} ${bare.challenge?.requested ?? ''}` : null
