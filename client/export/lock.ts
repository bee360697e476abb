// One writer for a file: a second one with the same name would mix its rows into it. Refuses to know what is written.

import { open, readFile, rm } from 'node:fs/promises'
import { hostname } from 'node:os'
import { kill, pid } from 'node:process'
import { Refusal } from '../terminal/refusal.ts'
import { codeOf, whatIs } from './disk.ts'

/** Gives it back; safe to call twice. */
export type Unlock = () => Promise<void>

/** Of this process: what names it and is not here was left by another one that had its number. */
const held = new Set<string>()

/** Throws Refusal (USAGE) where another one writes; what a killed one left behind is taken over. */
export async function lock(path: string): Promise<Unlock> {
  for (let isSecond = false; ; isSecond = true) {
    try {
      const file = await open(path, 'wx', 0o600)
      held.add(path)
      try {
        await file.writeFile(`${pid} ${hostname()}\n`)
      } catch (error) {
        // On a full disk: an empty one would name nobody, and be in the way for good.
        held.delete(path)
        await rm(path, { force: true })
        throw error
      } finally {
        await file.close()
      }
      return async () => {
        if (held.delete(path)) await rm(path, { force: true })
      }
    } catch (error) {
      if (codeOf(error) !== 'EEXIST') throw error
      const holder = isSecond ? 'another process' : await holderOf(path)
      if (holder !== null)
        throw new Refusal(
          'USAGE',
          `Another export writes to it (${holder}). If there is none any more, remove ${path}.`,
        )
      await rm(path, { force: true })
    }
  }
}

/** Null: it is gone. One on another machine cannot be asked for. */
async function holderOf(path: string): Promise<string | null> {
  // What no export put there may be without an end.
  const text = (await whatIs(path)) === 'FILE' ? await readFile(path, 'utf8').catch(() => '') : ''
  const [number = '', machine = ''] = text.trim().split(' ')
  if (!/^\d+$/.test(number)) return 'an unknown process'
  if (machine !== hostname()) return `process ${number} on ${machine}`
  if (Number(number) === pid) return held.has(path) ? 'this process' : null
  try {
    kill(Number(number), 0)
    return `process ${number}`
  } catch (error) {
    return codeOf(error) === 'ESRCH' ? null : `process ${number}`
  }
}
