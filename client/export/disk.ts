// What stands on a disk by its name alone, and what the disk says no to, in a sentence. Refuses to know what is written there.

import { type FileHandle, lstat, open, rm, stat } from 'node:fs/promises'
import { basename, dirname } from 'node:path'
import { Refusal } from '../terminal/refusal.ts'

/** A disk that is full, a folder that is missing: what was written before is still there. */
export class Unwritable extends Refusal {
  override name = 'Unwritable'

  constructor(message: string) {
    super('USAGE', message)
  }
}

/** Throws Unwritable where the disk does not do it. */
export async function onDisk<Result>(out: string, work: () => Promise<Result>): Promise<Result> {
  try {
    return await work()
  } catch (error) {
    const code = codeOf(error)
    if (code === null || error instanceof Refusal) throw error
    throw new Unwritable(`${basename(out)} cannot be written${await whyOf(code, dirname(out))}.`)
  }
}

async function whyOf(code: string, folder: string): Promise<string> {
  if (code === 'ENOSPC') return ` (${code}: the disk is full, make room first)`
  const isNowhere = code === 'ENOENT' && (await stat(folder).catch(() => null)) === null
  return isNowhere ? `: the folder ${folder} does not exist` : ` (${code})`
}

/** OTHER: a pipe, a device. */
export type Thing = 'NOTHING' | 'FILE' | 'FOLDER' | 'LINK' | 'OTHER'

/** Of the name itself: a link is a link wherever it leads, as somebody else may have put it there. */
export async function whatIs(path: string): Promise<Thing> {
  const found = await lstat(path).catch(() => null)
  if (found === null) return 'NOTHING'
  if (found.isSymbolicLink()) return 'LINK'
  if (found.isDirectory()) return 'FOLDER'
  return found.isFile() ? 'FILE' : 'OTHER'
}

/** Never what is there, nor what a link that comes meanwhile leads to: that has its own name, and stays. */
export async function openAnew(path: string): Promise<FileHandle> {
  await rm(path, { force: true })
  return await open(path, 'wx', 0o600)
}

/** Null: it is no error of the system's. */
export function codeOf(error: unknown): string | null {
  return error instanceof Error && 'code' in error ? String(error.code) : null
}
