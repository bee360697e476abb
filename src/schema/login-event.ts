// What happened in a login. Every field resolves from the event and its login alone.

import type { EventBody } from '../login/event.ts'
import type { EventView } from '../resolvers/login-view.ts'
import { builder } from './builder.ts'
import { connectionType } from './connection.ts'
import {
  AnnouncerEnum,
  DeviceTypeEnum,
  LoginMethodEnum,
  LoginStateEnum,
  LoginStrategyEnum,
  OutcomeReasonEnum,
} from './enums.ts'
import { LoginOutcome } from './login-parts.ts'
import { failureMessage } from './messages.ts'

type Kind = EventBody['kind']
type Body<K extends Kind> = Extract<EventBody, { kind: K }>
/** An event known to be of one kind. */
type Of<K extends Kind> = EventView & { readonly event: { readonly body: Body<K> } }

export const LoginEvent = builder.interfaceRef<EventView>('LoginEvent').implement({
  description:
    'A fact, numbered 1, 2, 3 … within its login, never edited. It never holds a QR code, a link, a verify code or a password.',
  resolveType: ({ event }) => event.body.kind,
  fields: t => ({
    sequence: t.int({ description: 'Its number within the login.', resolve: ({ event }) => event.sequence }),
    at: t.field({ type: 'DateTime', description: 'When it was recorded.', resolve: ({ event }) => event.at }),
    state: t.field({
      type: LoginStateEnum,
      description: 'The state that it led to.',
      resolve: ({ event }) => event.state,
    }),
  }),
})

const eventRef = <K extends Kind>(kind: K) => builder.objectRef<Of<K>>(kind)
const interfaces = [LoginEvent]

eventRef('LoginStarted').implement({
  description: 'The login was accepted.',
  interfaces,
  fields: t => ({
    strategy: t.field({
      type: LoginStrategyEnum,
      description: 'How it should go about it.',
      resolve: ({ event }) => event.body.strategy,
    }),
    method: t.field({
      type: LoginMethodEnum,
      description: 'What it begins with.',
      resolve: ({ event }) => event.body.method,
    }),
  }),
})

eventRef('QrCodeIssued').implement({
  description: 'A QR code is out; the code itself is `Login.qrCode`.',
  interfaces,
  fields: t => ({
    generation: t.int({ description: '1 for the first.', resolve: ({ event }) => event.body.generation }),
    expiresAt: t.field({
      type: 'DateTime',
      description: 'When it lapses.',
      resolve: ({ event }) => event.body.expires,
    }),
  }),
})

eventRef('PushSent').implement({
  description: 'A prompt was sent to the phone.',
  interfaces,
  fields: t => ({
    expiresAt: t.field({
      type: 'DateTime',
      description: 'When it lapses.',
      resolve: ({ event }) => event.body.expires,
    }),
  }),
})

eventRef('QrCodeScanned').implement({
  description: 'Somebody scanned the QR code.',
  interfaces,
  fields: t => ({
    avatarUrl: t.field({
      type: 'URL',
      nullable: true,
      description: 'Picture of who scanned, served by this gateway; null: none.',
      resolve: ({ login }) => login.scanner?.avatarUrl ?? null,
    }),
    nickName: t.string({
      nullable: true,
      description: 'Name of who scanned; null: not told.',
      resolve: ({ login }) => login.scanner?.nickName ?? null,
    }),
  }),
})

eventRef('VerifyCodeRequired').implement({
  description: 'The phone asks for a code.',
  interfaces,
  fields: t => ({
    announcedBy: t.field({
      type: AnnouncerEnum,
      description: 'Who said so.',
      resolve: ({ event }) => event.body.announcedBy,
    }),
  }),
})

eventRef('VerifyCodePromptWithdrawn').implement({
  description: 'The phone does not ask for a code after all.',
  interfaces,
})

eventRef('VerifyCodeSubmitted').implement({
  description: 'A code was accepted here and is sent once.',
  interfaces,
})

eventRef('VerifyCodeRejected').implement({
  description: 'The upstream said that the code is wrong.',
  interfaces,
  fields: t => ({
    attemptsLeft: t.int({
      description: 'Codes that may still be tried.',
      resolve: ({ event }) => event.body.attemptsLeft,
    }),
    upstreamMessage: t.string({
      nullable: true,
      description: "The upstream's words, where it used any.",
      resolve: ({ event }) => event.body.upstreamMessage,
    }),
  }),
})

eventRef('VerifyCodeUnanswered').implement({
  description: 'A code was sent, and what it did is unknown.',
  interfaces,
  fields: t => ({
    attemptsLeft: t.int({
      description: 'Codes that may still be tried.',
      resolve: ({ event }) => event.body.attemptsLeft,
    }),
  }),
})

eventRef('SliderRequired').implement({
  description: 'A slider must be solved; its page is in `Login.challenge`.',
  interfaces,
})

eventRef('SliderReportedSolved').implement({
  description: 'The person said that the slider is solved.',
  interfaces,
})

eventRef('MethodChanged').implement({
  description: 'The login goes on in another way.',
  interfaces,
  fields: t => ({
    method: t.field({
      type: LoginMethodEnum,
      description: 'What it goes on with.',
      resolve: ({ event }) => event.body.method,
    }),
    deviceType: t.field({
      type: DeviceTypeEnum,
      description: 'What it goes on as.',
      resolve: ({ event }) => event.body.deviceType,
    }),
    reason: t.field({
      type: OutcomeReasonEnum,
      description: 'Why the way before came to nothing.',
      resolve: ({ event }) => event.body.reason,
    }),
    upstreamMessage: t.string({
      nullable: true,
      description: "The upstream's words, where it used any.",
      resolve: ({ event }) => event.body.upstreamMessage,
    }),
  }),
})

eventRef('PollingDegraded').implement({
  description:
    'The upstream could not be asked or understood several times in a row; it goes on being asked.',
  interfaces,
  fields: t => ({
    message: t.string({
      description: 'What is wrong, for a person.',
      resolve: ({ event }, _, { viewer }) => failureMessage(event.body.cause, viewer.language),
    }),
  }),
})

eventRef('PollingRecovered').implement({
  description: 'The upstream answers again.',
  interfaces,
})

eventRef('LoginEnded').implement({
  description: 'The login is over: its last event.',
  interfaces,
  fields: t => ({
    outcome: t.field({
      type: LoginOutcome,
      description: 'How.',
      resolve: ({ event }) => ({ state: event.state, outcome: event.body.outcome }),
    }),
    confirmedBy: t.field({
      type: LoginMethodEnum,
      nullable: true,
      description: 'What the person answered; null: nothing.',
      resolve: ({ event }) => event.body.confirmedBy,
    }),
  }),
})

export const LoginEventConnection = connectionType('LoginEvent', LoginEvent, {
  one: 'event',
  many: 'events',
  counted: false,
})
