// The command from its arguments to its exit status; the only assembly of this client. Streams, environment, signals and
// pauses are handed in, so that tests run all of it. Refuses to know `process`.

import { setTimeout as sleep } from 'node:timers/promises'
import { type Around, commanded } from '../terminal/command.ts'
import { readCredential } from '../terminal/credential.ts'
import { asking } from '../terminal/gateway.ts'
import { Refusal } from '../terminal/refusal.ts'
import { type Options, readArgs, USAGE } from './args.ts'
import { PROVIDER_NAMES } from './documents.ts'
import { type FollowOptions, followPresence } from './follow.ts'
import { drawnOn, linesTo } from './surface.ts'

export interface Surroundings extends Around {
  /** Tests bring their own. */
  readonly pause?: FollowOptions['pause']
}

/** 0 left by a signal, 2 refused. */
export type ExitStatus = 0 | 2

export function run(around: Surroundings): Promise<ExitStatus> {
  return commanded(around, {
    readArgs,
    usage: USAGE,
    work: async (options: Options) => {
      await show(options, around)
      return 0 as const
    },
  })
}

async function show({ url, keyFile, provider }: Options, around: Surroundings): Promise<void> {
  const { env, stdout, stderr } = around
  const credential = await readCredential(keyFile, env)
  // Everything here is English but what the upstream said.
  const language = 'en'
  const left = new AbortController()
  const release = around.onInterrupt(() => left.abort())
  try {
    // Asked first: a key that is not accepted, or nobody there, is said in a sentence.
    const ask = asking({ url, credential, language })
    const { providers } = await ask<{ providers: readonly { name: string }[] }>(PROVIDER_NAMES, {})
    const names = providers.map(({ name }) => name)
    if (provider !== null && !names.includes(provider))
      throw new Refusal('USAGE', `There is no provider ${provider}; there is ${names.join(', ')}.`)
    const drawn = stdout.isTTY === true && env.TERM !== 'dumb'
    const surface = drawn
      ? drawnOn(stdout, { colours: !env.NO_COLOR, wait: 100, now: () => new Date() })
      : linesTo(stdout, stderr)
    const { pause = sleepOn } = around
    try {
      const onConnection = (lost: string | null) => surface.connection(lost)
      for await (const update of followPresence({
        ...{ url, credential, language, signal: left.signal },
        ...{ onConnection, pause },
      }))
        if (provider === null || update.account.device?.provider === provider) surface.show(update)
    } finally {
      surface.close()
    }
  } finally {
    release()
  }
}

async function sleepOn(milliseconds: number, signal: AbortSignal): Promise<void> {
  await sleep(milliseconds, undefined, { signal }).catch(() => {})
}
