// What all commands read of their arguments alike: the gateway's address, the key, and how a misspelt option is refused.
// Refuses to know what a command does.

import { type ParseArgsOptionsConfig, parseArgs } from 'node:util'
import type { Around } from './command.ts'
import { Refusal } from './refusal.ts'

export const common = {
  url: { type: 'string' },
  'key-file': { type: 'string' },
  help: { type: 'boolean', default: false },
} as const

export interface Reach {
  readonly url: URL
  /** Null: from the environment, or from where the gateway keeps it. */
  readonly keyFile: string | null
}

/** Throws Refusal (USAGE), which shows `example` to whoever left out the `--` that npm wants before options. */
export function parsed<const Options extends ParseArgsOptionsConfig>(
  argv: Around['argv'],
  options: Options,
  example: string,
) {
  try {
    return parseArgs<{ args: string[]; options: Options }>({ args: [...argv], options }).values
  } catch (error) {
    // Without the --, npm takes the options for its own and hands on what is left of them.
    const way = isBare(error) ? ` Mind the -- before the options: ${example}.` : ''
    throw usage(`${misread(error)}${way}`)
  }
}

/** `env.PORT` moves the default address. Throws Refusal (USAGE). */
export function reachOf(
  values: { readonly url?: string | undefined; readonly 'key-file'?: string | undefined },
  env: Around['env'],
): Reach {
  return {
    url: readUrl(values.url ?? `http://127.0.0.1:${env.PORT || 4000}`),
    keyFile: values['key-file'] ?? null,
  }
}

/** An address without a path means the gateway's own `/graphql`. */
function readUrl(text: string): URL {
  const url = URL.parse(text)
  if (url === null || (url.protocol !== 'http:' && url.protocol !== 'https:'))
    throw usage(`--url is an address such as http://127.0.0.1:4000, not ${JSON.stringify(text)}.`)
  if (url.pathname === '/') url.pathname = '/graphql'
  return url
}

/** A command as it is typed into a shell. */
export function typed(command: string, words: readonly string[]): string {
  const quoted = words.map(word =>
    /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`,
  )
  return [command, ...quoted].join(' ')
}

/** One of these words, however it is written; null: not given. */
export function oneOf<Word extends string>(
  option: string,
  words: readonly Word[],
  given: string | undefined,
): Word | null {
  if (given === undefined) return null
  const wanted = given.toUpperCase()
  const found = words.find(word => word === wanted)
  if (found === undefined) throw usage(`--${option} is ${words.join(', ')}, not ${JSON.stringify(given)}.`)
  return found
}

export function usage(sentence: string): Refusal {
  return new Refusal('USAGE', `${sentence} (--help lists the options.)`)
}

/** The first sentence of what was wrong with the options. */
function misread(error: unknown): string {
  const [said = ''] = (error instanceof Error ? error.message : String(error)).split(/\.\s/)
  return `${said.replace(/\.$/, '')}.`
}

function isBare(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ERR_PARSE_ARGS_UNEXPECTED_POSITIONAL'
}
