// What an upstream repeats of what it was told, and what it may lead to, goes no further.

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { conceal, spoken } from '../../src/provider/text.ts'

describe('what an upstream says is blanked', () => {
  it.each([
    ['a token', '无效参数 abc/def+1=', '无效参数 ***'],
    ['a token as a form has it', '无效参数 abc%2Fdef%2B1%3D', '无效参数 ***'],
    ['a token as a link has it, in small letters', '无效参数 abc%2fdef%2b1%3d', '无效参数 ***'],
    ['a password with a blank in it', '代理 user:pa ss连接失败', '代理 user:***连接失败'],
    ['the same as a form has it', '代理 user:pa+ss连接失败', '代理 user:***连接失败'],
    ['each time', 'pa ss pa%20ss', '*** ***'],
    ['a link', '请打开 https://x.example/s?k=1 完成', '请打开 *** 完成'],
    ['a link of another kind', 'weixin://dl/login?k=1', '***'],
    ['an encoded link', 'u=https%3A%2F%2Fx.example%2F1', 'u=***'],
    ['a link without a scheme', '见 weixin.qq.com/x/abc', '见 ***'],
    ['nothing else', '登录信息失效，请使用扫码登录 (v1.2)', '登录信息失效，请使用扫码登录 (v1.2)'],
  ])('%s', (_name, said, told) => {
    expect(spoken(said, conceal('abc/def+1=', 'pa ss', null, ''))).toBe(told)
  })

  it('before it is cut, so that no half of a secret stays', () => {
    const told = spoken(`${'x'.repeat(195)}secret-token`, conceal('secret-token'))
    expect(told).toBe(`${'x'.repeat(195)}***`)
  })

  it('whatever the secret is made of', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', minLength: 6 }), secret => {
        fc.pre(secret.trim() === secret && !/[\p{Cc}*]/u.test(secret))
        for (const form of [secret, encodeURIComponent(secret)])
          expect(spoken(`错误 ${form} 结束`, conceal(secret))).not.toContain(form)
      }),
    )
  })

  it('in no time, however long it is', () => {
    const began = performance.now()
    for (const text of ['a.'.repeat(500_000), 'a'.repeat(1_000_000), 'a:/'.repeat(300_000)])
      spoken(text, conceal('secret-token'))
    expect(performance.now() - began).toBeLessThan(2_000)
  })
})
