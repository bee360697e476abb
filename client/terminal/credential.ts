// Which key to show the gateway. Refuses to know what the key may do; never prints it.

import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Refusal } from './refusal.ts'

/** `key` is null where there is none to show; `source` says where it came from, or was looked for. */
export interface Credential {
  readonly key: string | null
  readonly source: string
  /** Nobody named it: it is the one in DATA_DIR, or its default. */
  readonly isUsual?: boolean
}

/** A file named by the person must be readable; the default one may be missing, which the gateway's refusal then explains. */
export async function readCredential(
  keyFile: string | null,
  env: Readonly<Record<string, string | undefined>>,
): Promise<Credential> {
  // As for the gateway, an empty variable is an unset one.
  const given = env.GATEHOUSE_ADMIN_KEY?.trim() || null
  if (keyFile === null && given !== null)
    return { key: demandKey(given, 'GATEHOUSE_ADMIN_KEY'), source: 'GATEHOUSE_ADMIN_KEY' }
  const isUsual = keyFile === null
  const source = keyFile ?? join(env.DATA_DIR?.trim() || '.data', 'admin.key')
  const text = await textOf(source)
  if (text === null && isUsual) return { key: null, source, isUsual }
  if (text === null) throw new Refusal('USAGE', `The key file ${source} cannot be read (ENOENT).`)
  if (text === '') throw new Refusal('USAGE', `The key file ${source} is empty.`)
  return { key: demandKey(text, source), source, isUsual }
}

/** What to say when the gateway does not accept the caller. */
export function unknownCaller({ key, source, isUsual = false }: Credential): string {
  if (key === null)
    return `There is no key to show: ${source} is missing. Run this where "npm start" runs, with the same DATA_DIR, or name the key with --key-file or GATEHOUSE_ADMIN_KEY.`
  const hint = isUsual ? ' Started with another DATA_DIR? Name it here as well.' : ''
  return `The gateway does not accept the key from ${source}. Is it the key of this gateway?${hint}`
}

/** What no header can carry is no key, and would be told as a gateway that does not answer. */
function demandKey(key: string, source: string): string {
  if (!/^[\x21-\x7e]*$/.test(key))
    throw new Refusal(
      'USAGE',
      `What ${source} holds is no key: it must be one line of visible ASCII characters.`,
    )
  return key
}

/** Null: there is no such file. */
async function textOf(file: string): Promise<string | null> {
  try {
    return (await readFile(file, 'utf8')).trim()
  } catch (error) {
    const code = codeOf(error)
    if (code === 'ENOENT') return null
    throw new Refusal('USAGE', `The key file ${file} cannot be read (${code}).`)
  }
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : 'unreadable'
}
