// The command from its arguments to its exit status; the only assembly of this client. Streams, environment and signals
// are handed in, so that tests run all of it. Refuses to know `process`.

import { createInterface } from 'node:readline/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Options, readArgs, USAGE } from './args.ts'
import { type Around, commanded, languageOf } from './command.ts'
import { readCredential } from './credential.ts'
import { type Followed, follow } from './follow.ts'
import { type Gateway, openGateway } from './gateway.ts'
import { type Keyboard, keysFrom, linesFrom } from './input.ts'
import { outcomeLines } from './outcome.ts'
import { type Phone, phoneOf } from './phone.ts'
import { type Prepared, prepare } from './prepare.ts'
import type { Terminal } from './screen.ts'
import { drawnOn, linesTo, type Surface } from './surface.ts'
import { watchLogin } from './watch.ts'

export interface Surroundings extends Around {
  readonly stdin: Keyboard
}

/** 0 signed in, 1 ended otherwise, 2 refused, 130 cancelled here. */
export type ExitStatus = 0 | 1 | 2 | 130

export function run(around: Surroundings): Promise<ExitStatus> {
  return commanded(around, { readArgs, usage: USAGE, work: (options: Options) => login(options, around) })
}

async function login(options: Options, around: Surroundings): Promise<ExitStatus> {
  const { env, stdin, stdout, stderr } = around
  const { url } = options
  const credential = await readCredential(options.keyFile, env)
  const language = languageOf(env)
  const gateway = openGateway({ url, credential, language })
  const drawn = stdout.isTTY === true && stdin.isTTY === true && env.TERM !== 'dumb'
  const prepared = await prepare(gateway, options, drawn ? () => askProvince(around) : null)

  const local = () => performance.now()
  const surface = drawn ? drawnOn(stdout as Terminal, !env.NO_COLOR, local) : linesTo(stdout, stderr)
  introduce(surface, prepared, url)
  const followed = await follow(prepared.login, {
    gateway,
    watch: (signal, onConnection) =>
      watchLogin({ url, credential, language, loginId: prepared.login.id, signal, onConnection, pause }),
    surface,
    input: drawn ? keysFrom(stdin) : linesFrom(stdin),
    onInterrupt: around.onInterrupt,
    findPhone: () => findPhone(gateway, prepared),
    autoPhone: options.autoPhone,
    scansAreTold: prepared.provider.capabilities.announcesScan,
    local,
  })
  for (const line of outcomeLines(followed.login, followed.hadTime)) stdout.write(`${line}\n`)
  return statusOf(followed)
}

async function findPhone(gateway: Gateway, { provider, device }: Prepared): Promise<Phone | null> {
  if (provider.phonesUrl === null) return null
  const now = (await gateway.providers()).find(({ name }) => name === provider.name)
  return now?.phonesUrl ? phoneOf(now.phonesUrl, device.upstreamId) : null
}

function introduce(surface: Surface, { provider, device, created }: Prepared, url: URL): void {
  const where = [device.province, device.deviceType].filter(Boolean).join(', ')
  surface.say(
    `Gatehouse at ${url.origin}: device ${device.deviceKey} (${where}) on ${provider.name}`,
    'faint',
  )
  if (provider.phonesUrl !== null)
    surface.say(`The simulated phone, as a page: ${provider.phonesUrl}`, 'faint')
  if (!created) surface.say('A login was under way on this device: showing that one.', 'faint')
}

function statusOf({ login, quit }: Followed): ExitStatus {
  if (login.outcome?.state === 'CONFIRMED') return 0
  return quit ? 130 : 1
}

async function askProvince({ stdin, stdout }: Surroundings): Promise<string> {
  stdout.write('This device is new. ')
  const lines = createInterface({ input: stdin })
  try {
    stdout.write('In which province is its account, for instance 广东? ')
    for await (const line of lines) return line
    return ''
  } finally {
    lines.close()
  }
}

async function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  await sleep(milliseconds, undefined, { signal }).catch(() => {})
}
