// The import command: from page to page, through what goes wrong, to its totals or to the command that goes on.

import { describe, expect, test } from 'vitest'
import { commandFor, readArgs } from '../../client/import/args.ts'
import { importing, paged } from './importing.ts'

const page = (number: number, last = false) => ({
  found: 100,
  imported: 90,
  known: 10,
  total: 300,
  nextPage: last ? null : String(number + 1),
})

const unreachable = {
  __typename: 'UpstreamError',
  code: 'UPSTREAM_ERROR',
  message: 'The upstream main does not answer in time.',
  retryable: true,
}

describe('An import', () => {
  test('reads every page, prints a line for each, and what they come to', async () => {
    await using gateway = await paged(page(1), page(2), page(3, true))
    const run = importing(['--provider', 'main', '--url', gateway.url])
    expect(await run.status).toBe(0)
    expect(run.out().split('\n')).toEqual([
      'page 1: found 100, imported 90, known 10 (100 of 300 so far)',
      'page 2: found 100, imported 90, known 10 (200 of 300 so far)',
      'page 3: found 100, imported 90, known 10 (300 of 300 so far)',
      'Found 300 on main: 270 imported, 30 known.',
      '',
    ])
    expect(run.err()).toBe('')
    expect(gateway.calls).toEqual(
      [null, '2', '3'].map(each => ({ provider: 'main', page: each, dryRun: false })),
    )
    expect(run.listening()).toBe(0)
  })

  test('that is only tried says so', async () => {
    await using gateway = await paged({ found: 12, imported: 9, known: 1 })
    const run = importing(['--provider', 'main', '--dry-run', '--url', gateway.url])
    expect(await run.status).toBe(0)
    expect(gateway.calls).toMatchObject([{ dryRun: true }])
    expect(run.out()).toContain(
      "Found 12 on main: 9 would be imported, 1 known, 2 left alone (another tenant's, or with a name that cannot be kept). Nothing was written.",
    )
  })

  test('on a terminal draws one bar, and leaves the cursor as it was', async () => {
    await using gateway = await paged(page(1), unreachable, page(2), page(3, true))
    const run = importing(['--provider', 'main', '--url', gateway.url], { tty: { columns: 100, rows: 20 } })
    expect(await run.status).toBe(0)
    const shown = run.out()
    expect(shown).toContain('33 % of 300 · imported 90 · known 10')
    expect(shown).toContain('100 % of 300 · imported 270 · known 30')
    expect(shown).toContain('does not answer in time. Trying again in 1 s.')
    expect(shown.lastIndexOf('\u001b[?25h')).toBeGreaterThan(shown.lastIndexOf('\u001b[?25l'))
    expect(shown).not.toContain('page 1')
  })

  test('asks for a page again after what may pass, ever more slowly, and says so', async () => {
    const limited = {
      __typename: 'RateLimitedError',
      code: 'RATE_LIMITED',
      message: 'Too many.',
      retryAfterSeconds: 20,
    }
    const away = { message: 'Not now.', extensions: { code: 'UNAVAILABLE' } }
    await using gateway = await paged(
      unreachable,
      unreachable,
      page(1),
      'BREAKS',
      away,
      limited,
      page(2, true),
    )
    const run = importing(['--provider', 'main', '--url', gateway.url])
    expect(await run.status).toBe(0)
    expect(run.pauses).toEqual([1, 2, 1, 2, 20])
    expect(run.err().split('\n').slice(0, 2)).toEqual([
      'The upstream main does not answer in time. Trying again in 1 s.',
      'The upstream main does not answer in time. Trying again in 2 s.',
    ])
    expect(gateway.calls.map(input => input.page)).toEqual([null, null, null, '2', '2', '2', '2'])
    expect(run.out()).toContain('180 imported')
  })

  test('gives a page up after two minutes, and tells how to go on', async () => {
    await using gateway = await paged(page(1), ...Array.from({ length: 9 }, () => unreachable))
    const run = importing(['--provider', 'main', '--url', gateway.url])
    expect(await run.status).toBe(1)
    expect(run.pauses.reduce((sum, seconds) => sum + seconds, 0)).toBe(120)
    expect(run.out()).toContain('Found 100 on main: 90 imported, 10 known.')
    expect(run.err().trim().split('\n').slice(-3)).toEqual([
      'Stopped at page 2: The upstream main does not answer in time.',
      `To go on: npm run import -- --provider main --url ${gateway.url} --page 2`,
      'From the start is safe as well: what is known stays as it is.',
    ])
  })

  test('goes on where it was told to, without knowing how far that is', async () => {
    await using gateway = await paged(page(2, true))
    const run = importing(['--provider', 'main', '--page', '2', '--url', gateway.url])
    expect(await run.status).toBe(0)
    expect(gateway.calls).toMatchObject([{ page: '2' }])
    expect(run.out()).toContain('page 1: found 100, imported 90, known 10 (100 so far)')
  })

  test('does not go round where the upstream names a page twice', async () => {
    await using gateway = await paged(page(1), page(2), { ...page(3), nextPage: '2' })
    const run = importing(['--provider', 'main', '--url', gateway.url])
    expect(await run.status).toBe(1)
    expect(run.err()).toContain('read already')
  })

  test('stops at once where the same again would not help', async () => {
    const refused = { ...unreachable, message: 'The upstream main refuses the token.', retryable: false }
    await using gateway = await paged(page(1), refused)
    const run = importing(['--provider', 'main', '--url', gateway.url])
    expect(await run.status).toBe(1)
    expect(run.pauses).toEqual([])
    expect(run.err()).toContain('Stopped at page 2: The upstream main refuses the token.')
  })

  test('is left by Ctrl-C in the middle of a page', async () => {
    await using gateway = await paged(page(1), 'HANGS')
    const run = importing(['--provider', 'main', '--url', gateway.url], { tty: { columns: 80, rows: 20 } })
    await gateway.called(2)
    run.interrupt()
    expect(await run.status).toBe(130)
    expect(run.err()).toContain('Stopped at page 2.')
    expect(run.out().endsWith('Found 100 on main: 90 imported, 10 known.\n')).toBe(true)
    expect(run.out()).toContain('\u001b[?25h')
    expect(run.listening()).toBe(0)
  })

  test('says in one sentence why it could not begin', async () => {
    const unknown = {
      __typename: 'InvalidInputError',
      code: 'INVALID_INPUT',
      message: 'input.provider: There is no provider of this name.',
      fields: [{ path: ['input', 'provider'], message: 'There is no provider of this name.' }],
    }
    await using gateway = await paged(unknown, page(1, true))
    const run = importing(['--provider', 'nobody', '--url', gateway.url])
    expect(await run.status).toBe(2)
    expect(run.err()).toBe('input.provider: There is no provider of this name.\n')
    expect(run.out()).toBe('')
    const stranger = importing(['--provider', 'main', '--url', gateway.url], { key: 'another' })
    expect(await stranger.status).toBe(2)
    expect(stranger.err()).toContain('does not accept the key from GATEHOUSE_ADMIN_KEY')
  })

  test('does not wait for a gateway that is not there', async () => {
    const { url } = await (async () => {
      await using gone = await paged()
      return { url: gone.url }
    })()
    const run = importing(['--provider', 'main', '--url', url])
    expect(await run.status).toBe(2)
    expect(run.err()).toContain('run "npm start" first')
    expect(run.pauses).toEqual([])
  })
})

describe('The command line of an import', () => {
  test.each([
    [[], 'Which provider?'],
    [['--provider'], '--provider'],
    [['--provider', 'main', '--url', 'gate'], '--url is an address'],
    [['--provider', 'main', '--all'], "Unknown option '--all'."],
    [['main'], 'Mind the -- before the options: npm run import --'],
  ])('%j is refused in one sentence', (argv, sentence) => {
    expect(() => readArgs(argv, {})).toThrow(sentence)
  })

  test('can be written down again, fit for a shell', () => {
    const options = readArgs(['--provider', "Lin's", '--dry-run', '--key-file', '/a b'], {})
    if (options === null) throw new Error('Help was not asked for')
    expect(commandFor(options, 'p;2')).toBe(
      String.raw`npm run import -- --provider 'Lin'\''s' --dry-run --key-file '/a b' --page 'p;2'`,
    )
  })
})
