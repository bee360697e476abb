// A rule of the upstream that bears on a device, a login, a plan or a refusal.

import type { Advisory as AdvisoryFact } from '../login/vocabulary.ts'
import { builder } from './builder.ts'
import { advisoryMessage } from './messages.ts'

export const Advisory = builder.objectRef<AdvisoryFact>('Advisory').implement({
  description: 'A rule of the upstream that bears on this device, login, plan or refusal.',
  fields: t => ({
    code: t.exposeString('code', {
      description: [
        'Which rule. Of devices and logins: RECYCLES_SOON, FIRST_DAY_DROP_EXPECTED, MOMENTS_RESTRICTED, OTHER_CLIENTS_KICK,',
        'USE_PUSH_FIRST, RESET_REQUIRED, TOO_MANY_ATTEMPTS. Of plans: ALREADY_SIGNED_IN. Of refusals and plans:',
        'PUSH_COOL_DOWN, PUSH_NEEDS_A_KNOWN_ACCOUNT, PUSH_UNLIKELY, TOO_MANY_ATTEMPTS, RESET_REQUIRED, PROVINCE_REQUIRED,',
        'WRONG_ACCOUNT_SIGNED_IN, PERSON_IS_ACTING. Of refusals: DO_NOT_REISSUE_QR_CODE, SCAN_CANNOT_BE_RULED_OUT. More may',
        'follow: treat one that you do not know by its message.',
      ].join('\n'),
    }),
    message: t.string({
      description:
        'For a person, in the language of Accept-Language or connectionParams.acceptLanguage: English or Chinese.',
      resolve: (advisory, _, { viewer }) => advisoryMessage(advisory.code, viewer.language),
    }),
    until: t.expose('until', {
      type: 'DateTime',
      nullable: true,
      description: 'When it stops to hold; null: not by the clock.',
    }),
  }),
})
