// The upstream's numbers for the provinces that it has exits in.

/** P 2.5. The last seven stand on a newer page only. */
const codes: Readonly<Record<string, number>> = {
  北京: 1,
  天津: 2,
  上海: 3,
  重庆: 4,
  河北: 5,
  山西: 6,
  江苏: 7,
  浙江: 8,
  安徽: 9,
  福建: 10,
  江西: 11,
  山东: 12,
  河南: 13,
  湖北: 14,
  湖南: 15,
  广东: 16,
  海南: 17,
  四川: 18,
  云南: 19,
  陕西: 20,
  黑龙江: 21,
  辽宁: 22,
  贵州: 23,
  广西: 24,
  宁夏: 25,
  青海: 26,
  甘肃: 27,
  西藏: 28,
  吉林: 29,
  内蒙古: 30,
}

/** Null: the upstream has no exit there, as in 新疆, 香港, 澳门 and 台湾. */
export const areaCodeOf = (province: string): number | null =>
  Object.hasOwn(codes, province) ? (codes[province] ?? null) : null
