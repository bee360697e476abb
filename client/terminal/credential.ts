// Which key to show the gateway. Refuses to know what the key may do; never prints it.

import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Refusal } from './refusal.ts'

/** `key` is null where there is none to show; `source` says where it came from, or was looked for. */
export interface Credential {
  readonly key: string | null
  readonly source: string
}

/** A file named by the person must be readable; the default one may be missing, which the gateway's refusal then explains. */
export async function readCredential(
  keyFile: string | null,
  env: Readonly<Record<string, string | undefined>>,
): Promise<Credential> {
  if (keyFile === null && env.GATEHOUSE_ADMIN_KEY)
    return credentialOf(env.GATEHOUSE_ADMIN_KEY, 'GATEHOUSE_ADMIN_KEY')
  const source = keyFile ?? join(env.DATA_DIR || '.data', 'admin.key')
  try {
    return credentialOf(await readFile(source, 'utf8'), source)
  } catch (error) {
    if (error instanceof Refusal) throw error
    if (keyFile === null && isMissing(error)) return { key: null, source }
    throw new Refusal('USAGE', `The key file ${source} cannot be read (${codeOf(error)}).`)
  }
}

/** What to say when the gateway does not accept the caller. */
export function unknownCaller({ key, source }: Credential): string {
  return key === null
    ? `There is no key to show: ${source} is missing or empty. Run this where "npm start" runs, or name the key with --key-file or GATEHOUSE_ADMIN_KEY.`
    : `The gateway does not accept the key from ${source}. Is it the key of this gateway?`
}

/** What no header can carry is no key, and would be told as a gateway that does not answer. */
function credentialOf(text: string, source: string): Credential {
  const key = text.trim()
  if (!/^[\x21-\x7e]*$/.test(key))
    throw new Refusal(
      'USAGE',
      `What ${source} holds is no key: it must be one line of visible ASCII characters.`,
    )
  return { key: key || null, source }
}

function isMissing(error: unknown): boolean {
  return codeOf(error) === 'ENOENT'
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : 'unreadable'
}
