// Input that a scalar refuses, asked of a whole gateway: which value, where it stands, and the code of the contract.

import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Running, running } from '../app/running.ts'

let gateway: Running

beforeAll(async () => {
  gateway = await running()
})
afterAll(() => gateway[Symbol.asyncDispose]())

const asked = 'write ISO 8601 with a time zone, such as 2026-11-20T08:00:00.000Z.'
const code = { code: 'BAD_USER_INPUT' }

describe('a moment that is none', () => {
  it('is quoted, at its place, where it stands in the query', async () => {
    const { errors, status } = await gateway.ask(
      '{\n  logins(where: { startedFrom: "2026-11-10" }) { totalCount }\n}',
    )
    expect({ errors, status }).toEqual({
      status: 200,
      errors: [
        {
          message: `"2026-11-10" is no DateTime: ${asked}`,
          locations: [{ line: 2, column: 32 }],
          extensions: code,
        },
      ],
    })
  })

  it('is quoted with the way to it where it came as a variable', async () => {
    const { errors, status } = await gateway.ask(
      'query ($where: LoginWhere) { logins(where: $where) { totalCount } }',
      { where: { startedFrom: '2026-11-10' } },
    )
    expect({ errors, status }).toEqual({
      status: 200,
      errors: [
        {
          message: `Variable "$where" got an invalid value at "where.startedFrom"; "2026-11-10" is no DateTime: ${asked}`,
          locations: [{ line: 1, column: 8 }],
          extensions: code,
        },
      ],
    })
  })

  it.each([
    ['many are', { startedFrom: 'yesterday', startedTo: 'today' }, ['where.startedFrom', 'where.startedTo']],
    ['it is a number', { startedFrom: 1_763_625_600_000 }, ['1763625600000 is no DateTime']],
    ['it is something else', { startedFrom: ['x'] }, ['A list is no DateTime']],
    ['it is long', { startedFrom: 'x'.repeat(9_000) }, [`"${'x'.repeat(40)}…" is no DateTime`, asked]],
    ['it turns texts round', { startedFrom: '2026\u202e\u0007\n' }, ['"2026???" is no DateTime']],
    ['the way to it ends early', { startedSince: 'x' }, ['"$where"', '"startedSince" is not defined']],
    ['it is a word that is none', { state: 'GONE' }, ['"where.state', 'GONE']],
  ])('is told of where %s', async (_, where, words) => {
    const { errors = [] } = await gateway.ask(
      'query ($where: LoginWhere) { logins(where: $where) { totalCount } }',
      { where },
    )
    for (const word of words) expect(errors.map(({ message }) => message).join('\n')).toContain(word)
    for (const error of errors) {
      expect(error).toEqual({
        message: expect.any(String),
        locations: [{ line: 1, column: 8 }],
        extensions: code,
      })
      expect(error.message.length).toBeLessThan(800)
    }
    expect(gateway.logged).toEqual([])
  })
})

it('what came beside it is not repeated: it may be a password', async () => {
  const input = {
    provider: 'simulator',
    proxy: { host: '10.0.0.1', port: 1080, password: 'hunter2', user: 'x' },
  }
  const { errors } = await gateway.ask(
    'mutation ($input: RegisterDeviceInput!) { registerDevice(input: $input) { __typename } }',
    { input },
  )
  expect(JSON.stringify(errors)).toContain('at \\"input.proxy\\"; Field \\"user\\" is not defined')
  expect(JSON.stringify(errors)).not.toContain('hunter2')
})

it('what cannot be parsed is told of with its place', async () => {
  const { errors } = await gateway.ask('{\n  logins(')
  expect(errors).toMatchObject([{ locations: [{ line: 2, column: 10 }], extensions: code }])
})

it('a number that is none is told of with the way to it', async () => {
  const { errors } = await gateway.ask('query ($first: Int) { logins(first: $first) { totalCount } }', {
    first: 'ten',
  })
  expect(errors).toEqual([
    {
      message: expect.stringMatching(/^Variable "\$first" got an invalid value; Int cannot/),
      locations: [{ line: 1, column: 8 }],
      extensions: code,
    },
  ])
})
