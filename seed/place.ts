// Where devices are: the 34 provinces, each as often as people live there, with some of its cities. Nothing of exits or proxies.

import type { Province } from '../src/login/provinces.ts'
import { lotOf, type Random } from './random.ts'

export interface Place {
  readonly province: Province
  readonly city: string
}

/** Millions of people, rounded from the census of 2020, and the cities that one meets. */
const people: Readonly<Record<Province, readonly [number, readonly string[]]>> = {
  广东: [126, ['广州', '深圳', '东莞', '佛山', '珠海', '惠州']],
  山东: [102, ['济南', '青岛', '烟台', '潍坊', '临沂']],
  河南: [99, ['郑州', '洛阳', '南阳', '周口']],
  江苏: [85, ['南京', '苏州', '无锡', '南通', '徐州']],
  四川: [84, ['成都', '绵阳', '南充', '宜宾']],
  河北: [75, ['石家庄', '保定', '唐山', '邯郸']],
  湖南: [66, ['长沙', '衡阳', '岳阳', '株洲']],
  浙江: [65, ['杭州', '宁波', '温州', '金华', '义乌']],
  安徽: [61, ['合肥', '芜湖', '阜阳']],
  湖北: [58, ['武汉', '襄阳', '宜昌']],
  广西: [50, ['南宁', '桂林', '柳州']],
  云南: [47, ['昆明', '曲靖', '大理']],
  江西: [45, ['南昌', '赣州', '九江']],
  辽宁: [43, ['沈阳', '大连', '鞍山']],
  福建: [42, ['福州', '厦门', '泉州']],
  陕西: [40, ['西安', '咸阳', '宝鸡']],
  贵州: [39, ['贵阳', '遵义']],
  山西: [35, ['太原', '大同', '运城']],
  重庆: [32, ['重庆']],
  黑龙江: [32, ['哈尔滨', '大庆', '齐齐哈尔']],
  新疆: [26, ['乌鲁木齐', '喀什']],
  甘肃: [25, ['兰州', '天水']],
  上海: [25, ['上海']],
  吉林: [24, ['长春', '吉林']],
  内蒙古: [24, ['呼和浩特', '包头']],
  台湾: [24, ['台北', '高雄']],
  北京: [22, ['北京']],
  天津: [14, ['天津']],
  海南: [10, ['海口', '三亚']],
  香港: [7, ['香港']],
  宁夏: [7, ['银川']],
  青海: [6, ['西宁']],
  西藏: [4, ['拉萨']],
  澳门: [1, ['澳门']],
}

const lot = lotOf(
  Object.entries(people).map(([province, [weight]]) => [province as Province, weight] as const),
)

export const placeOf = (random: Random): Place => {
  const province = lot.draw(random)
  return { province, city: random.pick(people[province][1]) }
}

/** One that many devices are in: what goes wrong there is seen. */
export const populousProvince = (random: Random): Province => {
  for (;;) {
    const province = lot.draw(random)
    if (people[province][0] >= 60) return province
  }
}
