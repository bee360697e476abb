// The whole schema, built once. Every noun and verb is declared by the file that names it.

import './scalars.ts'
import './account.ts'
import './device.ts'
import './query.ts'
import './login-funnel.ts'
import './login-stats.ts'
import { builder } from './builder.ts'
import './account-mutations.ts'
import './device-mutations.ts'
import './import-devices.ts'
import './start-login.ts'
import './login-actions.ts'
import './subscription.ts'
import './subscription-activity.ts'
import './subscription-presence.ts'

builder.mutationType({ description: 'What can be done.' })

export const schema = builder.toSchema()
