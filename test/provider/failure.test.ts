// What broke on the way, and whether anything can have arrived.

import { inspect } from 'node:util'
import { expect, it } from 'vitest'
import { errorOf } from '../../src/provider/http/failure.ts'
import { ProviderError } from '../../src/provider/port.ts'

const withFields = (fields: object, error = new Error('x')) => Object.assign(error, fields)

it.each([
  ['refused', withFields({ code: 'ECONNREFUSED', syscall: 'connect' }), 'UNREACHABLE', false],
  [
    'refused in both families',
    withFields({ code: 'ECONNREFUSED' }, new AggregateError([withFields({ code: 'ECONNREFUSED' })])),
    'UNREACHABLE',
    false,
  ],
  ['no such name', withFields({ code: 'ENOTFOUND', syscall: 'getaddrinfo' }), 'UNREACHABLE', false],
  ['no way there', withFields({ code: 'EHOSTUNREACH', syscall: 'connect' }), 'UNREACHABLE', false],
  ['no way there any more', withFields({ code: 'EHOSTUNREACH', syscall: 'read' }), 'UNREACHABLE', true],
  ['no connection in time', withFields({ code: 'UND_ERR_CONNECT_TIMEOUT' }), 'UNREACHABLE', false],
  ['reset', withFields({ code: 'ECONNRESET', syscall: 'read' }), 'UNREACHABLE', true],
  ['closed', withFields({ code: 'UND_ERR_SOCKET' }), 'UNREACHABLE', true],
  ['no headers in time', withFields({ code: 'UND_ERR_HEADERS_TIMEOUT' }), 'TIMEOUT', true],
  ['no more bytes in time', withFields({ code: 'UND_ERR_BODY_TIMEOUT' }), 'TIMEOUT', true],
  ['wrapped', new Error('x', { cause: withFields({ code: 'ECONNREFUSED' }) }), 'UNREACHABLE', false],
  ['called off', new DOMException('x', 'AbortError'), 'TIMEOUT', true],
  ['anything else', new TypeError('x'), 'UNREACHABLE', true],
  ['no error at all', 'x', 'UNREACHABLE', true],
])('%s', (_name, error, kind, sent) => {
  expect(errorOf(error)).toMatchObject({ kind, sent, answered: false })
})

it('keeps name and code of what broke, and none of the bytes that it may hold', () => {
  const parser = withFields({
    name: 'HTTPParserError',
    code: 'HPE_INVALID_HEADER_TOKEN',
    data: 'qrCodeUrl=http://x/secret',
    message: 'Parse Error: http://x/secret',
  })
  const { cause } = errorOf(new Error('http://x/secret', { cause: parser }))
  expect(cause).toMatchObject({ name: 'HTTPParserError', code: 'HPE_INVALID_HEADER_TOKEN' })
  expect(inspect(cause, { depth: 9, showHidden: true })).not.toContain('secret')
})

it('is itself where it has been told already', () => {
  const error = new ProviderError({ kind: 'ERROR', sent: true, answered: true })
  expect(errorOf(error)).toBe(error)
})
