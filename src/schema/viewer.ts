// Who is asking.

import type { Viewer as ViewerFact } from '../resolvers/viewer.ts'
import { builder } from './builder.ts'
import { ScopeEnum } from './enums.ts'

export const Viewer = builder.objectRef<ViewerFact>('Viewer').implement({
  description: 'Who is asking, as far as the gateway knows: the key that came with the request.',
  fields: t => ({
    tenant: t.exposeString('tenant', { description: 'Whose things the key sees.' }),
    name: t.exposeString('name', { description: 'Name of the key; it stands on what the key did.' }),
    scopes: t.expose('scopes', { type: [ScopeEnum], description: 'What the key may do.' }),
  }),
})
