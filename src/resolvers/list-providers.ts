// The upstreams that the viewer's tenant may use: every configured one, while there is one tenant.

import type { Provider } from '../provider/port.ts'
import type { Context } from './context.ts'
import { demand } from './viewer.ts'

export type ProviderView = Provider

export const listProviders = ({ viewer, services }: Context): readonly ProviderView[] => {
  demand(viewer, 'LOGIN_READ')
  return [...services.providers.values()]
}
