// How far a file is, written beside it in one step: never half a sentence. Refuses to know the file itself.

import { readFile, rename, rm } from 'node:fs/promises'
import { Refusal } from '../terminal/refusal.ts'
import type { Where } from './args.ts'
import { codeOf, openAnew } from './disk.ts'

/** What is exported, and how much of it stands in the file. */
export interface Standing {
  readonly where: Where
  readonly orderBy: string
  /** Whether it may write over a file that has its name. */
  readonly force: boolean
  readonly rows: number
  readonly bytes: number
  /** Of the last row; null: there is none yet. */
  readonly cursor: string | null
}

const format = 1

export const notesOf = (out: string): string => `${out}.part.json`
export const nextOf = (out: string): string => `${notesOf(out)}.next`

/** Null: there are none. Throws Refusal (USAGE) where what stands there was not written by this command. */
export async function readNotes(out: string): Promise<Standing | null> {
  let text: string
  try {
    text = await readFile(notesOf(out), 'utf8')
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return null
    throw unreadable(out)
  }
  const told = parsed(text)
  if (!isObject(told) || told.format !== format) throw unreadable(out)
  const { where, orderBy, rows, bytes, cursor, force } = told
  if (!isWhere(where) || typeof orderBy !== 'string' || !isCount(rows) || !isCount(bytes))
    throw unreadable(out)
  if (cursor !== null && typeof cursor !== 'string') throw unreadable(out)
  return { where, orderBy, rows, bytes, cursor, force: force === true }
}

export async function writeNotes(out: string, standing: Standing): Promise<void> {
  const next = await openAnew(nextOf(out))
  try {
    await next.writeFile(`${JSON.stringify({ format, ...standing })}\n`)
    await next.datasync()
  } finally {
    await next.close()
  }
  await rename(nextOf(out), notesOf(out))
}

/** Also what was being written when the disk said no. */
export async function removeNotes(out: string): Promise<void> {
  for (const path of [notesOf(out), nextOf(out)]) await rm(path, { force: true })
}

function unreadable(out: string): Refusal {
  return new Refusal('USAGE', `${notesOf(out)} does not say how far it is: begin anew with --force.`)
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function isWhere(value: unknown): value is Where {
  return (
    isObject(value) &&
    Object.values(value)
      .flat()
      .every(each => ['string', 'number', 'boolean'].includes(typeof each))
  )
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && Number(value) >= 0
}
