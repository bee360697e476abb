// A real Postgres for the benchmarks, as the tests bring one (DATABASE_URL, else embedded, else a local one): databases
// copied from a migrated template, or from one that was filled.

import { randomUUID } from 'node:crypto'
import postgres from 'postgres'
import type { TestProject } from 'vitest/node'
import { databaseUrl, setup } from '../../test/support/postgres.ts'

export interface Postgres extends AsyncDisposable {
  /** A new database. `from`: the link to one that nobody uses, to be copied; by default an empty one with tables. */
  fresh(from?: string): Promise<Database>
}

export interface Database extends AsyncDisposable {
  readonly url: string
}

export const startPostgres = async (): Promise<Postgres> => {
  let sources = ''
  const project: Pick<TestProject, 'provide'> = {
    provide: (_name, url) => {
      sources = String(url)
    },
  }
  const stop = await setup(project as TestProject)
  const answer = await fetch(`${sources}/postgres`)
  if (!answer.ok) {
    const problem = await answer.text()
    await stop()
    throw new Error(problem)
  }
  const { url, template } = (await answer.json()) as { url: string; template: string }
  return {
    fresh: async from => {
      const name = `gatehouse_bench_${randomUUID().replaceAll('-', '')}`
      const source = from === undefined ? template : new URL(from).pathname.slice(1)
      await asAdmin(url, `create database ${name} template ${source} strategy file_copy`)
      return {
        url: databaseUrl(url, name),
        [Symbol.asyncDispose]: () => asAdmin(url, `drop database if exists ${name} with (force)`),
      }
    },
    [Symbol.asyncDispose]: () => quietly(stop),
  }
}

/** The tests' teardown tells what it ran on, where tables are to stand alone. */
const quietly = async (work: () => Promise<void>): Promise<void> => {
  const { log } = console
  console.log = () => {}
  try {
    await work()
  } finally {
    console.log = log
  }
}

const asAdmin = async (url: string, statement: string): Promise<void> => {
  const admin = postgres(url, { max: 1, onnotice: () => {} })
  try {
    await admin.unsafe(statement)
  } finally {
    await admin.end()
  }
}
