// Who is asking, and what that allows. One admin key today: every scope is asked for here all the same, so that
// access control has one place to grow in.

import { RequestError } from '../errors.ts'

export type Language = 'en' | 'zh'

export type Scope =
  | 'LOGIN_READ'
  | 'LOGIN_WRITE'
  | 'HISTORY_READ'
  | 'PERSONAL_READ'
  | 'INSTANCE_READ'
  | 'KEYS_MANAGE'
  | 'ADMIN'
  | 'LOGIN_LINK'

export interface Viewer {
  readonly tenant: string
  /** Name of the key. */
  readonly name: string
  readonly scopes: readonly Scope[]
  readonly language: Language
}

/** ADMIN is every scope but LOGIN_LINK, which is no power but a limit. */
export const adminScopes: readonly Scope[] = [
  'LOGIN_READ',
  'LOGIN_WRITE',
  'HISTORY_READ',
  'PERSONAL_READ',
  'INSTANCE_READ',
  'KEYS_MANAGE',
  'ADMIN',
]

/** What of a viewer may change what a watcher is sent: who agree in it are sent the same text. */
export const viewerClass = ({ language, scopes }: Viewer): Pick<Viewer, 'language' | 'scopes'> => ({
  language,
  scopes: [...scopes].sort(),
})

export const may = (viewer: Viewer, scope: Scope): boolean => viewer.scopes.includes(scope)

/** Only who may act on a login sees its QR code and its slider link. */
export const mayAct = (viewer: Viewer): boolean => may(viewer, 'LOGIN_WRITE')

/** Throws RequestError FORBIDDEN. */
export const demand = (viewer: Viewer, scope: Scope): void => {
  if (!may(viewer, scope)) throw new RequestError('FORBIDDEN', `This needs a key with the scope ${scope}.`)
}
