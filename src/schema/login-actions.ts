// What can be done with a login under way.

import type { LoginPayload as Acted } from '../resolvers/act.ts'
import { cancelLogin } from '../resolvers/cancel-login.ts'
import type { Context } from '../resolvers/context.ts'
import { refreshQrCode } from '../resolvers/refresh-qr-code.ts'
import { reportCodePrompt } from '../resolvers/report-code-prompt.ts'
import { reportNewDevicePrompt } from '../resolvers/report-new-device-prompt.ts'
import { reportSliderSolved } from '../resolvers/report-slider-solved.ts'
import { submitVerifyCode } from '../resolvers/submit-verify-code.ts'
import { withdrawCodePrompt } from '../resolvers/withdraw-code-prompt.ts'
import { builder } from './builder.ts'
import { Login } from './refs.ts'
import {
  InvalidInputError,
  NotAllowedNowError,
  NotFoundError,
  RateLimitedError,
  RefusedByRuleError,
} from './refusals.ts'

const LoginPayload = builder.objectRef<Acted>('LoginPayload').implement({
  description: 'A login after something was done to it.',
  fields: t => ({
    login: t.expose('login', { type: Login, description: 'The login as it is now.' }),
  }),
})

const LoginActionResult = builder.errorUnion('LoginActionResult', {
  description: 'The login, or why nothing was done. What stands already is answered with the login.',
  types: [
    LoginPayload,
    InvalidInputError,
    NotFoundError,
    NotAllowedNowError,
    RefusedByRuleError,
    RateLimitedError,
  ],
  resolveType: () => 'LoginPayload',
})

builder.mutationFields(t => {
  const action = (description: string, verb: (context: Context, loginId: string) => Promise<Acted>) =>
    t.field({
      type: LoginActionResult,
      args: { loginId: t.arg.id({ required: true, description: 'Which login.' }) },
      description,
      resolve: (_, { loginId }, context) => verb(context, loginId),
    })
  return {
    reportCodePrompt: action('"My phone asks for a code."', reportCodePrompt),
    withdrawCodePrompt: action('"No, my phone does not ask for a code."', withdrawCodePrompt),
    submitVerifyCode: t.field({
      type: LoginActionResult,
      args: {
        loginId: t.arg.id({ required: true, description: 'Which login.' }),
        code: t.arg.string({ required: true, description: 'The code: 4 to 8 digits.' }),
      },
      description:
        'Hands on the code that the phone showed. The same code again, while it is being verified, answers the same.',
      resolve: (_, { loginId, code }, context) => submitVerifyCode(context, loginId, code),
    }),
    reportSliderSolved: action('"I have solved the slider."', reportSliderSolved),
    reportNewDevicePrompt: action('"My phone says: verify on the new device."', reportNewDevicePrompt),
    refreshQrCode: action(
      'Asks for a new QR code in place of the one that is out. Refused once somebody has scanned, and where the upstream would not tell.',
      refreshQrCode,
    ),
    cancelLogin: action('"Stop."', cancelLogin),
  }
})
