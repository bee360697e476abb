// What people call themselves and their devices: mostly Chinese names, and a small share of what breaks tables, spreadsheets and
// terminals. Invented, of nobody.

import { lotOf, type Random } from './random.ts'

const surnames = [
  ...'王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗郑梁谢宋唐许韩冯邓曹彭曾萧田董潘袁蔡蒋余于杜叶程魏苏吕丁任卢姚沈',
]
const given = [
  ...'伟芳娜敏静秀丽强磊洋艳勇军杰娟涛明超霞平刚桂英华玉兰红梅建国文斌宇浩然子轩欣怡梓涵思琪嘉怡佳宁晨曦雨桐',
]
const handles = [
  '小鱼',
  '大橙子',
  '晴天',
  '追风',
  '南山',
  '半夏',
  '阿杰',
  '可乐',
  '老王',
  '糖糖',
  '海边的猫',
  '向阳',
  '一叶知秋',
  '漫步',
]
const english = ['Lily', 'Kevin', 'Summer', 'Jason', 'Coco', 'Leo', 'Vivian', 'Tony', 'Echo', 'Amy']
const emoji = ['🌸', '🐟', '☀️', '🍀', '🎧', '👨‍👩‍👧', '🇨🇳', '💪🏽', '🦊', '✨']
const rightToLeft = ['أحمد', 'מרים', 'سارة العلي', 'דוד 123']
/**
 * What a spreadsheet takes for a formula, and what ends a column or a line. Of line breaks those that the gateway keeps (U+2028):
 * control characters it makes blanks.
 */
const dangerous = [
  '=1+1',
  '+86',
  '-2',
  '@x',
  '=HYPERLINK("x")',
  '"quoted"',
  'a,b;c',
  'two\u2028lines',
  'back\\slash',
  "O'Brien",
  '\\N',
  '%00',
]

const chinese = (random: Random): string =>
  `${random.pick(surnames)}${random.pick(given)}${random.chance(0.7) ? random.pick(given) : ''}`

type Style = (random: Random) => string

const styles = lotOf<Style>([
  [chinese, 52],
  [random => random.pick(handles), 20],
  [random => `${random.pick(emoji)}${chinese(random)}`, 8],
  [random => `${random.pick(english)}${random.chance(0.4) ? random.pick(emoji) : ''}`, 12],
  [random => `${random.pick(handles)}${random.pick(emoji)}${random.pick(emoji)}`, 4],
  [random => random.pick(rightToLeft), 1.5],
  [random => random.pick(dangerous), 2.5],
])

export const nickName = (random: Random): string => styles.draw(random)(random)

const mottos = [
  '做最好的自己',
  '静待花开',
  '生活不止眼前的苟且',
  '忙，勿扰',
  '代购 · 团购 · 包邮',
  'Be water.',
  '=SUM(A1:A9)',
  '有事留言🙏',
  '今天也要加油鸭',
]

export const motto = (random: Random): string | null => (random.chance(0.55) ? random.pick(mottos) : null)

/** No prefix that an operator gave away: nobody has such a number. */
export const phone = (random: Random): string => `100${String(random.below(100_000_000)).padStart(8, '0')}`

export const visibleNumber = (random: Random): string =>
  `${random.pick(english).toLowerCase()}_${String(random.below(1_000_000)).padStart(6, '0')}`

const labels = ['客服', '销售', '运营', '社群', '售后', '直播间', '门店', '备用']

export const label = (random: Random): string | null =>
  random.chance(0.6) ? `${random.pick(labels)}${1 + random.below(40)}` : null
