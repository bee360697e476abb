// What a disk says no to, in a sentence. Refuses to know what is written there.

import { stat } from 'node:fs/promises'
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
  const isNowhere = code === 'ENOENT' && (await whatIs(folder)) === 'NOTHING'
  return isNowhere ? `: the folder ${folder} does not exist` : ` (${code})`
}

export async function whatIs(path: string): Promise<'NOTHING' | 'FILE' | 'FOLDER'> {
  const found = await stat(path).catch(() => null)
  if (found === null) return 'NOTHING'
  return found.isDirectory() ? 'FOLDER' : 'FILE'
}

/** Null: it is no error of the system's. */
export function codeOf(error: unknown): string | null {
  return error instanceof Error && 'code' in error ? String(error.code) : null
}
