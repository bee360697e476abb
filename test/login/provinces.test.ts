// The 34 provinces, however they are written.

import { describe, expect, it } from 'vitest'
import { normaliseProvince, provinces } from '../../src/login/provinces.ts'

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
})
