// One attempt to sign one account in. What a watcher selects with every event resolves from its view alone.

import { listEvents } from '../resolvers/list-events.ts'
import { mayAct } from '../resolvers/viewer.ts'
import { Advisory } from './advisory.ts'
import { connectionType } from './connection.ts'
import {
  DeviceTypeEnum,
  LoginActionEnum,
  LoginMethodEnum,
  LoginStateEnum,
  LoginStrategyEnum,
  NextStepEnum,
} from './enums.ts'
import { pageArgs } from './list-args.ts'
import { LoginEventConnection } from './login-event.ts'
import { Challenge, LoginOutcome, LoginTimings, PollHealth, QrCode, Scanner } from './login-parts.ts'
import { Node } from './node.ts'
import { Account, Device, Login } from './refs.ts'

Login.implement({
  description: 'One attempt to sign one account in. It lives for minutes.',
  interfaces: [Node],
  fields: t => ({
    state: t.field({
      type: LoginStateEnum,
      description: 'Where it stands.',
      resolve: ({ record }) => record.stateName,
    }),
    sequence: t.int({ description: 'Number of its newest event.', resolve: ({ record }) => record.sequence }),
    strategy: t.field({
      type: LoginStrategyEnum,
      description: 'How it should go about it.',
      resolve: ({ record }) => record.strategy,
    }),
    method: t.field({
      type: LoginMethodEnum,
      description: 'The method in use now, or last.',
      resolve: ({ record }) => record.method,
    }),
    firstMethod: t.field({
      type: LoginMethodEnum,
      nullable: true,
      description: 'The method tried first; null: nothing was sent.',
      resolve: ({ record }) => record.firstMethod,
    }),
    confirmedBy: t.field({
      type: LoginMethodEnum,
      nullable: true,
      description: 'The method that the person answered; null: none, so far.',
      resolve: ({ record }) => record.confirmedBy,
    }),
    provider: t.string({
      description: 'Name of the upstream, as it was when the login started.',
      resolve: ({ record }) => record.provider,
    }),
    deviceType: t.field({
      type: DeviceTypeEnum,
      description: 'What the account sees the device as in this login.',
      resolve: ({ record }) => record.deviceType,
    }),
    province: t.string({
      nullable: true,
      description: 'Province of the device when the login started; null: none was told.',
      resolve: ({ record }) => record.province,
    }),
    proxied: t.boolean({
      description: 'Whether the device had a proxy when the login started.',
      resolve: ({ record }) => record.proxied,
    }),
    firstOnDevice: t.boolean({
      description: 'Whether no account had signed in on the device before, or not since a reset.',
      resolve: ({ record }) => record.firstOnDevice,
    }),
    startedBy: t.string({
      description: 'Name of the key that started it.',
      resolve: ({ record }) => record.startedBy,
    }),
    reference: t.string({
      nullable: true,
      description: "The caller's own mark; null: none was given.",
      resolve: ({ record }) => record.reference,
    }),
    device: t.field({
      type: Device,
      description: 'The device that it signs in on.',
      resolve: async ({ record }, _, { loaders }) => {
        const device = await loaders.device(record.deviceId)
        if (device === null) throw new Error(`The device of the login ${record.id} is gone`)
        return device
      },
    }),
    account: t.field({
      type: Account,
      nullable: true,
      description: 'Who signed in; null until it is confirmed.',
      resolve: ({ record, account }, _, { loaders }) =>
        account !== undefined || record.accountId === null
          ? (account ?? null)
          : loaders.account(record.accountId),
    }),
    expectedWcId: t.string({
      nullable: true,
      description: 'The account that it must end with, by its wcId; null: anybody.',
      resolve: ({ record }) => record.expectedWcId,
    }),
    qrCode: t.field({
      type: QrCode,
      nullable: true,
      description:
        'The code to scan, only while somebody may, and only for those who may act on this login; else null.',
      resolve: ({ qrCode, secrets, record }, _, { viewer, loaders }) => {
        if (qrCode === null || !mayAct(viewer)) return null
        if (secrets !== null) return { ...qrCode, secret: secrets.qrCode }
        return loaders.secrets(record.id).then(read => ({ ...qrCode, secret: read?.qrCode ?? null }))
      },
    }),
    scanner: t.expose('scanner', {
      type: Scanner,
      nullable: true,
      description: 'Who scanned, as soon as the upstream says so; null: nobody yet.',
    }),
    challenge: t.field({
      type: Challenge,
      nullable: true,
      description: 'What the person must do on the phone or in a page; null: nothing.',
      resolve: login =>
        login.challenge?.kind === 'SLIDER' ? { ...login.challenge, login } : login.challenge,
    }),
    nextStep: t.expose('nextStep', { type: NextStepEnum, description: 'What somebody should do next.' }),
    allowedActions: t.field({
      type: [LoginActionEnum],
      description: 'What the caller may do to it now.',
      resolve: ({ allowedActions }, _, { viewer }) => (mayAct(viewer) ? allowedActions : []),
    }),
    deadlineAt: t.expose('deadline', {
      type: 'DateTime',
      nullable: true,
      description: 'When the present state lapses by itself; null once it has ended.',
    }),
    polling: t.expose('poll', { type: PollHealth, description: 'How well the upstream can be asked.' }),
    outcome: t.field({
      type: LoginOutcome,
      nullable: true,
      description: 'How it ended; null while it has not.',
      resolve: ({ record }) => record.outcome && { state: record.stateName, outcome: record.outcome },
    }),
    advisories: t.field({
      type: [Advisory],
      description: "What the upstream's rules mean for it.",
      resolve: ({ record }) => record.advisories,
    }),
    startedAt: t.field({
      type: 'DateTime',
      description: 'When it started.',
      resolve: ({ record }) => record.started,
    }),
    updatedAt: t.field({
      type: 'DateTime',
      description: 'When it last changed.',
      resolve: ({ record }) => record.updated,
    }),
    endedAt: t.field({
      type: 'DateTime',
      nullable: true,
      description: 'When it ended; null while it has not.',
      resolve: ({ record }) => record.ended,
    }),
    timings: t.field({
      type: LoginTimings,
      description: 'How long it took to its milestones.',
      resolve: ({ record }) => record,
    }),
    events: t.field({
      type: LoginEventConnection,
      args: {
        ...pageArgs,
        afterSequence: t.arg.int({ description: 'Only events numbered above this.' }),
      },
      description: 'What happened, oldest first.',
      resolve: (login, args, context) => listEvents(context, login, args),
    }),
    continues: t.field({
      type: Login,
      nullable: true,
      description: 'The attempt that this one carries on from; null: none.',
      resolve: ({ record }, _, { loaders }) =>
        record.continues === null ? null : loaders.login(record.continues),
    }),
    continuedBy: t.field({
      type: Login,
      nullable: true,
      description: 'The attempt that carries on from this one; null: none.',
      resolve: ({ record }, _, { loaders }) =>
        record.continuedBy === null ? null : loaders.login(record.continuedBy),
    }),
  }),
})

export const LoginConnection = connectionType('Login', Login, { one: 'login', many: 'logins', counted: true })
