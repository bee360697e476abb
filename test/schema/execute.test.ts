// The schema over real verbs and a real store: who sees what, in which language, and at what cost.

import { graphql, parse, subscribe } from 'graphql'
import { describe, expect, it } from 'vitest'
import type { Context } from '../../src/resolvers/context.ts'
import { createLoaders } from '../../src/resolvers/loaders.ts'
import { schema } from '../../src/schema/schema.ts'
import { type Given, given } from '../resolvers/given.ts'

const ask = async (context: Context, source: string, variableValues: object = {}) => {
  // As a request would: what is batched is batched within it.
  const contextValue = { ...context, loaders: createLoaders(context.services, context.viewer.tenant) }
  const { data, errors } = await graphql({
    schema,
    source,
    contextValue,
    variableValues: { ...variableValues },
  })
  if (errors !== undefined) throw new AggregateError(errors, errors.map(({ message }) => message).join(' '))
  // biome-ignore lint/suspicious/noExplicitAny: a test says what it expects where it looks.
  return data as any
}

const inChinese = (context: Context): Context => ({
  ...context,
  viewer: { ...context.viewer, language: 'zh' },
})

const withQrCode = async (one: Given) => {
  const login = await one.login(await one.device('one'))
  await one.showQrCode(login.loginId)
  return login
}

const profile = {
  wcId: 'wxid_ada',
  wAccount: 'ada1815',
  nickName: 'Ada',
  avatarUrl: null,
  country: 'CN',
  city: null,
  signature: null,
  sex: 2,
  mobilePhone: '13812345678',
  instanceId: null,
}

const signIn = async (one: Given, key: string, wcId = 'wxid_ada') => {
  const login = await one.login(await one.device(key))
  await one.showQrCode(login.loginId)
  const began = one.store.clock.now()
  await one.tell(login.loginId, {
    kind: 'Polled',
    began,
    answer: { kind: 'SCANNED', nickName: 'Ada', avatarUrl: null },
  })
  await one.tell(login.loginId, {
    kind: 'Polled',
    began,
    answer: { kind: 'SIGNED_IN', profile: { ...profile, wcId } },
  })
  return login
}

describe('only who may act', () => {
  const query =
    'query ($id: ID!) { login(id: $id) { state qrCode { url image content generation } allowedActions } }'

  it('sees the QR code of a login, and what may be done', async () => {
    await using one = await given()
    const { id } = await withQrCode(one)
    const { login } = await ask(one.context, query, { id })
    expect(login).toMatchObject({ qrCode: { content: 'qr', generation: 1 } })
    expect(login.allowedActions).toContain('CANCEL')
    expect((await ask(one.as(['LOGIN_READ']), query, { id })).login).toMatchObject({
      qrCode: null,
      allowedActions: [],
    })
  })

  it('sees it over a subscription too', async () => {
    await using one = await given()
    const { id } = await withQrCode(one)
    const document = parse(
      'subscription ($id: ID!) { loginProgress(loginId: $id) { login { qrCode { content } } } }',
    )
    for (const [context, qrCode] of [
      [one.context, { content: 'qr' }],
      [one.as(['LOGIN_READ']), null],
    ] as const) {
      const updates = await subscribe({ schema, document, contextValue: context, variableValues: { id } })
      if (!(Symbol.asyncIterator in updates)) throw new Error(JSON.stringify(updates))
      const { value } = await updates.next()
      expect(value).toEqual({ data: { loginProgress: { login: { qrCode } } } })
      await updates.return(undefined)
    }
  })
})

describe('personal and upstream data', () => {
  it('are for the scopes that they need', async () => {
    await using one = await given()
    await signIn(one, 'one')
    const query = '{ accounts { edges { node { wcId mobilePhone instanceId device { upstreamId } } } } }'
    const [all] = (await ask(one.context, query)).accounts.edges
    expect(all.node).toMatchObject({
      mobilePhone: '13812345678',
      device: { upstreamId: expect.stringMatching(/^gh-/) },
    })
    expect(all.node.instanceId).toBe(all.node.device.upstreamId)
    const [some] = (await ask(one.as(['LOGIN_READ']), query)).accounts.edges
    expect(some.node).toEqual({
      wcId: 'wxid_ada',
      mobilePhone: '138******78',
      instanceId: null,
      device: { upstreamId: null },
    })
  })
})

describe('what is said to a person', () => {
  it('is in the language asked for', async () => {
    await using one = await given()
    const { id } = await signIn(one, 'one')
    const query =
      'query ($id: ID!) { login(id: $id) { outcome { reason message } advisories { code message } events { edges { node { ... on LoginEnded { outcome { message } } } } } } }'
    const english = (await ask(one.context, query, { id })).login
    expect(english.outcome).toEqual({ reason: 'SIGNED_IN', message: 'Signed in.' })
    const chinese = (await ask(inChinese(one.context), query, { id })).login
    expect(chinese.outcome.message).toBe('登录成功。')
    expect(chinese.events.edges.at(-1).node.outcome.message).toBe('登录成功。')
    expect(chinese.advisories.map(({ code }: { code: string }) => code)).toContain('OTHER_CLIENTS_KICK')
    for (const { message } of chinese.advisories) expect(message).toMatch(/\p{Script=Han}/u)
  })

  it('is so for refusals of a rule', async () => {
    await using one = await given()
    const deviceId = await one.device('one')
    const mutation =
      'mutation ($d: ID!) { startLogin(input: { deviceId: $d, strategy: PUSH }) { __typename ... on Error { code message } ... on RefusedByRuleError { advisory { code message until } } } }'
    const { startLogin } = await ask(inChinese(one.context), mutation, { d: deviceId })
    expect(startLogin).toMatchObject({
      __typename: 'RefusedByRuleError',
      code: 'REFUSED_BY_RULE',
      message: expect.stringMatching(/\p{Script=Han}/u),
      advisory: { code: 'PUSH_NEEDS_A_KNOWN_ACCOUNT', until: null },
    })
  })
})

describe('refusals', () => {
  it('are members of the result, with what a caller needs', async () => {
    await using one = await given()
    const deviceId = await one.device('one')
    const { id } = await one.login(deviceId)
    const data = await ask(
      one.context,
      `mutation ($d: ID!, $l: ID!) {
        busy: startLogin(input: { deviceId: $d, onConflict: FAIL }) { __typename ... on DeviceBusyError { code login { id } operation { id } } }
        missing: startLogin(input: { deviceId: $l }) { __typename ... on Error { code message } }
        code: submitVerifyCode(loginId: $l, code: "12") { __typename ... on InvalidInputError { code fields { path message } } }
        state: submitVerifyCode(loginId: $l, code: "123456") { __typename ... on NotAllowedNowError { code state allowedActions } }
        also: updateDevice(input: { deviceId: $d, label: "x" }) { __typename ... on DeviceBusyError { login { id } operation { id } } }
      }`,
      { d: deviceId, l: id },
    )
    expect(data).toMatchObject({
      busy: { __typename: 'DeviceBusyError', code: 'DEVICE_BUSY', login: { id }, operation: null },
      missing: { __typename: 'NotFoundError', code: 'NOT_FOUND', message: 'There is no such device.' },
      code: { __typename: 'InvalidInputError', code: 'INVALID_INPUT', fields: [{ path: ['code'] }] },
      state: {
        __typename: 'NotAllowedNowError',
        code: 'NOT_ALLOWED_NOW',
        state: 'STARTING',
        allowedActions: ['CANCEL'],
      },
      also: { __typename: 'DeviceBusyError', login: { id }, operation: null },
    })
  })
})

describe('a page', () => {
  it('of twenty costs a bounded number of statements, however much hangs on each', async () => {
    await using one = await given()
    const query = `query ($first: Int) { devices(first: $first) { totalCount edges { node {
      deviceKey operation { state } activeLogin { state qrCode { content } device { label } }
      account { nickName presence { state } device { deviceKey } } advisories { code } recycledAt } } } }`
    const cost = async (first: number) => {
      const before = one.statements()
      const { devices } = await ask(one.context, query, { first })
      expect(devices.edges).toHaveLength(first)
      return one.statements() - before
    }
    for (let index = 0; index < 4; index += 1) await signIn(one, `signed-${index}`, `wxid_${index}`)
    for (let index = 0; index < 4; index += 1) {
      const { loginId } = await one.login(await one.device(`live-${index}`))
      await one.showQrCode(loginId)
    }
    expect(await cost(8)).toBeLessThanOrEqual(10)
    expect(await cost(8)).toBeLessThanOrEqual((await cost(6)) + 1)
  })
})
