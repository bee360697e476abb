// The command from its arguments to its exit status; the only assembly of this client. Streams, environment and signals
// are handed in, so that tests run all of it. Refuses to know `process`.

import { createInterface } from 'node:readline/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Options, readArgs, USAGE } from './args.ts'
import { readCredential } from './credential.ts'
import { type Followed, follow } from './follow.ts'
import { type Gateway, openGateway } from './gateway.ts'
import { type Keyboard, keysFrom, linesFrom } from './input.ts'
import { outcomeLines } from './outcome.ts'
import { type Phone, phoneOf } from './phone.ts'
import { plain } from './plain.ts'
import { type Prepared, prepare } from './prepare.ts'
import { Refusal, Unreachable } from './refusal.ts'
import type { Terminal } from './screen.ts'
import { drawnOn, linesTo, type Surface } from './surface.ts'
import { watchLogin } from './watch.ts'

export interface Surroundings {
  readonly argv: readonly string[]
  readonly env: Readonly<Record<string, string | undefined>>
  readonly stdin: Keyboard
  readonly stdout: Terminal & { readonly isTTY?: boolean }
  readonly stderr: { write(text: string): unknown }
  /** Calls back at each signal to stop; answers with what takes that away. */
  readonly onInterrupt: (listener: () => void) => () => void
}

/** 0 signed in, 1 ended otherwise, 2 refused, 130 cancelled here. */
export type ExitStatus = 0 | 1 | 2 | 130

export async function run(around: Surroundings): Promise<ExitStatus> {
  try {
    const options = readArgs(around.argv, around.env)
    if (options !== null) return await login(options, around)
    around.stdout.write(`${USAGE}\n`)
    return 0
  } catch (error) {
    if (!(error instanceof Refusal || error instanceof Unreachable)) throw error
    around.stderr.write(`${plain(error.message)}\n`)
    return 2
  }
}

async function login(options: Options, around: Surroundings): Promise<ExitStatus> {
  const { env, stdin, stdout, stderr } = around
  const { url } = options
  const credential = await readCredential(options.keyFile, env)
  const language = /^zh/i.test(env.LC_ALL || env.LC_MESSAGES || env.LANG || '') ? 'zh' : 'en'
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
