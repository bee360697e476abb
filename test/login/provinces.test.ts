// The 34 provinces, however they are written.

import { describe, expect, it, vi } from 'vitest'
import { distance } from '../../src/login/distance.ts'
import { normaliseProvince, provinces } from '../../src/login/provinces.ts'
import { comparedBy } from '../support/compared.ts'

vi.mock(import('../../src/login/distance.ts'), { spy: true })

describe('a province', () => {
  it('is one of 34, each its own normal form', () => {
    expect(new Set(provinces).size).toBe(34)
    for (const province of provinces) expect(normaliseProvince(province)).toEqual({ province })
  })

  it.each([
    ['广东省', '广东'],
    [' 广东 省 ', '广东'],
    ['北京市', '北京'],
    ['内蒙古自治区', '内蒙古'],
    ['内蒙', '内蒙古'],
    ['新疆维吾尔自治区', '新疆'],
    ['广西壮族自治区', '广西'],
    ['宁夏回族自治区', '宁夏'],
    ['香港特别行政区', '香港'],
    ['Guangdong', '广东'],
    ['inner mongolia', '内蒙古'],
    ['Shaanxi', '陕西'],
    ['Shanxi', '山西'],
    ["Xi'zang", '西藏'],
  ])('written %s is %s', (written, province) => {
    expect(normaliseProvince(written)).toEqual({ province })
  })

  it.each([
    ['广', ['广东', '广西']],
    ['Guangdng', ['广东']],
    ['Atlantis', []],
    ['', []],
    ['省', []],
    ['constructor', []],
    ['__proto__', []],
    ['to string', []],
  ])('written %s is refused with what comes near', (written, suggestions) => {
    const answer = normaliseProvince(written)
    if (!('suggestions' in answer)) expect.fail(`taken for ${answer.province}`)
    else if (suggestions.length === 0) expect(answer.suggestions).toEqual([])
    else expect(answer.suggestions).toEqual(expect.arrayContaining(suggestions))
  })
  it.each([
    ['Guangdog', ['广东']],
    ['Heilongjang', ['黑龙江']],
    ['Shannxi', ['山西', '陕西']],
    ['广东深圳', ['广东', '山东', '广西']],
    ['黑龙省', ['黑龙江']],
  ])('written %s is answered with %j, nearest first', (written, suggestions) => {
    expect(normaliseProvince(written)).toEqual({ suggestions })
  })

  const mixed = '广北上天黑龙heilongjiangneimenggu'

  it.each([12, 30, 64, 190, 10_000])('of %d wrong letters is soon refused', length => {
    for (const text of [mixed, 'neimengguheilongjiang', 'z', '广北上天黑龙江']) {
      vi.mocked(distance).mockClear()
      expect(normaliseProvince(text.repeat(length).slice(0, length))).toHaveProperty('suggestions')
      expect(comparedBy(vi.mocked(distance).mock.calls)).toBeLessThan(5_000)
    }
  })
})
