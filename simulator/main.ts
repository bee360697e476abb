/**
 * `npm run simulator`: the simulator from a command line, until Ctrl-C.
 */
import { parseArgs } from 'node:util'
import { loadScenarios } from './scenario.ts'
import { type Simulator, startSimulator } from './server.ts'

const HELP = `A stand-in upstream that speaks the "open" and the "ipad" dialect on one port, with phones to play with.

  npm run simulator -- [options]

  --port <number>       where it listens (4010; 0: any free port)
  --host <address>      on which address (127.0.0.1)
  --token <text>        the token that it accepts (simulator-token)
  --public-url <url>    the front of links to pictures, if not http://host:port
  --scenario <name>     played on every phone of its dialect; see simulator/scenarios
  --help                this
`

const fail = (sentence: string): never => {
  process.stderr.write(`${sentence}\n`)
  process.exit(1)
}

const read = () => {
  try {
    return parseArgs({
      options: {
        port: { type: 'string', default: '4010' },
        host: { type: 'string', default: '127.0.0.1' },
        token: { type: 'string', default: 'simulator-token' },
        'public-url': { type: 'string' },
        scenario: { type: 'string' },
        help: { type: 'boolean', default: false },
      },
    }).values
  } catch (error) {
    return fail(`${error instanceof Error ? error.message : String(error)} Try --help.`)
  }
}

const started = async (host: string, port: number, token: string, publicUrl?: string): Promise<Simulator> => {
  try {
    return await startSimulator({ host, port, token, ...(publicUrl === undefined ? {} : { publicUrl }) })
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : null
    if (code === 'EADDRINUSE') return fail(`Port ${port} on ${host} is taken; choose another with --port.`)
    return fail(`Cannot listen on ${host}:${port}: ${error instanceof Error ? error.message : String(error)}`)
  }
}

const options = read()
if (options.help) {
  process.stdout.write(HELP)
  process.exit(0)
}
const port = Number(options.port)
if (!Number.isInteger(port) || port < 0 || port > 65_535)
  fail(`--port must be a number from 0 to 65535, not ${options.port}.`)
const simulator = await started(options.host, port, options.token, options['public-url'])
if (options.scenario !== undefined) {
  const scenarios = loadScenarios()
  const scenario = scenarios.get(options.scenario)
  if (scenario === undefined)
    fail(`There is no scenario ${options.scenario}. There are: ${[...scenarios.keys()].join(', ')}.`)
  else simulator.world.playEverywhere(scenario)
}
process.stdout.write(`Simulator (dialects "open" and "ipad")
  base URL  ${simulator.url}
  token     ${simulator.token}
  phones    ${simulator.phonesUrl}
${options.scenario === undefined ? '' : `  scenario  ${options.scenario}, on every phone of its dialect\n`}Ctrl-C stops it.
`)

let stopping = false
const stop = (): void => {
  if (stopping) process.exit(1)
  stopping = true
  void simulator.close()
}
process.on('SIGINT', stop)
process.on('SIGTERM', stop)
