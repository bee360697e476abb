import { describe, expect, test } from 'vitest'
import { readArgs } from '../../client/terminal/args.ts'

describe('The command line', () => {
  test('needs a device and nothing else', () => {
    expect(readArgs(['--device', 'demo'], {})).toEqual({
      device: 'demo',
      provider: null,
      strategy: 'AUTO',
      deviceType: null,
      province: null,
      url: new URL('http://127.0.0.1:4000/graphql'),
      keyFile: null,
      autoPhone: false,
    })
  })

  test('takes words in any case', () => {
    const read = readArgs(
      ['--device', 'demo', '--strategy', 'push', '--device-type', 'mac', '--phone', 'auto'],
      {},
    )
    expect(read).toMatchObject({ strategy: 'PUSH', deviceType: 'MAC', autoPhone: true })
  })

  test.each([
    ['http://gate.example', 'http://gate.example/graphql'],
    ['https://gate.example/messenger/graphql', 'https://gate.example/messenger/graphql'],
  ])('--url %s asks %s', (given, asked) => {
    expect(readArgs(['--device', 'demo', '--url', given], {})?.url.href).toBe(asked)
  })

  test('looks for the gateway on the port of the environment', () => {
    expect(readArgs(['--device', 'demo'], { PORT: '4100' })?.url.port).toBe('4100')
  })

  test('--help asks for nothing else', () => {
    expect(readArgs(['--help'], {})).toBeNull()
  })

  test.each([
    [[], 'Which device?'],
    [['--device', ''], 'Which device?'],
    [['--device'], '--device'],
    [['--device', 'demo', '--strategy', 'SMS'], '--strategy is AUTO, QR_CODE, PUSH, not "SMS".'],
    [['--device', 'demo', '--url', 'gate'], '--url is an address'],
    [['--device', 'demo', '--url', 'ftp://gate'], '--url is an address'],
    [['--device', 'demo', '--phone', 'me'], '--phone is AUTO, not "me".'],
    [['--device', 'demo', '--depart'], "Unknown option '--depart'."],
    [['demo'], "Unexpected argument 'demo'. Mind the -- before the options: npm run login -- --device"],
  ])('%j is refused in one sentence', (argv, sentence) => {
    expect(() => readArgs(argv, {})).toThrow(sentence)
  })
})
