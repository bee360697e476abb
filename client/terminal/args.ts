// What the person typed, read and checked. Refuses to know files, the network and the gateway.

import { common, oneOf, parsed, type Reach, reachOf, usage } from './options.ts'

export type Strategy = 'AUTO' | 'QR_CODE' | 'PUSH'

/** Null: not given. */
export interface Options extends Reach {
  readonly device: string
  readonly provider: string | null
  readonly strategy: Strategy
  readonly deviceType: 'IPAD' | 'MAC' | null
  readonly province: string | null
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
  const values = parsed(
    argv,
    {
      device: { type: 'string' },
      provider: { type: 'string' },
      strategy: { type: 'string' },
      'device-type': { type: 'string' },
      province: { type: 'string' },
      phone: { type: 'string' },
      ...common,
    },
    'npm run login -- --device <key>',
  )
  if (values.help) return null
  if (!values.device) throw usage('Which device? For instance: npm run login -- --device demo')
  return {
    device: values.device,
    provider: values.provider ?? null,
    strategy: oneOf('strategy', ['AUTO', 'QR_CODE', 'PUSH'], values.strategy) ?? 'AUTO',
    deviceType: oneOf('device-type', ['IPAD', 'MAC'], values['device-type']),
    province: values.province ?? null,
    ...reachOf(values, env),
    autoPhone: oneOf('phone', ['AUTO'], values.phone) === 'AUTO',
  }
}
