// The registry of dialects: a new one is a folder beside `open`, and a line here.

import { openIpadProvider } from './ipad/ipad.ts'
import { openOpenProvider } from './open/open.ts'
import type { ProviderOptions } from './options.ts'
import type { Provider } from './port.ts'

const dialects = { open: openOpenProvider, ipad: openIpadProvider } satisfies Record<
  string,
  (options: ProviderOptions) => Provider
>

export type DialectName = keyof typeof dialects

export const dialectNames = Object.keys(dialects) as readonly DialectName[]

export const isDialectName = (name: string): name is DialectName => Object.hasOwn(dialects, name)

export const openProvider = (options: ProviderOptions & { readonly dialect: DialectName }): Provider =>
  dialects[options.dialect](options)
