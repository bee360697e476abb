// What the API shows of an upstream whose sign-ins each bring a handle, which puts sliders before people and tells of no scan.

import { graphql, parse, subscribe } from 'graphql'
import { describe, expect, it } from 'vitest'
import type { Context } from '../../src/resolvers/context.ts'
import { createLoaders } from '../../src/resolvers/loaders.ts'
import { schema } from '../../src/schema/schema.ts'
import { type Given, given } from '../resolvers/given.ts'

const ask = async (context: Context, source: string, variableValues: object = {}) => {
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

const page = 'https://captcha.example:7878/index.html?uuid=of-this-login-alone'

const awaitingScan = async (one: Given) => {
  const login = await one.login(await one.device('one', 'hanging'))
  await one.showQrCode(login.loginId)
  return login
}

const poll = (one: Given, loginId: string, answer: object) =>
  one.tell(loginId, { kind: 'Polled', began: one.store.clock.now(), answer } as Parameters<Given['tell']>[1])

const awaitingSlider = async (one: Given) => {
  const login = await awaitingScan(one)
  await poll(one, login.loginId, { kind: 'SLIDER', url: page })
  return login
}

const profile = {
  wcId: 'wxid_ada',
  wAccount: null,
  nickName: 'Ada',
  avatarUrl: null,
  country: null,
  city: null,
  signature: null,
  sex: null,
  mobilePhone: null,
  instanceId: 'handle-1',
}

describe('a slider', () => {
  const fields = `state nextStep allowedActions qrCode { url } deadlineAt
    challenge { ... on SliderChallenge { url requestedAt } }`

  it('is shown with its page to who may act, and without to whoever may only read', async () => {
    await using one = await given()
    const { id } = await awaitingSlider(one)
    const query = `query ($id: ID!) { login(id: $id) { ${fields} } }`
    expect((await ask(one.context, query, { id })).login).toEqual({
      state: 'AWAITING_SLIDER',
      nextStep: 'SOLVE_SLIDER',
      allowedActions: expect.arrayContaining(['REPORT_SLIDER_SOLVED', 'CANCEL']),
      qrCode: null,
      deadlineAt: expect.any(String),
      challenge: { url: page, requestedAt: expect.any(String) },
    })
    expect((await ask(one.as(['LOGIN_READ']), query, { id })).login).toMatchObject({
      allowedActions: [],
      challenge: { url: null, requestedAt: expect.any(String) },
    })
  })

  it('is so for whoever watches, and stands in no event', async () => {
    await using one = await given()
    const { id } = await awaitingSlider(one)
    const document = parse(
      `subscription ($id: ID!) { loginProgress(loginId: $id) { event { __typename } login { ${fields}
        events { edges { node { __typename sequence } } } } } }`,
    )
    for (const [context, url] of [
      [one.context, page],
      [one.as(['LOGIN_READ']), null],
    ] as const) {
      const contextValue = { ...context, loaders: createLoaders(context.services, 'default') }
      const updates = await subscribe({ schema, document, contextValue, variableValues: { id } })
      if (!(Symbol.asyncIterator in updates)) throw new Error(JSON.stringify(updates))
      const { value } = await updates.next()
      const { login } = (value as { data: { loginProgress: { login: object } } }).data.loginProgress
      expect(login).toMatchObject({ challenge: { url } })
      const { events } = login as { events: object }
      expect(JSON.stringify(events)).toContain('SliderRequired')
      expect(JSON.stringify(events)).not.toContain('captcha')
      await updates.return(undefined)
    }
  })

  it('is gone once it is reported solved', async () => {
    await using one = await given()
    const { id } = await awaitingSlider(one)
    const mutation = `mutation ($id: ID!) { reportSliderSolved(loginId: $id) { ... on LoginPayload { login { ${fields} } }
      ... on Error { code } } }`
    const { login } = (await ask(one.context, mutation, { id })).reportSliderSolved
    expect(login).toMatchObject({ state: 'AWAITING_CONFIRMATION', challenge: null })
  })
})

describe('a handle', () => {
  const query =
    '{ accounts { edges { node { wcId instanceId device { upstreamId operation { state } } } } } }'

  it('of the sign-in is that of the account, and its device has none', async () => {
    await using one = await given()
    const { loginId } = await awaitingScan(one)
    await poll(one, loginId, { kind: 'SIGNED_IN', profile })
    const [{ node }] = (await ask(one.context, query)).accounts.edges
    expect(node).toEqual({
      wcId: 'wxid_ada',
      instanceId: 'handle-1',
      device: { upstreamId: null, operation: null },
    })
    const [reader] = (await ask(one.as(['LOGIN_READ']), query)).accounts.edges
    expect(reader.node.instanceId).toBeNull()
  })
})

it('is listed with its dialect and what it can do', async () => {
  await using one = await given()
  const { providers } = await ask(
    one.context,
    '{ providers { name dialect capabilities { announcesScan announcesCode sliders provinceRequired push } } }',
  )
  expect(providers).toEqual([
    {
      name: 'fake',
      dialect: 'OPEN',
      capabilities: {
        announcesScan: true,
        announcesCode: false,
        sliders: false,
        provinceRequired: true,
        push: true,
      },
    },
    {
      name: 'hanging',
      dialect: 'IPAD',
      capabilities: {
        announcesScan: false,
        announcesCode: true,
        sliders: true,
        provinceRequired: true,
        push: true,
      },
    },
  ])
})

it('says in both languages why a code stays', async () => {
  await using one = await given()
  const { id } = await awaitingScan(one)
  const mutation = `mutation ($id: ID!) { refreshQrCode(loginId: $id) { ... on RefusedByRuleError { code advisory { code message until } } } }`
  for (const [language, words] of [
    ['en', /may have scanned/],
    ['zh', /二维码/],
  ] as const) {
    const context = { ...one.context, viewer: { ...one.context.viewer, language } }
    expect((await ask(context, mutation, { id })).refreshQrCode).toEqual({
      code: 'REFUSED_BY_RULE',
      advisory: {
        code: 'SCAN_CANNOT_BE_RULED_OUT',
        message: expect.stringMatching(words),
        until: expect.any(String),
      },
    })
  }
})
