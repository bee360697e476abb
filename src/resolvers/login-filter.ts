// What a caller asks of logins, read: ids as the API has them, provinces as people write them. What can be nothing of the kind
// is refused, since "none" would look like an answer.

import type { LoginFilter } from '../db/filters.ts'
import { RequestError } from '../errors.ts'
import { normaliseProvince } from '../login/provinces.ts'
import { idOf } from './global-id.ts'
import { inOrder, present, problemWith } from './where.ts'

/** A filter as the API spells it: null is absent, ids are global. */
export type LoginWhere = { readonly [Key in keyof LoginFilter]?: LoginFilter[Key] | null | undefined }

/** Throws RequestError BAD_USER_INPUT. */
export const filterOf = (where: LoginWhere): LoginFilter => {
  const { device, account, province, ...others } = present(where)
  inOrder(['where.startedFrom', others.startedFrom], ['where.startedTo', others.startedTo])
  inOrder(['where.endedFrom', others.endedFrom], ['where.endedTo', others.endedTo])
  return {
    ...others,
    ...(device === undefined ? {} : { device: meant('device', device) }),
    ...(account === undefined ? {} : { account: meant('account', account) }),
    ...(province === undefined ? {} : { province: province.map(name => meant('province', name)) }),
  }
}

/** Why this filter of logins can not be asked with this value, as a sentence goes on behind its name; null: it can. */
export const problemWithFilter = (name: string, value: unknown): string | null => {
  const problem = problemWith(value)
  if (problem !== null || !isRead(name)) return problem
  for (const text of [value].flat()) {
    const read = readers[name](String(text))
    if ('problem' in read) return read.problem
  }
  return null
}

type Read = { readonly meant: string } | { readonly problem: string }

const idAs =
  (type: 'Device' | 'Account', problem: string) =>
  (text: string): Read => {
    const id = idOf(type, text)
    return id === null ? { problem } : { meant: id }
  }

const readers = {
  device: idAs('Device', 'is no id of a device'),
  account: idAs('Account', 'is no id of an account'),
  province: (text: string): Read => {
    const answer = normaliseProvince(text)
    if ('province' in answer) return { meant: answer.province }
    const hint =
      answer.suggestions.length === 0
        ? ' (as 广东, 广东省 or Guangdong)'
        : ` (did you mean ${answer.suggestions.join(', ')}?)`
    return { problem: `has ${JSON.stringify(text)}, which is none of the 34 provinces${hint}` }
  },
}

const isRead = (name: string): name is keyof typeof readers => Object.hasOwn(readers, name)

const meant = (name: keyof typeof readers, text: string): string => {
  const read = readers[name](text)
  if ('meant' in read) return read.meant
  throw new RequestError('BAD_USER_INPUT', `\`where.${name}\` ${read.problem}.`)
}
