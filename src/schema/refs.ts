// The nouns that refer to each other, named before any of them is described.

import type { AccountRecord, DeviceRecord } from '../db/records.ts'
import type { LoginView } from '../resolvers/login-view.ts'
import { builder } from './builder.ts'

export const Login = builder.objectRef<LoginView>('Login')
export const Device = builder.objectRef<DeviceRecord>('Device')
export const Account = builder.objectRef<AccountRecord>('Account')
