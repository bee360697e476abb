// Statistics as the schema shows them: a whole funnel of real logins, keys by name, and refusals with their place.

import { graphql } from 'graphql'
import { describe, expect, it } from 'vitest'
import { newId } from '../../src/db/ids.ts'
import type { Context } from '../../src/resolvers/context.ts'
import { globalId } from '../../src/resolvers/global-id.ts'
import { createLoaders } from '../../src/resolvers/loaders.ts'
import { schema } from '../../src/schema/schema.ts'
import { type Given, given } from '../resolvers/given.ts'
import { signedInOn } from '../resolvers/signed-in-on.ts'

const asked = (context: Context, source: string) =>
  graphql({
    schema,
    source,
    contextValue: { ...context, loaders: createLoaders(context.services, context.viewer.tenant) },
  })

const ask = async (context: Context, source: string) => {
  const { data, errors } = await asked(context, source)
  if (errors !== undefined) throw new AggregateError(errors, errors.map(({ message }) => message).join(' '))
  // biome-ignore lint/suspicious/noExplicitAny: a test says what it expects where it looks.
  return data as any
}

const funnel =
  '{ loginFunnel { started prompted scanned challenged confirmed live reasons { reason count } } }'

/** One signed in after a code, one cancelled with a QR code out, one under way, one that nothing was sent for. */
const four = async (one: Given): Promise<void> => {
  const { loginId } = await one.login(await one.device('cancelled'))
  await one.showQrCode(loginId)
  await one.tell(loginId, { kind: 'CancelAsked', by: 'CANCELLED_BY_CALLER' })
  const unsent = await one.login(await one.device('unsent'))
  await one.tell(unsent.loginId, { kind: 'CancelAsked', by: 'CANCELLED_BY_CALLER' })
  const coded = await one.login(await one.device('coded'))
  await one.showQrCode(coded.loginId)
  await one.tell(coded.loginId, { kind: 'CodePromptReported' })
  await signedInOn(one, 'signed-in')
}

describe('the funnel', () => {
  it('holds each step in the one before it, live logins too, and says why the others ended', async () => {
    await using one = await given()
    await four(one)
    const expected = {
      started: 4,
      prompted: 3,
      scanned: 2,
      challenged: 1,
      confirmed: 1,
      live: 1,
      reasons: [{ reason: 'CANCELLED_BY_CALLER', count: 2 }],
    }
    expect((await ask(one.context, funnel)).loginFunnel).toEqual(expected)
    expect(await one.store.foldLogins()).toBe(3)
    expect((await ask(one.context, funnel)).loginFunnel).toEqual(expected)
  })

  it('of a device that nobody has is empty', async () => {
    await using one = await given()
    await four(one)
    const { loginFunnel } = await ask(
      one.context,
      `{ loginFunnel(where: { device: "${globalId('Device', newId(0))}" }) { started reasons { count } } }`,
    )
    expect(loginFunnel).toEqual({ started: 0, reasons: [] })
  })
})

describe('statistics', () => {
  it('name their keys in the order asked for, and their rate leaves live logins out', async () => {
    await using one = await given()
    await four(one)
    const { loginStats } = await ask(
      one.context,
      `{ loginStats(groupBy: [DIALECT, PROVINCE, FIRST_ON_DEVICE]) {
           bucketStart keys { dimension value } started live confirmed cancelled successRate
           secondsToScan { p50 } secondsToConfirm { p50 p99 } } }`,
    )
    expect(loginStats).toEqual([
      {
        bucketStart: null,
        keys: [
          { dimension: 'DIALECT', value: 'OPEN' },
          { dimension: 'PROVINCE', value: '广东' },
          { dimension: 'FIRST_ON_DEVICE', value: 'true' },
        ],
        started: 4,
        live: 1,
        confirmed: 1,
        cancelled: 2,
        successRate: 1 / 3,
        secondsToScan: null,
        secondsToConfirm: { p50: expect.any(Number), p99: expect.any(Number) },
      },
    ])
  })

  it('cut days where the time zone cuts them', async () => {
    await using one = await given()
    await four(one)
    const { loginStats } = await ask(
      one.context,
      '{ loginStats(interval: DAY, timeZone: "Asia/Kathmandu", groupBy: [DAY_OF_WEEK]) { bucketStart started } }',
    )
    expect(loginStats.reduce((sum: number, { started }: { started: number }) => sum + started, 0)).toBe(4)
    for (const { bucketStart } of loginStats) expect(bucketStart).toMatch(/T18:15:00\.000Z$/)
  })

  it.each([
    ['an unknown zone', 'timeZone: "Asia/Atlantis"', 'IANA'],
    ['an offset', 'timeZone: "+05:45"', 'IANA'],
    ['a rule of its own', 'timeZone: "XYZ-5"', 'IANA'],
    ['a dimension twice', 'groupBy: [METHOD, METHOD]', 'twice'],
    [
      'bounds the wrong way round',
      'where: { startedFrom: "2026-02-01T00:00:00Z", startedTo: "2026-01-01T00:00:00Z" }',
      'startedFrom',
    ],
    [
      'more than ten thousand intervals',
      'interval: HOUR, where: { startedFrom: "2020-01-01T00:00:00Z", startedTo: "2026-01-01T00:00:00Z" }',
      '10000',
    ],
  ])('refuse %s, and say where', async (_, args, said) => {
    await using one = await given()
    const { errors } = await asked(one.context, `{ mine: loginStats(${args}) { started } }`)
    expect(errors).toHaveLength(1)
    expect(errors?.[0]?.path).toEqual(['mine'])
    expect(errors?.[0]?.originalError).toMatchObject({ code: 'BAD_USER_INPUT' })
    expect(errors?.[0]?.message).toContain(said)
  })

  it('are for whoever may read history', async () => {
    await using one = await given()
    for (const source of ['{ loginStats { started } }', '{ loginFunnel { started } }']) {
      const { errors } = await asked(one.as(['LOGIN_READ']), source)
      expect(errors?.[0]?.originalError).toMatchObject({ code: 'FORBIDDEN' })
    }
  })
  it('are refused to others before anything of the question is looked at', async () => {
    await using one = await given()
    const reader = one.as(['LOGIN_READ'])
    for (const args of [
      'timeZone: "Asia/Atlantis"',
      'groupBy: [METHOD, METHOD]',
      'where: { province: "x" }',
    ]) {
      const { errors } = await asked(reader, `{ loginStats(${args}) { started } }`)
      expect(errors?.[0]?.originalError).toMatchObject({ code: 'FORBIDDEN' })
    }
  })
})
