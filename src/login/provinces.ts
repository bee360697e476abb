// The 34 provinces as the upstream spells them: short names, without 省 or 市 (S2). What people write is brought to
// them; what is none of them is refused with the nearest ones.

import { distance } from './distance.ts'

export const provinces = [
  '北京',
  '天津',
  '上海',
  '重庆',
  '河北',
  '山西',
  '辽宁',
  '吉林',
  '黑龙江',
  '江苏',
  '浙江',
  '安徽',
  '福建',
  '江西',
  '山东',
  '河南',
  '湖北',
  '湖南',
  '广东',
  '海南',
  '四川',
  '贵州',
  '云南',
  '陕西',
  '甘肃',
  '青海',
  '台湾',
  '内蒙古',
  '广西',
  '西藏',
  '宁夏',
  '新疆',
  '香港',
  '澳门',
] as const

export type Province = (typeof provinces)[number]

export type ProvinceAnswer =
  | { readonly province: Province }
  /** Three at most, nearest first; empty: nothing comes near. */
  | { readonly suggestions: readonly Province[] }

/** Longest first: 维吾尔自治区 before 自治区. */
const suffixes = ['维吾尔自治区', '壮族自治区', '回族自治区', '特别行政区', '自治区', '省', '市']

/** Names in Latin letters, since a configuration is often written in them. */
const latin: Readonly<Record<string, Province>> = {
  beijing: '北京',
  tianjin: '天津',
  shanghai: '上海',
  chongqing: '重庆',
  hebei: '河北',
  shanxi: '山西',
  liaoning: '辽宁',
  jilin: '吉林',
  heilongjiang: '黑龙江',
  jiangsu: '江苏',
  zhejiang: '浙江',
  anhui: '安徽',
  fujian: '福建',
  jiangxi: '江西',
  shandong: '山东',
  henan: '河南',
  hubei: '湖北',
  hunan: '湖南',
  guangdong: '广东',
  hainan: '海南',
  sichuan: '四川',
  guizhou: '贵州',
  yunnan: '云南',
  shaanxi: '陕西',
  gansu: '甘肃',
  qinghai: '青海',
  taiwan: '台湾',
  innermongolia: '内蒙古',
  neimenggu: '内蒙古',
  guangxi: '广西',
  tibet: '西藏',
  xizang: '西藏',
  ningxia: '宁夏',
  xinjiang: '新疆',
  hongkong: '香港',
  macau: '澳门',
  macao: '澳门',
}

const other: Readonly<Record<string, Province>> = { 内蒙: '内蒙古', 臺灣: '台湾', 澳門: '澳门' }

const known: ReadonlySet<string> = new Set(provinces)
const isProvince = (name: string): name is Province => known.has(name)

/** Characters of what is read at all: much more than the longest name, since people put in spaces. */
const readable = 200

/** Characters of what may have been meant for a province, a city and a street behind it included. */
const comparable = 32

export const normaliseProvince = (name: string): ProvinceAnswer => {
  if (name.length > readable) return { suggestions: [] }
  const written = name.normalize('NFKC').replace(/\s+/gu, '')
  const suffix = suffixes.find(suffix => written.endsWith(suffix) && written.length > suffix.length)
  const short = suffix === undefined ? written : written.slice(0, -suffix.length)
  if (isProvince(short)) return { province: short }
  const spelled = own(other, short) ?? own(latin, short.toLowerCase().replace(/[^a-z]/gu, ''))
  return spelled === undefined ? { suggestions: nearest(short) } : { province: spelled }
}

/** Not what every object has: `constructor` is no province. */
const own = (names: Readonly<Record<string, Province>>, name: string): Province | undefined =>
  Object.hasOwn(names, name) ? names[name] : undefined

const nearest = (short: string): readonly Province[] => {
  if (short.length > comparable) return []
  const letters = short.toLowerCase().replace(/[^a-z]/gu, '')
  const byLetters =
    letters.length < 3 ? [] : inOrder(Object.entries(latin), name => distance(name, letters, 2))
  const sharing = provinces.filter(province => [...province].some(character => short.includes(character)))
  const byCharacters = inOrder(
    sharing.map(province => [province, province] as const),
    name => distance(name, short),
  )
  return [...new Set([...byLetters, ...byCharacters])].slice(0, 3)
}

/** Without those that are infinitely far. */
const inOrder = (
  names: readonly (readonly [string, Province])[],
  awayOf: (name: string) => number,
): readonly Province[] =>
  names
    .map(([name, province]) => ({ province, away: awayOf(name) }))
    .filter(({ away }) => away !== Number.POSITIVE_INFINITY)
    .sort((one, other) => one.away - other.away)
    .map(({ province }) => province)
