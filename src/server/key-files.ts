// The keys that an embedded gateway makes for itself at its first start, readable by its user alone.

import { randomBytes } from 'node:crypto'
import { chmod, link, mkdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

export const adminKeyFile = (dataDir: string): string => join(dataDir, 'admin.key')
export const secretKeyFile = (dataDir: string): string => join(dataDir, 'secret.key')

/** The key that is there, or a new one. */
export const ownAdminKey = (dataDir: string): Promise<string> =>
  ownKey(dataDir, adminKeyFile(dataDir), () => `gh_${randomBytes(32).toString('base64url')}`)

/** 32 bytes: encrypts at rest and signs links. What was encrypted with a lost one is lost. */
export const ownSecret = async (dataDir: string): Promise<Uint8Array> => {
  const hex = await ownKey(dataDir, secretKeyFile(dataDir), () => randomBytes(32).toString('hex'))
  if (!/^[0-9a-f]{64}$/i.test(hex))
    throw new KeyFileError(`${secretKeyFile(dataDir)} must hold 64 hex digits.`)
  return Buffer.from(hex, 'hex')
}

export class KeyFileError extends Error {
  override readonly name = 'KeyFileError'
}

const ownKey = async (dataDir: string, file: string, make: () => string): Promise<string> => {
  const known = await readKey(file)
  if (known !== null) return known
  const draft = `${file}.${randomBytes(6).toString('hex')}`
  try {
    await mkdir(dataDir, { recursive: true, mode: 0o700 })
    await writeFile(draft, `${make()}\n`, { mode: 0o600, flag: 'wx' })
    // Linked into place: of two that start at once one wins, and both read what it wrote.
    await link(draft, file).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error
    })
  } catch (error) {
    throw new KeyFileError(
      `The data folder ${dataDir} cannot be written to (${codeOf(error)}): make it writable for this user, or name another one in DATA_DIR.`,
    )
  } finally {
    await rm(draft, { force: true }).catch(() => {})
  }
  const made = await readKey(file)
  if (made === null) throw new KeyFileError(`${file} could not be read after it was written.`)
  return made
}

/** Null: there is none yet. */
const readKey = async (file: string): Promise<string | null> => {
  try {
    const text = (await readFile(file, 'utf8')).trim()
    if (text === '')
      throw new KeyFileError(`${file} is empty: remove it, and a new key is made at the next start.`)
    if (((await stat(file)).mode & 0o077) !== 0) await chmod(file, 0o600)
    return text
  } catch (error) {
    if (error instanceof KeyFileError) throw error
    // A folder that cannot be is told by whoever tries to make it.
    if (['ENOENT', 'ENOTDIR'].includes(codeOf(error))) return null
    throw new KeyFileError(`${file} cannot be read (${codeOf(error)}): make it readable for this user.`)
  }
}

const codeOf = (error: unknown): string =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : 'unknown'
