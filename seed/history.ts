// The whole history, in the order in which its logins begin, in batches of rows: who tries where and when, and what follows from how
// each login ended. Pure: the same wish gives the same rows. Where they go is src/db/copy-history.ts.

import { planLogin, termsOf } from '../src/login/plan.ts'
import { presenceRules } from '../src/login/presence.ts'
import { defaultLimits } from '../src/login/terms.ts'
import type { Advisory, AdvisoryCode, Millis, Profile } from '../src/login/vocabulary.ts'
import type { Scene } from './act.ts'
import { day, hour, minute, momentIn, monthAt, type Quota, quotasOf, tirednessAt } from './calendar.ts'
import { choose, strategies, tryAgain } from './choice.ts'
import { type Device, factsOf, keyName, moveExit, remember, reset } from './device.ts'
import type { ProviderName } from './dialect.ts'
import { type Dropping, dropsAtOnce, dropsBefore } from './drop.ts'
import { dueList } from './due.ts'
import { Fleet } from './fleet.ts'
import { idAt } from './id.ts'
import { type Incident, incidentsOf, runningOf } from './incident.ts'
import { mayBeNeglected, neglectOf } from './neglect.ts'
import { type Person, profileNow } from './person.ts'
import { type Play, playOf } from './play.ts'
import { type Random, randomFrom } from './random.ts'
import { referenceOf } from './reference.ts'
import { type AccountRow, noRows, type Rows } from './rows.ts'
import { signsIn } from './sign-in.ts'
import { perform } from './story.ts'

export interface Wish {
  readonly logins: number
  readonly days: number
  readonly seed: string
  readonly tenant: string
  readonly providers: readonly ProviderName[]
  /** Everything has ended by then; milliseconds since 1970. */
  readonly until: Millis
  /** Told of each login before it is played: tests listen. */
  readonly onPlay?: (play: Play) => void
}

export interface Batch {
  readonly rows: Rows
  /** So far. */
  readonly logins: number
}

/** Longer than any login. */
const longest = 20 * minute
/** Few enough that their rows are gone again before they grow old: the collector's work is a third of all. */
const batchOf = 250
const lasting: readonly AdvisoryCode[] = ['RECYCLES_SOON', 'USE_PUSH_FIRST']

interface Again {
  readonly device: Device
  readonly continues: string | null
}

export class History {
  readonly #wish: Wish
  readonly #random: Random
  readonly #from: Millis
  readonly #last: Millis
  readonly #incidents: readonly Incident[]
  readonly #bursts: readonly Incident[]
  readonly #fleet: Fleet
  readonly #accounts = new Set<AccountRow>()
  /** When a device is taken away and left so, the next one last. */
  readonly #neglect: Millis[]
  readonly #again = dueList<Again>()
  #rows: Rows = noRows()
  #logins = 0
  readonly #running: (at: Millis) => readonly Incident[]

  constructor(wish: Wish) {
    this.#wish = wish
    this.#random = randomFrom(`${wish.seed}/logins`)
    this.#from = wish.until - wish.days * day
    this.#last = wish.until - longest
    this.#incidents = incidentsOf(randomFrom(`${wish.seed}/incidents`), {
      from: this.#from,
      to: this.#last,
      providers: wish.providers,
    })
    this.#running = runningOf(this.#incidents)
    this.#bursts = this.#incidents.filter(({ kind }) => kind === 'DROPS')
    const devices = Math.max(2, Math.ceil(wish.logins / 60), Math.ceil(wish.logins / (wish.days * 4)))
    this.#fleet = new Fleet({ ...wish, devices, from: this.#from, last: this.#last })
    this.#neglect = neglectOf(randomFrom(`${wish.seed}/neglect`), {
      from: this.#from,
      to: this.#last,
      devices,
    })
  }

  get incidents(): readonly Incident[] {
    return this.#incidents
  }

  *batches(): Generator<Batch> {
    const quotas = quotasOf(randomFrom(`${this.#wish.seed}/days`), this.#wish.logins, this.#from, this.#last)
    for (const quota of quotas) {
      this.#fleet.housekeeping(this.#random, this.#rows, quota)
      for (const at of this.#moments(quota)) {
        this.#next(at)
        if (this.#rows.login.length >= batchOf) yield this.#batch()
      }
    }
    this.#ends()
    yield this.#batch()
  }

  #batch(): Batch {
    const rows = this.#rows
    this.#rows = noRows()
    return { rows, logins: this.#logins }
  }

  #moments(quota: Quota): readonly Millis[] {
    const moments = new Float64Array(quota.logins)
    for (let index = 0; index < quota.logins; index += 1) moments[index] = momentIn(this.#random, quota)
    return [...moments.sort()]
  }

  get #dropping(): Dropping {
    return { random: this.#random, rows: this.#rows, bursts: this.#bursts }
  }

  /** The next login begins: a second try that is due takes the place of the one that was meant for this moment. */
  #next(at: Millis): void {
    this.#fleet.arrive(this.#rows, at)
    for (let due = this.#again.take(at); due !== null; due = this.#again.take(at)) {
      const { device, continues } = due.item
      device.awaited = false
      if (this.#login(device, due.at, continues)) return
    }
    for (let attempt = 0; attempt < 12; attempt += 1) {
      const device = this.#fleet.somewhere(this.#random)
      if (device !== null && this.#login(device, at, null)) return
    }
    // All are busy: one more device.
    const device = this.#fleet.register(this.#rows, at - minute)
    device.free = at
    if (!this.#login(device, at, null)) throw new Error('A new device refuses its first login')
  }

  /** False: it does not come to a login there and then. */
  #login(device: Device, at: Millis, continues: string | null): boolean {
    const random = this.#random
    const wish = this.#wish
    if (device.free > at || device.person.free > at) return false
    if (device.open !== null) {
      if (at - device.open.began < 15 * minute) return false
      if (!random.chance(0.02)) dropsBefore(this.#dropping, device, at, false)
      if (device.open !== null && device.openOf !== device.person) return false
    }
    const facts = factsOf(device, at)
    const strategy = strategies.draw(random)
    const asked = { strategy, deviceType: device.row.deviceType, expectedWcId: device.row.knownWcId }
    const rules = { capabilities: device.dialect.capabilities, limits: defaultLimits, now: at }
    const plan = planLogin(facts, asked, rules)
    if (plan.refusal !== null) return false
    const terms = termsOf(facts, asked, plan, { ...rules, deadlines: device.dialect.deadlines })
    const incidents = this.#running(at)
    let story = choose(random, device, plan, { at, incidents })
    // Who is replaced has a successor, which must be allowed and must be told.
    const mayBeReplaced =
      device.logins.length < 4 &&
      device.qrCodes.length < 4 &&
      at < this.#last - 10 * minute &&
      wish.logins - this.#logins > Math.max(20, wish.logins / 1_000)
    if (story === 'SUPERSEDED' && !mayBeReplaced) story = 'CANCELLED'
    if (at >= (this.#neglect.at(-1) ?? Number.POSITIVE_INFINITY) && mayBeNeglected(device, plan, story)) {
      this.#neglect.pop()
      device.neglected = true
      story = 'RESET_REQUIRED'
    }
    const id = idAt(random, at)
    const play = playOf(terms, {
      id,
      month: monthAt(at),
      tenant: wish.tenant,
      deviceId: device.row.id,
      provider: device.row.provider,
      province: device.row.province,
      proxied: device.row.proxyHost !== null,
      startedBy: keyName(random),
      reference: referenceOf(random, at),
      continues,
      advisories: plan.reasons.filter(({ code }: Advisory) => lasting.includes(code)),
    })
    wish.onPlay?.(play)
    let wrong: Person | null = null
    const person = story === 'ALREADY_SIGNED_IN' ? profileThere(device) : profileNow(random, device.person)
    const scene: Scene = {
      play,
      random,
      dialect: device.dialect,
      person,
      stranger: () => {
        const other = this.#fleet.stranger(random, device, at)
        wrong = other
        return profileNow(random, other)
      },
      tiredness: tirednessAt(at),
    }
    perform(story, scene)
    this.#keep(device, play)
    this.#follow(device, play, play.signedIn, wrong)
    return true
  }

  #keep(device: Device, play: Play): void {
    const rows = this.#rows
    rows.login.push(play.login)
    for (const event of play.events) rows.loginEvent.push(event)
    if (play.scanner !== null)
      rows.scanner.push({
        loginId: play.login.id,
        tenant: play.login.tenant,
        nickName: play.scanner.nickName,
        pictureId: null,
      })
    this.#logins += 1
    remember(device, play.login)
  }

  #follow(device: Device, play: Play, profile: Profile | null, wrong: Person | null): void {
    const { login } = play
    const random = this.#random
    const ended = play.now
    const confirmed = login.state === 'CONFIRMED'
    if (profile !== null) {
      const person = wrong !== null && wrong.wcId === profile.wcId ? wrong : device.person
      const made = login.reason === 'SIGNED_IN'
      signsIn(
        random,
        this.#rows,
        device,
        {
          person,
          profile,
          at: ended,
          loginId: made ? login.id : null,
          confirmed,
          asMac: made && login.deviceType === 'MAC',
          foundBy: login.reason === 'WRONG_ACCOUNT' ? 'WRONG_ACCOUNT' : null,
        },
        id => this.#fleet.byId(id),
      )
      if (person.account !== null) this.#accounts.add(person.account)
      if (confirmed) login.accountId = person.account?.id ?? null
      if (made && random.chance(0.012)) {
        dropsAtOnce(this.#dropping, device)
        // Another exit, and once more.
        if (random.chance(0.6)) {
          const moved = device.free + Math.round(random.logNormal(20 * minute, 0.7, 2 * minute, 5 * hour))
          if (moved < this.#last) {
            moveExit(random, this.#rows, device, moved)
            this.#tryAgain(device, moved + 30_000, null)
          }
        }
        return
      }
    }
    const { reason } = login
    if (reason === null) throw new Error('A login was played and has not ended')
    if (reason === 'DEVICE_RESET_REQUIRED') device.row.resetRequired = true
    if (device.neglected) return
    const [often, seconds] = tryAgain[reason]
    if (!random.chance(often)) {
      if (reason === 'DEVICE_RESET_REQUIRED') this.#resets(device, ended + 8 * hour)
      return
    }
    if (reason === 'SUPERSEDED') {
      this.#tryAgain(device, ended, null)
      return
    }
    const pause = random.logNormal(seconds * 1_000, 0.8, 5_000, 6 * hour)
    // What is before the person stays there for a while (S0:7).
    const at = Math.max(ended + Math.round(pause), (login.promptUntil ?? 0) + 1_500)
    if (at >= this.#last) return
    if (reason === 'DEVICE_RESET_REQUIRED') this.#resets(device, at - 2_000)
    if (reason === 'WRONG_ACCOUNT') dropsBefore(this.#dropping, device, at, true)
    this.#tryAgain(device, at, confirmed || !random.chance(0.8) ? null : login.id)
  }

  #resets(device: Device, at: Millis): void {
    if (at < this.#last) reset(this.#random, this.#rows, device, at)
  }

  #tryAgain(device: Device, at: Millis, continues: string | null): void {
    if (at >= this.#last) return
    device.awaited = true
    this.#again.add(at, { device, continues })
  }

  /** Some are gone by the end; the others are seen signed in a moment before it. */
  #ends(): void {
    for (const device of this.#fleet.all) {
      const { until } = this.#wish
      if (device.open !== null && until - device.open.began > hour && this.#random.chance(0.3))
        dropsBefore(this.#dropping, device, until)
      const { open, openOf } = device
      if (open !== null) {
        this.#rows.signIn.push(open)
        const seen = Math.max(
          open.began,
          until - Math.round(this.#random.between(0, presenceRules.holds / 10)),
        )
        device.row.lastSeenSignedIn = Math.max(device.row.lastSeenSignedIn ?? 0, seen)
        if (openOf !== null && openOf.account !== null)
          openOf.account.presenceAsOf = Math.max(openOf.account.presenceAsOf, seen)
      }
    }
  }

  /** Devices and accounts as they are in the end; asked for after the last batch. */
  final(): Pick<Rows, 'account' | 'device'> {
    return { device: this.#fleet.all.map(({ row }) => row), account: [...this.#accounts] }
  }
}

/** Whoever is signed in is told of as at the sign-in: no new handle. */
const profileThere = ({ person }: Device): Profile => ({
  ...person.profile,
  instanceId: person.account?.instanceId ?? null,
})
