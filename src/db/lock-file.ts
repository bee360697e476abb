// One process per data folder: two on one lose committed rows without an error. The lock names a process by its id and
// the moment it began, so that a killed one's lock is known to be stale although its id may be somebody else's by now.

import { execFile } from 'node:child_process'
import { createHash, randomUUID } from 'node:crypto'
import { link, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { DataFolderInUseError, DataFolderUnusableError } from './errors.ts'

export interface FolderLock {
  release(): Promise<void>
}

interface Holder {
  readonly pid: number
  /** As the operating system tells it; null: it does not. */
  readonly began: string | null
}

const fileName = 'gatehouse.lock'
const attempts = 20

/** Makes the folder where it is missing (0700). Throws DataFolderInUseError or DataFolderUnusableError. */
export const lockFolder = async (folder: string): Promise<FolderLock> => {
  const path = join(folder, fileName)
  const mine = JSON.stringify({ pid: process.pid, began: await began(process.pid), token: randomUUID() })
  // Written beside it and linked into place, so that nobody ever reads half a lock.
  const draft = join(folder, `${fileName}.${process.pid}.${randomUUID()}`)
  try {
    // A folder that was there before keeps its mode: it may hold more than ours.
    await mkdir(folder, { recursive: true, mode: 0o700 })
    await writeFile(draft, mine, { mode: 0o600, flag: 'wx' })
  } catch (error) {
    throw unusable(folder, error)
  }
  try {
    for (let attempt = 0; attempt < attempts; attempt += 1) {
      if (await linked(draft, path)) return { release: () => releaseOwn(path, mine) }
      const found = await readIfThere(path)
      if (found === null) continue
      await refuseIfAlive(found, folder)
      if (await tookOver(path, draft, found, folder)) return { release: () => releaseOwn(path, mine) }
    }
    throw new DataFolderInUseError(
      `The data folder ${folder} is being taken by several processes at once: start one of them.`,
    )
  } catch (error) {
    throw error instanceof DataFolderInUseError ? error : unusable(folder, error)
  } finally {
    await rm(draft, { force: true })
  }
}

const unusable = (folder: string, error: unknown): DataFolderUnusableError =>
  new DataFolderUnusableError(
    `The data folder ${folder} cannot be written to (${codeOf(error)}): make it writable for this user, or name another one in DATA_DIR.`,
    { cause: error },
  )

const refuseIfAlive = async (lock: string, folder: string): Promise<void> => {
  const holder = holderOf(lock)
  if (holder === null || !(await isAlive(holder))) return
  throw new DataFolderInUseError(
    `The data folder ${folder} is in use by the process ${holder.pid}: stop that one, or name another folder in DATA_DIR.`,
  )
}

const linked = async (draft: string, path: string): Promise<boolean> => {
  try {
    await link(draft, path)
    return true
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false
    throw error
  }
}

/**
 * Of several processes that found one stale lock, the one that links the claim named after it replaces it. A claim
 * whose holder died is claimed in its turn. Whoever comes after a claim was cleared away finds the lock changed.
 */
const tookOver = async (path: string, draft: string, stale: string, folder: string): Promise<boolean> => {
  const claims: string[] = []
  for (let dead = stale; ; ) {
    const claim = `${path}.${createHash('sha256').update(dead).digest('hex').slice(0, 16)}`
    claims.push(claim)
    if (await linked(draft, claim)) break
    const rival = await readIfThere(claim)
    if (rival === null) return false
    await refuseIfAlive(rival, folder)
    dead = rival
  }
  const own = claims.at(-1) ?? path
  if ((await readIfThere(path)) !== stale) {
    await rm(own, { force: true })
    return false
  }
  await rename(draft, path)
  for (const claim of claims) await rm(claim, { force: true })
  return true
}

const releaseOwn = async (path: string, mine: string): Promise<void> => {
  if ((await readIfThere(path)) === mine) await rm(path, { force: true })
}

const readIfThere = async (path: string): Promise<string | null> => {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return null
    throw error
  }
}

/** Null: nobody that wrote a lock like ours. */
const holderOf = (text: string): Holder | null => {
  try {
    const { pid, began } = JSON.parse(text) as { pid?: unknown; began?: unknown }
    if (typeof pid !== 'number' || !Number.isInteger(pid) || pid <= 0) return null
    return { pid, began: typeof began === 'string' ? began : null }
  } catch {
    return null
  }
}

const isAlive = async (holder: Holder): Promise<boolean> => {
  try {
    process.kill(holder.pid, 0)
  } catch (error) {
    // EPERM: it lives, and belongs to somebody else.
    if (codeOf(error) === 'ESRCH') return false
  }
  const now = await began(holder.pid)
  return holder.began === null || now === null || now === holder.began
}

/** When a process began, in whatever words the operating system has for it. */
const began = async (pid: number): Promise<string | null> => {
  try {
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8')
    // The name in brackets may hold spaces and brackets; what follows the last one is plain. Field 22 of proc(5).
    const ticks = stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]
    const boot = await readFile('/proc/sys/kernel/random/boot_id', 'utf8')
    return ticks === undefined ? null : `${boot.trim()} ${ticks}`
  } catch {
    try {
      const { stdout } = await promisify(execFile)('ps', ['-o', 'lstart=', '-p', String(pid)], {
        env: { ...process.env, LC_ALL: 'C', TZ: 'UTC' },
      })
      return stdout.trim() || null
    } catch {
      return null
    }
  }
}

const codeOf = (error: unknown): string => {
  const code = (error as { code?: unknown }).code
  return typeof code === 'string' ? code : 'unknown reason'
}
