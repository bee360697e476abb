// The refusals that a caller can expect, as members of the results. The text of a rule is made here, in the language
// of who asks.

import {
  DeviceBusyError,
  type FieldProblem as FieldProblemFact,
  InvalidInputError,
  NotAllowedNowError,
  NotFoundError,
  RateLimitedError,
  type Refusal,
  RefusedByRuleError,
  UpstreamError,
} from '../errors.ts'
import { Advisory } from './advisory.ts'
import { builder } from './builder.ts'
import { DeviceOperation } from './device-operation.ts'
import { LoginActionEnum, LoginStateEnum } from './enums.ts'
import { advisoryMessage } from './messages.ts'
import { Login } from './refs.ts'

const ErrorInterface = builder.interfaceRef<Refusal>('Error').implement({
  description: 'A refusal that a caller can expect. Select `... on Error { code message }` in every result.',
  fields: t => ({
    code: t.exposeString('code', {
      description:
        'INVALID_INPUT, NOT_FOUND, DEVICE_BUSY, NOT_ALLOWED_NOW, REFUSED_BY_RULE, UPSTREAM_ERROR or RATE_LIMITED.',
    }),
    message: t.string({
      description: 'For a person.',
      // By its field: what the plugin hands on is a stand-in, of which `instanceof` is no longer true.
      resolve: (refusal, _, { viewer }) =>
        'advisory' in refusal
          ? advisoryMessage((refusal as RefusedByRuleError).advisory.code, viewer.language)
          : refusal.message,
    }),
  }),
})

const FieldProblem = builder.objectRef<FieldProblemFact>('FieldProblem').implement({
  description: 'What is wrong with one field of an input.',
  fields: t => ({
    path: t.field({
      type: ['String'],
      description: 'The way to the field, from the arguments of the mutation on.',
      resolve: problem => problem.path,
    }),
    message: t.exposeString('message', { description: 'What is wrong with it, for a person.' }),
  }),
})

const interfaces = [ErrorInterface]

builder.objectType(InvalidInputError, {
  name: 'InvalidInputError',
  description:
    'The input cannot be right, whatever the moment. Nothing was started and no upstream was asked.',
  interfaces,
  fields: t => ({
    fields: t.field({
      type: [FieldProblem],
      description: 'Everything that is wrong with it.',
      resolve: error => error.fields,
    }),
  }),
})

builder.objectType(NotFoundError, {
  name: 'NotFoundError',
  description: "There is no such thing, or it is not the caller's.",
  interfaces,
})

builder.objectType(DeviceBusyError, {
  name: 'DeviceBusyError',
  description: 'The device is in use by a login or an operation.',
  interfaces,
  fields: t => ({
    login: t.field({
      type: Login,
      nullable: true,
      description: 'The login that uses it; null: an operation does.',
      resolve: ({ loginId }, _, { loaders }) => (loginId === null ? null : loaders.login(loginId)),
    }),
    operation: t.field({
      type: DeviceOperation,
      nullable: true,
      description: 'The operation that uses it; null: a login does.',
      resolve: ({ operationId }, _, { services, viewer }) =>
        operationId === null ? null : services.store.readOperation(viewer.tenant, operationId),
    }),
  }),
})

builder.objectType(NotAllowedNowError, {
  name: 'NotAllowedNowError',
  description: 'The state of the login forbids it.',
  interfaces,
  fields: t => ({
    state: t.expose('state', { type: LoginStateEnum, description: 'The state that the login is in.' }),
    allowedActions: t.field({
      type: [LoginActionEnum],
      description: 'What may be done instead.',
      resolve: error => error.allowedActions,
    }),
  }),
})

builder.objectType(RefusedByRuleError, {
  name: 'RefusedByRuleError',
  description: 'A rule of the upstream forbids it.',
  interfaces,
  fields: t => ({
    advisory: t.expose('advisory', { type: Advisory, description: 'The rule.' }),
  }),
})

builder.objectType(UpstreamError, {
  name: 'UpstreamError',
  description: 'The upstream was asked and refused, or could not be asked.',
  interfaces,
  fields: t => ({
    upstreamCode: t.exposeString('upstreamCode', {
      nullable: true,
      description: "The upstream's code, where it told one.",
    }),
    upstreamMessage: t.exposeString('upstreamMessage', {
      nullable: true,
      description: "The upstream's words, where it used any.",
    }),
    retryable: t.exposeBoolean('retryable', { description: 'Whether it may go well the next time.' }),
  }),
})

builder.objectType(RateLimitedError, {
  name: 'RateLimitedError',
  description: 'The caller asks too often.',
  interfaces,
  fields: t => ({
    retryAfterSeconds: t.exposeInt('retryAfterSeconds', { description: 'When to try again, in seconds.' }),
  }),
})

export {
  DeviceBusyError,
  InvalidInputError,
  NotAllowedNowError,
  NotFoundError,
  RateLimitedError,
  RefusedByRuleError,
  UpstreamError,
}
