// The parts of a login that have a name of their own: its QR code, its challenge, its outcome, its timings.

import type { LoginSecrets } from '../db/records.ts'
import type { Outcome } from '../login/state.ts'
import type { LoginStateName } from '../login/vocabulary.ts'
import type { LoginView } from '../resolvers/login-view.ts'
import { secondsTo } from '../resolvers/timings.ts'
import { mayAct } from '../resolvers/viewer.ts'
import { builder } from './builder.ts'
import { AnnouncerEnum, LoginStateEnum, NextStepEnum, OutcomeReasonEnum, PollStateEnum } from './enums.ts'
import { outcomeMessage } from './messages.ts'

type LiveQrCode = NonNullable<LoginView['qrCode']> & { readonly secret: LoginSecrets['qrCode'] }

export const QrCode = builder.objectRef<LiveQrCode>('QrCode').implement({
  description: 'A QR code that somebody may scan now.',
  fields: t => ({
    url: t.field({
      type: 'URL',
      nullable: true,
      description: 'Its picture, as the upstream gave the link; null: no link was given.',
      resolve: ({ secret }) => secret?.url ?? null,
    }),
    image: t.string({
      nullable: true,
      description: 'data: URI of the picture, fetched by the gateway; null when it could not be had.',
      resolve: ({ secret }) => secret?.image ?? null,
    }),
    content: t.string({
      nullable: true,
      description:
        'What the code says, where the picture could be read: draw it yourself, in a terminal too.',
      resolve: ({ secret }) => secret?.content ?? null,
    }),
    generation: t.exposeInt('generation', {
      description: '1 for the first; a new one is issued only while nobody can have scanned.',
    }),
    issuedAt: t.expose('issued', { type: 'DateTime', description: 'When the upstream gave it.' }),
    expiresAt: t.expose('expires', {
      type: 'DateTime',
      description: 'When it lapses: an estimate where the upstream gives none.',
    }),
  }),
})

export const Scanner = builder.objectRef<NonNullable<LoginView['scanner']>>('Scanner').implement({
  description: 'Who scanned the QR code.',
  fields: t => ({
    avatarUrl: t.expose('avatarUrl', {
      type: 'URL',
      nullable: true,
      description: 'Picture, served by this gateway through a signed link that lives an hour; null: none.',
    }),
    nickName: t.exposeString('nickName', { nullable: true, description: 'Name; null: not told.' }),
  }),
})

type ChallengeFact = NonNullable<LoginView['challenge']>
type CodeFact = Extract<ChallengeFact, { kind: 'VERIFY_CODE' }>
export type SliderFact = Extract<ChallengeFact, { kind: 'SLIDER' }> & {
  readonly login: LoginView
}

const VerifyCodeChallenge = builder.objectRef<CodeFact>('VerifyCodeChallenge').implement({
  description: 'The phone shows or asks for a code, which must be typed in here.',
  fields: t => ({
    announcedBy: t.expose('announcedBy', { type: AnnouncerEnum, description: 'Who said so.' }),
    attemptsLeft: t.exposeInt('attemptsLeft', { description: 'Codes that may still be tried.' }),
    requestedAt: t.expose('requested', { type: 'DateTime', description: 'Since when.' }),
  }),
})

const SliderChallenge = builder.objectRef<SliderFact>('SliderChallenge').implement({
  description: 'A slider that the person who owns the account must solve in a page of the upstream.',
  fields: t => ({
    url: t.field({
      type: 'URL',
      nullable: true,
      description: 'The page: http or https. Null unless the caller may act on this login.',
      resolve: ({ login }, _, { viewer, loaders }) => {
        if (!mayAct(viewer)) return null
        if (login.secrets !== null) return login.secrets.sliderUrl
        return loaders.secrets(login.record.id).then(secrets => secrets?.sliderUrl ?? null)
      },
    }),
    requestedAt: t.expose('requested', { type: 'DateTime', description: 'Since when.' }),
  }),
})

export const Challenge = builder.unionType('Challenge', {
  description: 'What the person must do on the phone or in a page.',
  types: [VerifyCodeChallenge, SliderChallenge],
  resolveType: challenge => (challenge.kind === 'SLIDER' ? 'SliderChallenge' : 'VerifyCodeChallenge'),
})

export const PollHealth = builder.objectRef<LoginView['poll']>('PollHealth').implement({
  description: 'How well the upstream can be asked about a login.',
  fields: t => ({
    state: t.expose('state', { type: PollStateEnum, description: 'In one word.' }),
    asOf: t.expose('asOf', {
      type: 'DateTime',
      nullable: true,
      description:
        'Last answer that could be read, as last recorded: unchanged answers are not. Null: none was recorded.',
    }),
    consecutiveFailures: t.exposeInt('consecutiveFailures', {
      description: 'Failures in a row, counted until polling is called degraded and no further.',
    }),
  }),
})

export interface OutcomeFact {
  readonly state: LoginStateName
  readonly outcome: Outcome
}

export const LoginOutcome = builder.objectRef<OutcomeFact>('LoginOutcome').implement({
  description: 'How a login ended.',
  fields: t => ({
    state: t.expose('state', { type: LoginStateEnum, description: 'The final state.' }),
    reason: t.field({
      type: OutcomeReasonEnum,
      description: 'Why.',
      resolve: ({ outcome }) => outcome.reason,
    }),
    message: t.string({
      description:
        'For a person, in the language of Accept-Language or connectionParams.acceptLanguage: English or Chinese.',
      resolve: ({ outcome }, _, { viewer }) => outcomeMessage(outcome.reason, viewer.language),
    }),
    upstreamCode: t.string({
      nullable: true,
      description: "The upstream's code, where it decided and told one.",
      resolve: ({ outcome }) => outcome.upstreamCode,
    }),
    upstreamMessage: t.string({
      nullable: true,
      description: "The upstream's words, where it decided and used any.",
      resolve: ({ outcome }) => outcome.upstreamMessage,
    }),
    nextStep: t.field({
      type: NextStepEnum,
      description: 'What somebody should do now.',
      resolve: ({ outcome }) => outcome.nextStep,
    }),
  }),
})

export const LoginTimings = builder.objectRef<LoginView['record']>('LoginTimings').implement({
  description:
    'How long a login took to its milestones: seconds since its start, null where it never got there.',
  fields: t => ({
    toQrCode: t.float({
      nullable: true,
      description: 'To the first QR code.',
      resolve: ({ started, qrCodeIssued }) => secondsTo(started, qrCodeIssued),
    }),
    toScan: t.float({
      nullable: true,
      description: 'To the scan, where the upstream tells of it.',
      resolve: ({ started, scanned }) => secondsTo(started, scanned),
    }),
    toConfirm: t.float({
      nullable: true,
      description: 'To the confirmation.',
      resolve: ({ started, confirmed }) => secondsTo(started, confirmed),
    }),
    total: t.float({
      nullable: true,
      description: 'To the end.',
      resolve: ({ started, ended }) => secondsTo(started, ended),
    }),
  }),
})
