// What every resolver is handed beside its arguments. Fields that a watcher may select read their source and `viewer`
// and nothing else.

import type { Loaders } from './loaders.ts'
import type { Services } from './services.ts'
import type { Viewer } from './viewer.ts'

export interface Context {
  readonly viewer: Viewer
  readonly services: Services
  readonly loaders: Loaders
}
