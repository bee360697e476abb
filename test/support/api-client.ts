// A caller of the gateway as a stranger would write one: HTTP for verbs, a socket or server-sent events to watch.

import { createClient as createEventClient } from 'graphql-sse'
import { createClient as createSocketClient } from 'graphql-ws'
import WebSocket from 'ws'

export interface Address {
  /** Of the gateway, without a path. */
  readonly url: string
  readonly key: string
}

export interface SeenEvent {
  readonly __typename: string
  readonly sequence: number
  readonly state: string
  readonly [field: string]: unknown
}

export interface SeenUpdate {
  readonly sequence: number
  readonly resync: boolean
  readonly cursor: string
  readonly serverTime: string
  readonly event: SeenEvent | null
  readonly login: {
    readonly id: string
    readonly state: string
    readonly sequence: number
    readonly nextStep: string
    readonly allowedActions: readonly string[]
    readonly qrCode: {
      readonly generation: number
      readonly url: string | null
      readonly content: string | null
    } | null
    readonly scanner: { readonly avatarUrl: string | null } | null
    readonly outcome: { readonly reason: string; readonly nextStep: string } | null
    readonly account: { readonly wcId: string; readonly nickName: string | null } | null
  }
}

/** Everything that an event tells, by the contract's names. */
export const eventFields = `
  __typename sequence at state
  ... on LoginStarted { strategy method }
  ... on QrCodeIssued { generation expiresAt }
  ... on PushSent { expiresAt }
  ... on QrCodeScanned { avatarUrl nickName }
  ... on VerifyCodeRequired { announcedBy }
  ... on VerifyCodeRejected { attemptsLeft upstreamMessage }
  ... on VerifyCodeUnanswered { attemptsLeft }
  ... on MethodChanged { method deviceType reason upstreamMessage }
  ... on PollingDegraded { message }
  ... on LoginEnded { outcome { state reason message upstreamCode upstreamMessage nextStep } confirmedBy }`

export const watchDocument = `subscription Watch($loginId: ID!, $after: Int) {
  loginProgress(loginId: $loginId, after: $after) {
    sequence resync cursor serverTime
    event { ${eventFields} }
    login {
      id state sequence nextStep allowedActions
      qrCode { generation url content } scanner { avatarUrl }
      outcome { reason nextStep } account { wcId nickName }
    }
  }
}`

export interface Answer {
  readonly data?: Record<string, unknown> | null
  readonly errors?: readonly { readonly message: string; readonly extensions?: Record<string, unknown> }[]
}

export const post = async (at: Address, query: string, variables: object = {}): Promise<Answer> => {
  const answer = await fetch(`${at.url}/graphql`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${at.key}`,
      'content-type': 'application/json',
      accept: 'application/json',
    },
    body: JSON.stringify({ query, variables }),
  })
  return (await answer.json()) as Answer
}

/** The one root field of the answer; throws with the errors where there are any. */
export const ask = async <Result>(at: Address, query: string, variables: object = {}): Promise<Result> => {
  const { data, errors } = await post(at, query, variables)
  if (errors !== undefined || !data) throw new Error(JSON.stringify(errors))
  return Object.values(data)[0] as Result
}

export interface Watching extends AsyncIterable<SeenUpdate> {
  stop(): void
}

const watching = (iterator: AsyncIterableIterator<unknown>, close: () => void): Watching => ({
  stop: close,
  [Symbol.asyncIterator]: async function* () {
    try {
      for await (const result of { [Symbol.asyncIterator]: () => iterator }) {
        const { data, errors } = result as { data?: { loginProgress: SeenUpdate } | null; errors?: unknown }
        if (errors !== undefined || !data) throw new Error(JSON.stringify(errors))
        yield data.loginProgress
      }
    } finally {
      close()
    }
  },
})

/** Never reconnects by itself: a dropped socket is a fact that a test wants to see. */
export const watchBySocket = (at: Address, loginId: string, after: number | null = null): Watching => {
  const client = createSocketClient({
    url: `${at.url.replace('http', 'ws')}/graphql`,
    webSocketImpl: WebSocket,
    connectionParams: { authorization: `Bearer ${at.key}` },
    retryAttempts: 0,
    lazy: true,
  })
  const iterator = client.iterate({ query: watchDocument, variables: { loginId, after } })
  return watching(iterator, () => client.terminate())
}

export const watchByEvents = (at: Address, loginId: string, after: number | null = null): Watching => {
  const client = createEventClient({
    url: `${at.url}/graphql`,
    headers: { authorization: `Bearer ${at.key}` },
    retryAttempts: 0,
  })
  const iterator = client.iterate({ query: watchDocument, variables: { loginId, after } })
  return watching(iterator, () => client.dispose())
}

/** All that a watcher sees to the end. */
export const collect = async (watching: Watching): Promise<SeenUpdate[]> => {
  const seen: SeenUpdate[] = []
  for await (const update of watching) seen.push(update)
  return seen
}

export const eventsOf = (updates: readonly SeenUpdate[]): readonly SeenEvent[] =>
  updates.flatMap(({ event }) => (event === null ? [] : [event]))

const refusal = '... on Error { code message } ... on InvalidInputError { fields { path message } }'

export const registerDevice = (at: Address, input: object) =>
  ask<{ device?: { id: string; upstreamId: string }; code?: string; message?: string }>(
    at,
    `mutation ($input: RegisterDeviceInput!) { registerDevice(input: $input) {
      ... on RegisterDevicePayload { created device { id upstreamId } operation { state upstreamMessage } } ${refusal} } }`,
    { input },
  )

export const startLogin = (at: Address, input: object) =>
  ask<{ login?: { id: string; state: string }; created?: boolean; code?: string; message?: string }>(
    at,
    `mutation ($input: StartLoginInput!) { startLogin(input: $input) {
      ... on StartLoginPayload { created login { id state } } ${refusal} ... on RefusedByRuleError { advisory { code until } } } }`,
    { input },
  )

export type Verb =
  | 'reportCodePrompt'
  | 'withdrawCodePrompt'
  | 'submitVerifyCode'
  | 'reportNewDevicePrompt'
  | 'reportSliderSolved'
  | 'refreshQrCode'
  | 'cancelLogin'

export const act = (at: Address, verb: Verb, loginId: string, code?: string) =>
  ask<{ login?: { state: string }; code?: string; message?: string }>(
    at,
    code === undefined
      ? `mutation ($loginId: ID!) { ${verb}(loginId: $loginId) { ... on LoginPayload { login { state } } ${refusal} } }`
      : `mutation ($loginId: ID!, $code: String!) { ${verb}(loginId: $loginId, code: $code) { ... on LoginPayload { login { state } } ${refusal} } }`,
    code === undefined ? { loginId } : { loginId, code },
  )
