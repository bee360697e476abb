// The opaque ids of the API: the type and the id within it. A malformed one names nothing, so that nobody learns from
// an error what an id looks like.

export type NodeType = 'Login' | 'Device' | 'Account' | 'DeviceOperation'

const nodeTypes: readonly string[] = ['Login', 'Device', 'Account', 'DeviceOperation'] satisfies NodeType[]
const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/

export const globalId = (type: NodeType, id: string): string =>
  Buffer.from(`${type}:${id}`).toString('base64')

/** Null: this names nothing. */
export const parseGlobalId = (text: string): { readonly type: NodeType; readonly id: string } | null => {
  if (text.length > 128) return null
  const plain = Buffer.from(text, 'base64').toString('utf8')
  const [type = '', id = '', ...rest] = plain.split(':')
  if (rest.length > 0 || !isNodeType(type) || !uuid.test(id) || globalId(type, id) !== text) return null
  return { type, id }
}

/** The id within `type`; null: malformed, or the id of something else. */
export const idOf = (type: NodeType, text: string): string | null => {
  const parsed = parseGlobalId(text)
  return parsed?.type === type ? parsed.id : null
}

const isNodeType = (type: string): type is NodeType => nodeTypes.includes(type)
