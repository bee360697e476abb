/**
 * How the control API shows the world: phones with what a person sees on them, and the call log.
 */
import type { Account } from '../account.ts'
import type { Device } from '../device.ts'
import { DROPS } from '../drops.ts'
import { POPUPS } from '../words.ts'
import type { World } from '../world.ts'

const person = (account: Account) => ({
  wcId: account.wcId,
  nickName: account.nickName,
  wAccount: account.wAccount,
  avatar: `/mmhead/ver_1/${encodeURIComponent(account.wcId)}/132`,
})

/** One phone: the device it belongs to, who holds it, what it shows and what can be done. */
export const phoneView = (world: World, device: Device) => {
  const phone = world.phone(device.id)
  const shows = phone.look()
  const { attempt } = device
  const playing = world.playing(device.id)
  return {
    deviceId: device.id,
    dialect: device.dialect,
    wId: device.wId,
    holder: person(phone.holder()),
    online: device.online,
    account: device.account === null ? null : person(device.account),
    popup: device.popup,
    recycled: world.isRecycled(device),
    shows,
    qr:
      attempt?.kind === 'qr'
        ? {
            generation: attempt.generation,
            phase: attempt.phase,
            url: attempt.url,
            content: attempt.content,
            deviceType: attempt.deviceType,
            expires: attempt.expires,
          }
        : null,
    proxy: device.proxy === null ? null : device.proxy.ip,
    watch: { ...device.watch, lastPoll: undefined },
    overrides: device.overrides,
    scenario:
      playing === null
        ? null
        : { name: playing.scenario.name, due: playing.due.length, problems: playing.problems },
  }
}

/** Everything, except phones beyond the newest `limit`. */
export const worldView = (world: World, limit: number, search: string) => {
  const fitting = [...world.devices.values()].filter(
    device => search === '' || device.id.includes(search) || device.person.nickName.includes(search),
  )
  return {
    now: world.now(),
    token: world.token,
    switches: world.switches,
    timings: world.timings,
    faults: world.faults.list(),
    popups: POPUPS,
    drops: DROPS,
    totals: world.log.totals(),
    deviceCount: world.devices.size,
    phones: fitting
      .slice(-limit)
      .reverse()
      .map(device => phoneView(world, device)),
  }
}
