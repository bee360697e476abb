// What stands under the names of an export: the file, its part, its notes and its lock. Refuses to know what is in them.

import { lstat } from 'node:fs/promises'
import { Refusal } from '../terminal/refusal.ts'
import { onDisk, Unwritable, whatIs } from './disk.ts'
import { lock, type Unlock } from './lock.ts'
import { nextOf, notesOf, type Standing } from './notes.ts'

export const partOf = (out: string): string => `${out}.part`
const lockOf = (out: string) => `${out}.part.lock`

/** Nobody else writes to it meanwhile, nor until the part that comes of it is closed; a word in its place says that none does. */
export async function alone<Made>(out: string, work: (unlock: Unlock) => Promise<Made>): Promise<Made> {
  return await onDisk(out, async () => {
    const unlock = await lock(lockOf(out))
    let keeps = false
    try {
      const made = await work(unlock)
      keeps = typeof made !== 'string'
      return made
    } finally {
      if (!keeps) await unlock()
    }
  })
}

/** Killed between giving it its name and taking the notes away, it has as many bytes as they tell. */
export async function isWhole(out: string, notes: Standing | null): Promise<boolean> {
  if ((await whatIs(out)) !== 'FILE') return false
  return notes === null || (await lstat(out)).size === notes.bytes
}

export function nothingToGoOnWith(out: string, notes: Standing | null): Refusal {
  const why =
    notes === null
      ? `${notesOf(out)} is missing. Begin anew without --resume.`
      : `${partOf(out)} is missing, of which ${notesOf(out)} tells. Begin anew with --force.`
  return new Refusal('USAGE', `There is nothing to go on with: ${why}`)
}

/** Throws Unwritable where somebody else's file has its name by now. */
export async function demandName(out: string, { force }: Standing): Promise<void> {
  const there = await whatIs(out)
  if (there === 'FOLDER' || (there !== 'NOTHING' && !force))
    throw new Unwritable(`${out} is there by now, and is not written over: move it away.`)
}

/** Throws Unwritable where one of the names that an export writes to is no file: a link leads to one of somebody else's. */
export async function demandFiles(out: string): Promise<void> {
  for (const path of [partOf(out), notesOf(out), nextOf(out)]) {
    const there = await whatIs(path)
    if (there === 'NOTHING' || there === 'FILE') continue
    const what = { LINK: 'a symbolic link', FOLDER: 'a folder', OTHER: 'no file' }[there]
    throw new Unwritable(`${path} is ${what}, and an export writes only to files of its own: remove it.`)
  }
}

export async function exists(path: string): Promise<boolean> {
  return (await whatIs(path)) !== 'NOTHING'
}
