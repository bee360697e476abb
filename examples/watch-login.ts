// Starts a login and prints each step until it ends. While the gateway runs: node examples/watch-login.ts demo [provider]
// fetch and graphql-ws, nothing else: the same lines work in any project, and in a browser without `ws`.

import { readFileSync } from 'node:fs'
import { createClient } from 'graphql-ws'
import { WebSocket } from 'ws'

const [deviceKey = 'demo', provider = 'simulator'] = process.argv.slice(2)
const url = 'http://127.0.0.1:4000/graphql'
// The gateway made this key at its first start.
const key = process.env.GATEHOUSE_ADMIN_KEY || readFileSync('.data/admin.key', 'utf8').trim()

// 1. Registering answers with the device if this key is known already. `simulator` is the upstream that npm start brings.
const { registerDevice: registered } = await ask<{ registerDevice: Registered }>(
  `mutation ($input: RegisterDeviceInput!) {
    registerDevice(input: $input) { ... on RegisterDevicePayload { device { id } } ... on Error { code message } }
  }`,
  { input: { provider, deviceKey, province: '广东' } },
)
if (!('device' in registered)) throw new Error(registered.message)

// 2. Start a login, or get the one that is under way on the device. A refusal is an ordinary answer, with a code.
const { startLogin: started } = await ask<{ startLogin: Started }>(
  `mutation ($input: StartLoginInput!) {
    startLogin(input: $input) { ... on StartLoginPayload { login { id } } ... on Error { code message } }
  }`,
  { input: { deviceId: registered.device.id } },
)
if (!('login' in started)) throw new Error(`${started.code}: ${started.message}`)

// 3. Watch it. `after: 0` is from the first event; after a lost connection, `after: <last sequence>` goes on from there.
const client = createClient({
  url: url.replace('http', 'ws'),
  webSocketImpl: WebSocket,
  connectionParams: { authorization: `Bearer ${key}` },
})
const progress = client.iterate<{ loginProgress: Update }>({
  query: `subscription ($loginId: ID!) {
    loginProgress(loginId: $loginId, after: 0) {
      event { __typename sequence state }
      login {
        nextStep qrCode { url } account { nickName } outcome { message }
        challenge { ... on VerifyCodeChallenge { announcedBy attemptsLeft } ... on SliderChallenge { url } }
      }
    }
  }`,
  variables: { loginId: started.login.id },
})
for await (const { data, errors } of progress) {
  if (!data) throw new Error(errors?.[0]?.message)
  const { event, login } = data.loginProgress
  // Without an event it is a snapshot: something else changed, for instance the deadline.
  if (event) console.log(`${event.sequence}. ${event.__typename}, now ${event.state}: ${login.nextStep}`)
  if (event?.__typename === 'QrCodeIssued' && login.qrCode) console.log(`   scan ${login.qrCode.url}`)
  // What the person must do; this page only shows it. `submitVerifyCode`, `reportSliderSolved` tell the gateway.
  if (event?.__typename === 'VerifyCodeRequired')
    console.log(`   type the code that the phone shows; tries left: ${login.challenge?.attemptsLeft}`)
  if (event?.__typename === 'SliderRequired') console.log(`   solve ${login.challenge?.url}`)
  if (event?.__typename === 'LoginEnded') console.log(login.account?.nickName ?? login.outcome?.message)
}
// The server completes the subscription after the last event, and so the loop ends by itself.
await client.dispose()

/** One query or mutation. */
async function ask<Data>(query: string, variables: Record<string, unknown>): Promise<Data> {
  const headers = { 'content-type': 'application/json', authorization: `Bearer ${key}` }
  const response = await fetch(url, { method: 'POST', headers, body: JSON.stringify({ query, variables }) })
  const { data, errors } = (await response.json()) as { data?: Data; errors?: { message: string }[] }
  if (!data) throw new Error(errors?.[0]?.message)
  return data
}

type Refusal = { code: string; message: string }
type Registered = { device: { id: string } } | Refusal
type Started = { login: { id: string } } | Refusal
type Update = {
  event: { __typename: string; sequence: number; state: string } | null
  login: {
    nextStep: string
    qrCode: { url: string | null } | null
    challenge: { attemptsLeft?: number; url?: string | null } | null
    account: { nickName: string | null } | null
    outcome: { message: string } | null
  }
}
