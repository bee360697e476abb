// What the person typed, read and checked. Refuses to know files, the network and the gateway.

import { parseArgs } from 'node:util'
import { Refusal } from './refusal.ts'

export type Strategy = 'AUTO' | 'QR_CODE' | 'PUSH'

/** Null: not given. */
export interface Options {
  readonly device: string
  readonly provider: string | null
  readonly strategy: Strategy
  readonly deviceType: 'IPAD' | 'MAC' | null
  readonly province: string | null
  readonly url: URL
  readonly keyFile: string | null
  /** The simulated phone scans and confirms by itself. */
  readonly autoPhone: boolean
}

export const USAGE = `npm run login -- --device <key> [options]

Signs an account in on a device and shows each step. The device is registered where its key is new.

  --device <key>        your own name for the device, for instance demo
  --provider <name>     which upstream; needed only where there are several
  --strategy <how>      AUTO (default: push where it can work, else QR code), QR_CODE or PUSH
  --device-type <type>  IPAD or MAC, where it should change
  --province <name>     where the account's exit is, for instance 广东; needed for a new device on a real upstream
                        (北京 天津 上海 重庆 河北 山西 辽宁 吉林 黑龙江 江苏 浙江 安徽 福建 江西 山东 河南 湖北
                        湖南 广东 海南 四川 贵州 云南 陕西 甘肃 青海 台湾 内蒙古 广西 西藏 宁夏 新疆 香港 澳门)
  --url <address>       of the gateway (default http://127.0.0.1:4000)
  --key-file <path>     a file with a key (default: GATEHOUSE_ADMIN_KEY, else admin.key in DATA_DIR or .data)
  --phone auto          with the built-in simulator: the phone scans and confirms by itself
  --help                this text

Without a terminal it prints one line per event (time, number, event, state, what to do, details) and reads the keys as
lines from its input. It never prints a QR code or a link there: whoever reads the log could use them.

Exit status: 0 signed in, 1 ended otherwise, 2 refused before a login ran, 130 cancelled here (q or Ctrl-C).`

/** Null: help was asked for. Throws Refusal (USAGE) with one sentence. `env.PORT` moves the default address. */
export function readArgs(
  argv: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): Options | null {
  const values = parse(argv)
  if (values.help) return null
  if (!values.device) throw usage('Which device? For instance: npm run login -- --device demo')
  return {
    device: values.device,
    provider: values.provider ?? null,
    strategy: oneOf('strategy', ['AUTO', 'QR_CODE', 'PUSH'], values.strategy) ?? 'AUTO',
    deviceType: oneOf('device-type', ['IPAD', 'MAC'], values['device-type']),
    province: values.province ?? null,
    url: readUrl(values.url ?? `http://127.0.0.1:${env.PORT || 4000}`),
    keyFile: values['key-file'] ?? null,
    autoPhone: oneOf('phone', ['AUTO'], values.phone) === 'AUTO',
  }
}

function parse(argv: readonly string[]) {
  try {
    return parseArgs({
      args: [...argv],
      options: {
        device: { type: 'string' },
        provider: { type: 'string' },
        strategy: { type: 'string' },
        'device-type': { type: 'string' },
        province: { type: 'string' },
        url: { type: 'string' },
        'key-file': { type: 'string' },
        phone: { type: 'string' },
        help: { type: 'boolean', default: false },
      },
    }).values
  } catch (error) {
    // Without the --, npm takes the options for its own and hands on what is left of them.
    const way = isBare(error) ? ' Mind the -- before the options: npm run login -- --device <key>.' : ''
    throw usage(`${misread(error)}${way}`)
  }
}

/** The first sentence of what was wrong with the options. */
export function misread(error: unknown): string {
  const [said = ''] = (error instanceof Error ? error.message : String(error)).split('. ')
  return `${said.replace(/\.$/, '')}.`
}

function isBare(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ERR_PARSE_ARGS_UNEXPECTED_POSITIONAL'
}

function oneOf<Word extends string>(
  option: string,
  words: readonly Word[],
  given: string | undefined,
): Word | null {
  if (given === undefined) return null
  const wanted = given.toUpperCase()
  const found = words.find(word => word === wanted)
  if (found === undefined) throw usage(`--${option} is ${words.join(', ')}, not ${JSON.stringify(given)}.`)
  return found
}

/** An address without a path means the gateway's own `/graphql`. */
export function readUrl(text: string): URL {
  const url = URL.parse(text)
  if (url === null || (url.protocol !== 'http:' && url.protocol !== 'https:'))
    throw usage(`--url is an address such as http://127.0.0.1:4000, not ${JSON.stringify(text)}.`)
  if (url.pathname === '/') url.pathname = '/graphql'
  return url
}

export function usage(sentence: string): Refusal {
  return new Refusal('USAGE', `${sentence} (--help lists the options.)`)
}
