// The gateway over HTTP: one function for each thing that this client asks or does. Refuses to know the screen, the keys
// and the phone; what is watched comes over the socket in watch.ts.

import type { Device, GraphQLProblem, Login, Provider } from './answers.ts'
import { type Credential, unknownCaller } from './credential.ts'
import { ACTIONS, FIND_DEVICE, PROVIDERS, REGISTER_DEVICE, START_LOGIN, SUBMIT_CODE } from './documents.ts'
import { Refusal, Unreachable } from './refusal.ts'
import { registrationSaid, waySaid } from './words.ts'

export type Action = keyof typeof ACTIONS

/** Every verb throws Refusal where the gateway says no, and Unreachable where it does not answer. */
export interface Gateway {
  providers(): Promise<readonly Provider[]>
  /** Null: this key is new to that provider. */
  findDevice(provider: string, deviceKey: string): Promise<Device | null>
  registerDevice(input: RegisterDevice): Promise<Device>
  /** `created` false: one was under way on the device, and this is it. */
  startLogin(input: StartLogin): Promise<{ readonly login: Login; readonly created: boolean }>
  act(action: Action, loginId: string): Promise<Login>
  submitCode(loginId: string, code: string): Promise<Login>
}

export interface RegisterDevice {
  readonly provider: string
  readonly deviceKey: string
  readonly province?: string
  readonly deviceType?: string
}

export interface StartLogin {
  readonly deviceId: string
  readonly strategy: string
  readonly deviceType?: string
  /** Makes a repeated call answer with the same login. */
  readonly idempotencyKey: string
}

export interface GatewayOptions {
  readonly url: URL
  readonly credential: Credential
  /** In which language the gateway words its sentences. */
  readonly language: string
  /** Milliseconds; registering may take the gateway ten seconds. */
  readonly patience?: number
}

/** One operation over HTTP. Throws Refusal and Unreachable. */
export type Ask = <Data>(
  query: string,
  variables: Readonly<Record<string, unknown>>,
  signal?: AbortSignal,
) => Promise<Data>

export function asking({ url, credential, language, patience = 20_000 }: GatewayOptions): Ask {
  return async <Data>(
    query: string,
    variables: Readonly<Record<string, unknown>>,
    signal?: AbortSignal,
  ): Promise<Data> => {
    const inTime = AbortSignal.timeout(patience)
    const response = await fetch(url, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        accept: 'application/graphql-response+json, application/json',
        'accept-language': language,
        ...(credential.key !== null && { authorization: `Bearer ${credential.key}` }),
      },
      body: JSON.stringify({ query, variables }),
      signal: signal === undefined ? inTime : AbortSignal.any([inTime, signal]),
    }).catch((cause: unknown) => {
      throw new Unreachable(`Nothing answers at ${url.origin}: run "npm start" first.`, { cause })
    })
    const answer = await readAnswer(response)
    if (response.status === 401) throw new Refusal('UNAUTHENTICATED', unknownCaller(credential))
    if (answer === null && response.status >= 500)
      throw new Unreachable(`The gateway at ${url.origin} cannot answer now (HTTP ${response.status}).`)
    if (answer === null || (!answer.data && !answer.errors))
      throw new Refusal('USAGE', `What answers at ${url.href} is not Gatehouse (HTTP ${response.status}).`)
    const [problem] = answer.errors ?? []
    if (problem !== undefined) throw problemOf(problem, credential)
    return answer.data as Data
  }
}

export function openGateway(options: GatewayOptions): Gateway {
  const ask = asking(options)
  const act = async (query: string, variables: Readonly<Record<string, unknown>>): Promise<Login> =>
    accepted(await ask<Result<{ login: Login }>>(query, variables)).login

  return {
    providers: async () => (await ask<{ providers: readonly Provider[] }>(PROVIDERS, {})).providers,
    findDevice: async (provider, deviceKey) => {
      const where = { provider: [provider], deviceKey }
      const { devices } = await ask<{ devices: { edges: readonly { node: Device }[] } }>(FIND_DEVICE, {
        where,
      })
      return devices.edges[0]?.node ?? null
    },
    registerDevice: async input => {
      const { device, operation } = accepted(
        await ask<Result<{ device: Device; operation: { state: string } | null }>>(REGISTER_DEVICE, {
          input,
        }),
      )
      if (operation === null || operation.state === 'DONE') return device
      throw new Refusal('DEVICE_BUSY', registrationSaid(operation.state))
    },
    startLogin: async input =>
      accepted(await ask<Result<{ login: Login; created: boolean }>>(START_LOGIN, { input })),
    act: (action, loginId) => act(ACTIONS[action], { loginId }),
    submitCode: (loginId, code) => act(SUBMIT_CODE, { loginId, code }),
  }
}

/** What a top-level error means here, over either transport. */
export function problemOf(problem: GraphQLProblem, credential: Credential): Refusal | Unreachable {
  const code = problem.extensions?.code ?? 'INTERNAL_SERVER_ERROR'
  if (code === 'UNAUTHENTICATED') return new Refusal(code, unknownCaller(credential))
  if (code === 'UNAVAILABLE') return new Unreachable(problem.message)
  const id = problem.extensions?.id
  return new Refusal(
    code,
    id === undefined ? problem.message : `${problem.message} (in the gateway's log: ${id})`,
  )
}

export interface Result<Payload> {
  readonly result: Payload | RefusedResult
}

export interface RefusedResult {
  readonly __typename: string
  readonly code: string
  readonly message: string
  readonly fields?: readonly { readonly path: readonly string[]; readonly message: string }[]
  readonly advisory?: { readonly code: string; readonly message: string; readonly until: string | null }
  readonly retryAfterSeconds?: number
  readonly upstreamMessage?: string | null
}

/** The payload, or the refusal as one sentence with all that it says. */
export function accepted<Payload extends object>({ result }: Result<Payload>): Payload {
  if (!('code' in result && 'message' in result)) return result as Payload
  const said = [
    result.message,
    ...(result.fields ?? []).map(field => `${field.path.join('.')}: ${field.message}`),
    result.advisory?.message,
    result.advisory && waySaid(result.advisory.code),
    result.advisory?.until && `Until ${new Date(result.advisory.until).toLocaleString()}.`,
    result.retryAfterSeconds && `Try again in ${result.retryAfterSeconds} s.`,
    result.upstreamMessage && `The upstream said: ${result.upstreamMessage}`,
  ]
  throw new Refusal(result.code, [...new Set(said.filter(Boolean))].join(' '))
}

async function readAnswer(
  response: Response,
): Promise<{ data?: unknown; errors?: readonly GraphQLProblem[] } | null> {
  try {
    const answer: unknown = await response.json()
    return typeof answer === 'object' && answer !== null ? answer : null
  } catch {
    return null
  }
}
