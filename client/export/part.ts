// A file on its way to be whole: `<file>.part`, and beside it how far it is. What stands there was on the disk before it was
// said to be; whatever came after that is cut away when it is gone on with. Refuses to know what a row is.

import { constants, type FileHandle, open, rename, rm } from 'node:fs/promises'
import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import { Refusal } from '../terminal/refusal.ts'
import { onDisk, openAnew, whatIs } from './disk.ts'
import type { Unlock } from './lock.ts'
import { notesOf, readNotes, removeNotes, type Standing, writeNotes } from './notes.ts'
import { alone, demandFiles, demandName, exists, isWhole, nothingToGoOnWith, partOf } from './place.ts'

export interface PartOptions {
  readonly out: string
  readonly gzip: boolean
}

/** Written in pieces of so many bytes; each is a gzip member of its own, so that a file can be cut between them. */
const piece = 1_048_576
/** Milliseconds between two times at which it is said how far it is. */
const saved = 1_000
const zip = promisify(gzip)
/** To read and write what is there; on Windows the second is no flag. */
const goOn = constants.O_RDWR | (constants.O_NOFOLLOW ?? 0)

export class Part {
  readonly #options: PartOptions
  readonly #file: FileHandle
  readonly #unlock: Unlock
  #standing: Standing
  /** As the notes have it. */
  #said: Standing
  #waiting: Uint8Array[] = []
  #size = 0
  /** Of the rows that wait. */
  #coming: Pick<Standing, 'rows' | 'cursor'>
  #savedAt = performance.now()

  private constructor(options: PartOptions, file: FileHandle, standing: Standing, unlock: Unlock) {
    this.#options = options
    this.#file = file
    this.#standing = standing
    this.#said = standing
    this.#coming = standing
    this.#unlock = unlock
  }

  /** Throws Refusal (USAGE) where something stands there and `force` is not given. */
  static async begin(
    options: PartOptions,
    plan: Pick<Standing, 'where' | 'orderBy'>,
    force: boolean,
  ): Promise<Part> {
    const { out } = options
    return await alone(out, async unlock => {
      const there = await whatIs(out)
      if (there === 'FOLDER') throw new Refusal('USAGE', `${out} is a folder: name a file.`)
      if (!force && there !== 'NOTHING')
        throw new Refusal('USAGE', `${out} is there already: --force writes over it.`)
      await demandFiles(out)
      if (!force && ((await exists(partOf(out))) || (await exists(notesOf(out)))))
        throw new Refusal(
          'USAGE',
          `${partOf(out)} is a part of an earlier export: --resume goes on with it, --force begins anew.`,
        )
      const standing = { ...plan, force, rows: 0, bytes: 0, cursor: null }
      const part = new Part(options, await openAnew(partOf(out)), standing, unlock)
      try {
        await part.#say()
      } catch (error) {
        await part.discard()
        throw error
      }
      return part
    })
  }

  /**
   * WHOLE: the notes tell so. NO_PART: the file is there, and nothing tells how it came. Throws Refusal (USAGE) where there is
   * nothing to go on with.
   */
  static async resume(options: PartOptions): Promise<Part | 'WHOLE' | 'NO_PART'> {
    const { out } = options
    return await alone(out, async unlock => {
      await demandFiles(out)
      const notes = await readNotes(out)
      if (!(await exists(partOf(out)))) {
        if (!(await isWhole(out, notes))) throw nothingToGoOnWith(out, notes)
        await removeNotes(out)
        return notes === null ? 'NO_PART' : 'WHOLE'
      }
      if (notes === null)
        throw new Refusal(
          'USAGE',
          `There is nothing to go on with: ${notesOf(out)} is missing. Begin anew with --force.`,
        )
      await demandName(out, notes)
      const file = await open(partOf(out), goOn)
      try {
        const { size } = await file.stat()
        // A header without a row is written again with the first of them.
        const kept = notes.cursor === null ? { ...notes, bytes: 0 } : notes
        if (size < kept.bytes)
          throw new Refusal('USAGE', `${partOf(out)} is shorter than it was: begin anew with --force.`)
        await file.truncate(kept.bytes)
        return new Part(options, file, kept, unlock)
      } catch (error) {
        await file.close()
        throw error
      }
    })
  }

  /** With the rows that wait to be written. */
  get standing(): Standing {
    return { ...this.#standing, ...this.#coming }
  }

  /** What a later --resume goes on from. */
  get saved(): Standing {
    return this.#said
  }

  /** Whether anything was ever written or waits to be. */
  get isEmpty(): boolean {
    return this.#standing.bytes === 0 && this.#size === 0
  }

  async addHeader(header: Uint8Array): Promise<void> {
    await this.#take(header)
  }

  async add({ bytes, count, cursor }: { bytes: Uint8Array; count: number; cursor: string }): Promise<void> {
    this.#coming = { rows: this.#coming.rows + count, cursor }
    await this.#take(bytes)
  }

  /** Writes what waits, and says how far it is. */
  async save(): Promise<void> {
    await onDisk(this.#options.out, async () => {
      await this.#write()
      await this.#say()
    })
  }

  /** After the disk said no: remembers what was written until then, if it can. What waits is lost, and fetched again. */
  async keep(): Promise<void> {
    try {
      await this.#file.truncate(this.#standing.bytes)
      await this.#say()
    } catch {
      // Then it goes on from where it was last said to be.
    }
  }

  /** It is whole: under its own name from now on. */
  async finish(): Promise<void> {
    const { out } = this.#options
    await onDisk(out, async () => {
      // No bytes at all are no gzip file.
      await this.#write(this.#standing.bytes === 0)
      // Whoever finds the file and its notes knows by them that it is whole.
      await this.#say()
      await demandName(out, this.#standing)
      await demandFiles(out)
      await this.#file.close()
      await rename(partOf(out), out)
      await removeNotes(out)
    })
    await this.close()
  }

  /** As it was last saved; nothing is taken away. Safe to call twice. */
  async close(): Promise<void> {
    await this.#file.close().catch(() => {})
    await this.#unlock()
  }

  /** It never was. */
  async discard(): Promise<void> {
    const { out } = this.#options
    await rm(partOf(out), { force: true })
    await removeNotes(out)
    await this.close()
  }

  async #take(bytes: Uint8Array): Promise<void> {
    this.#waiting.push(bytes)
    this.#size += bytes.length
    if (this.#size < piece) return
    await onDisk(this.#options.out, () => this.#write())
    if (performance.now() - this.#savedAt > saved) await this.save()
  }

  async #write(atLeastOnce = false): Promise<void> {
    if (this.#size > 0 || atLeastOnce) {
      const plain = Buffer.concat(this.#waiting)
      const bytes = this.#options.gzip ? await zip(plain) : plain
      for (let done = 0; done < bytes.length; )
        done += (await this.#file.write(bytes, done, bytes.length - done, this.#standing.bytes + done))
          .bytesWritten
      this.#standing = { ...this.#standing, bytes: this.#standing.bytes + bytes.length }
      this.#waiting = []
      this.#size = 0
    }
    this.#standing = { ...this.#standing, ...this.#coming }
  }

  /** After what it tells of is on the disk. */
  async #say(): Promise<void> {
    const standing = this.#standing
    await this.#file.datasync()
    await writeNotes(this.#options.out, standing)
    this.#said = standing
    this.#savedAt = performance.now()
  }
}
