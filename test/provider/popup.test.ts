// What the words of a popup mean, and what is made of words that a stranger chose.

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { nestedReason, POPUPS } from '../../simulator/words.ts'
import { presenceReasons } from '../../src/login/presence.ts'
import { readPopup } from '../../src/provider/popup.ts'
import { conceal } from '../../src/provider/text.ts'
import { popups } from './popups.ts'

describe.each(popups)('$cites: $name', ({ reason, texts }) => {
  it.each(texts)('%s', words => {
    expect(readPopup(words)).toEqual({ reason, words })
    expect(readPopup(`  ${words}\n`), 'between blanks').toEqual({ reason, words })
    expect(readPopup(nestedReason(words)), 'in XML in JSON (P 2.6)').toEqual({ reason, words })
    expect(readPopup(`<e><Content>${words}</Content></e>`), 'in XML').toEqual({ reason, words })
    expect(readPopup(JSON.stringify({ ret: -100, errMsg: { string: words } })), 'in JSON').toEqual({
      reason,
      words,
    })
    expect(readPopup(JSON.stringify(words)), 'as JSON').toEqual({ reason, words })
    const bare = JSON.stringify({ errMsg: { string: words } })
    expect(readPopup(JSON.stringify(bare)), 'in JSON in JSON').toEqual({ reason, words })
    expect(readPopup(JSON.stringify({ baseResponse: bare })), 'in JSON within JSON').toEqual({
      reason,
      words,
    })
    expect(readPopup(JSON.stringify(nestedReason(words))), 'in XML in JSON in JSON').toEqual({
      reason,
      words,
    })
  })
})

it('the table has every popup that the simulator can show, as the page has it', () => {
  const { noPopup: _, ...shown } = POPUPS
  expect(Object.fromEntries(popups.map(({ name, texts }) => [name, texts[0]]))).toEqual(shown)
})

describe('no popup (P 3.4, 9)', () => {
  it.each([null, '', '  ', '\u0000', 'null', '<e><Content></Content></e>', nestedReason(' ')])('%j', told => {
    expect(readPopup(told)).toEqual({ reason: 'NO_POPUP', words: null })
  })
})

describe('a device may be called anything', () => {
  it.each([
    '你已退出微信',
    '设备环境异常，请重新登录',
    '修改密码',
    '修改支付密码',
    '为了你的账号安全',
    '<Content>你已退出微信',
    '😀'.repeat(40),
  ])('in %j somebody signed in', name => {
    expect(readPopup(`在 ${name} 设备上登录`).reason).toBe('SIGNED_IN_ELSEWHERE')
  })
})

describe('words that are none of the nine', () => {
  it('are kept, as the sample of the sister has them (P 2.6)', () => {
    const words = '登录出现错误，请你重新登录。'
    expect(readPopup(nestedReason(words))).toEqual({ reason: 'OTHER', words })
  })

  it.each([
    ['half of a JSON text', '{"baseResponse":{"errMsg":{"string":"<e>'],
    ['JSON without any words', '{"ret":-100}'],
    ['XML without an end', '<e><Content><![CDATA[登录出现错误'],
    ['XML without content', '<e><ShowType>1</ShowType></e>'],
    ['what looks like JSON', '[微信] 登录出现错误'],
  ])('are kept as they are: %s', (_name, words) => {
    expect(readPopup(words)).toEqual({ reason: 'OTHER', words })
  })

  it('are found behind half of a JSON text', () => {
    expect(readPopup('{"errMsg":"<Content><![CDATA[你已退出微信]]>').reason).toBe('LOGGED_OUT_ON_PHONE')
  })

  it('are cut to 300 characters, and never in the middle of one', () => {
    expect(readPopup('错'.repeat(400)).words).toBe('错'.repeat(300))
    expect(readPopup(`错${'😀'.repeat(400)}`).words).toBe(`错${'😀'.repeat(149)}`)
  })

  it('lead nowhere, and tell no token', () => {
    const hide = conceal('the-token')
    expect(readPopup('请打开 https://x.example/qr?k=1 the-token', hide).words).toBe('请打开 *** ***')
  })
})

describe('whatever a stranger sends', () => {
  const pieces = fc.array(
    fc.constantFrom(
      ...['{"errMsg":', '{"string":', '"', '}', '[', ']', '\\', '<Content>', '</Content>', '<![CDATA['],
      ...[']]>', ' ', '在', '设备上登录', '修改', '密码', '支付', '\ud800', '\u202e', 'null', '<', '0'],
    ),
    { maxLength: 60 },
  )
  const texts = fc.oneof(
    pieces.map(parts => parts.join('')),
    fc.string({ unit: 'binary', maxLength: 500 }),
    fc.json(),
    fc.json().map(nestedReason),
  )

  it('is read, alike each time, in few words that anybody can take', () => {
    fc.assert(
      fc.property(texts, text => {
        const { reason, words } = readPopup(text)
        expect(readPopup(text)).toEqual({ reason, words })
        expect(presenceReasons).toContain(reason)
        expect(words === null).toBe(reason === 'NO_POPUP')
        expect((words ?? '').length).toBeLessThanOrEqual(300)
        expect(words ?? '').not.toMatch(/[\p{Cc}\p{Cs}\u202a-\u202e\u2066-\u2069]/u)
      }),
      { numRuns: 3_000 },
    )
  })

  // Whoever went back and forth in them would not be done within the time of a test.
  it.each([
    ['blanks', `<Content>${' '.repeat(1_000_000)}`],
    ['beginnings', '<Content><![CDATA['.repeat(60_000)],
    ['ends', `<Content>${']]'.repeat(500_000)}`],
    ['levels of lists', '['.repeat(1_000_000)],
    ['levels of lists, closed', `${'['.repeat(9_000)}${']'.repeat(9_000)}`],
    ['levels of objects', `${'{"errMsg":'.repeat(1_500)}1${'}'.repeat(1_500)}`],
    ['texts', JSON.stringify(Array.from({ length: 4_000 }, () => '在'))],
    ['signs of a device', '在'.repeat(1_000_000)],
    ['signs of a change', '修改'.repeat(500_000)],
  ])('is done at once with a million %s', (_name, text) => {
    expect(readPopup(text).reason).toMatch(/^(?:OTHER|NO_POPUP)$/u)
  })
})
