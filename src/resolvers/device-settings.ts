// The settings of a device as a caller gives them: checked, and brought to the words of the store. Nothing is asked
// of an upstream before all of it is right.

import { isIP } from 'node:net'
import type { DeviceSettings } from '../db/store.ts'
import { normaliseProvince } from '../login/provinces.ts'
import type { Problems } from './check-input.ts'

export interface ProxyInput {
  readonly host: string
  readonly port: number
  readonly username?: string | null | undefined
  readonly password?: string | null | undefined
}

/** Absent: as it was. Null: removed. */
export interface SettingsInput {
  readonly label?: string | null | undefined
  readonly province?: string | null | undefined
  readonly city?: string | null | undefined
  readonly proxy?: ProxyInput | null | undefined
  readonly ttuid?: string | null | undefined
}

type Change = Partial<Omit<DeviceSettings, 'deviceType'>>

/** What is absent stays absent. */
export const checkSettings = (input: SettingsInput, problems: Problems): Change => {
  problems.text(['input', 'label'], input.label, 200)
  problems.text(['input', 'city'], input.city, 50)
  problems.text(['input', 'ttuid'], input.ttuid, 200)
  return {
    ...(input.label === undefined ? {} : { label: input.label }),
    ...(input.province === undefined ? {} : { province: checkProvince(input.province, problems) }),
    ...(input.city === undefined ? {} : { city: input.city }),
    ...(input.proxy === undefined ? {} : { proxy: checkProxy(input.proxy, problems) }),
    ...(input.ttuid === undefined ? {} : { ttuid: input.ttuid }),
  }
}

const checkProvince = (province: string | null, problems: Problems): string | null => {
  if (province === null) return null
  const answer = normaliseProvince(province)
  if ('province' in answer) return answer.province
  const hint =
    answer.suggestions.length === 0
      ? ' Write it as 广东, 广东省 or Guangdong.'
      : ` Did you mean ${answer.suggestions.join(', ')}?`
  problems.add(['input', 'province'], `This is none of the 34 provinces.${hint}`)
  return null
}

const hostName = /^(?=.{1,253}$)[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*$/i

const checkProxy = (proxy: ProxyInput | null, problems: Problems): DeviceSettings['proxy'] => {
  if (proxy === null) return null
  const path = (field: string) => ['input', 'proxy', field]
  const looksLikeAddress = /^[\d.]+$/.test(proxy.host)
  if (isIP(proxy.host) === 0 && (looksLikeAddress || !hostName.test(proxy.host)))
    problems.add(path('host'), 'This is no host name and no address; leave scheme and port out.')
  if (proxy.port < 1 || proxy.port > 65_535) problems.add(path('port'), 'A port is between 1 and 65535.')
  problems.text(path('username'), proxy.username, 255)
  problems.text(path('password'), proxy.password, 255)
  if (proxy.password != null && proxy.username == null)
    problems.add(path('username'), 'A password needs a user name.')
  return {
    host: proxy.host,
    port: proxy.port,
    username: proxy.username ?? null,
    password: proxy.password ?? null,
  }
}
