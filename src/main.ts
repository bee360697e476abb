// The process: from the environment to a running gateway, and an ordered stop on a signal. What a person must know is
// said in one sentence; what only we can know goes to the log with its stack.

import { startGatehouse } from './app.ts'
import { type Config, readConfig } from './config.ts'

/** Errors whose message is the sentence that a person needs. */
const explained = new Set([
  'ConfigurationError',
  'PortTakenError',
  'KeyFileError',
  'DatabaseUnusableError',
  'DataFolderInUseError',
  'DataFolderUnusableError',
])

const say = (line: string) => process.stdout.write(`${line}\n`)

const main = async (): Promise<void> => {
  const config = readConfig(process.env)
  const gatehouse = await startGatehouse(config)
  greet(config, gatehouse)

  let stopping = false
  const stop = (signal: NodeJS.Signals) => {
    if (stopping) {
      // Asked twice: somebody is in a hurry. What was recorded stands; the next start goes on from it.
      process.exit(1)
    }
    stopping = true
    say(`Stopping (${signal}).`)
    gatehouse.close().then(
      () => process.exit(0),
      error => {
        console.error(error)
        process.exit(1)
      },
    )
  }
  process.on('SIGINT', stop)
  process.on('SIGTERM', stop)
}

const greet = (
  config: Config,
  { url, adminKeyFile, simulator, upstreams }: Awaited<ReturnType<typeof startGatehouse>>,
): void => {
  say(`Gatehouse is ready at ${url}/graphql`)
  if (config.profile === 'development') say(`  GraphiQL     open ${url}/graphql in a browser`)
  // Typed elsewhere, a command would otherwise find the usual folder and the usual port.
  const inFolder = config.dataDir === '.data' ? '' : `DATA_DIR=${quoted(config.dataDir)} `
  if (adminKeyFile !== null)
    say(`  admin key    in ${adminKeyFile} ("${inFolder}npm run keys -- show" prints it)`)
  for (const { name, dialect, baseUrl } of upstreams) say(`  upstream     ${name} (${dialect}) at ${baseUrl}`)
  if (simulator !== null) {
    say('  simulator    built in, since no provider is configured; no real account is touched')
    say(`  phones       ${simulator.phonesUrl}`)
    const { port } = new URL(url)
    const there = port === '4000' ? inFolder : `${inFolder}PORT=${port} `
    say(`  try it       ${there}npm run login -- --device demo --provider ${upstreams[0]?.name}`)
  }
  // The last line, since there is half a minute to stop it.
  if (config.retentionDays !== null)
    say(
      `  retention    ${config.retentionDays} days (RETENTION_DAYS): months of logins that are older go for good half a minute after the start, and daily`,
    )
}

/** A word as a shell takes it. */
const quoted = (word: string): string =>
  /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`

main().catch(error => {
  const isExplained = error instanceof Error && explained.has(error.name)
  console.error(isExplained ? error.message : error)
  process.exit(1)
})
