// One login from its first update to its end: takes updates in, keeps the view, does what is chosen.
// Refuses to know sockets, escape sequences and exit statuses; all that it touches is handed in.

import type { Login, LoginUpdate } from './answers.ts'
import { anchorAt, secondsLeft } from './countdown.ts'
import type { Gateway } from './gateway.ts'
import type { Reading } from './input.ts'
import type { Choice, Deed } from './keys.ts'
import type { Phone } from './phone.ts'
import type { Surface } from './surface.ts'
import type { View } from './view.ts'

export interface Parts {
  readonly gateway: Gateway
  readonly watch: (
    signal: AbortSignal,
    onConnection: (lost: string | null) => void,
  ) => AsyncIterable<LoginUpdate>
  readonly surface: Surface
  readonly input: Reading
  /** Calls back at each signal to stop (Ctrl-C where there is no terminal); answers with what takes that away. */
  readonly onInterrupt: (listener: () => void) => () => void
  /** Null on a real upstream. Asked for again when the gateway is back: its simulator may be on another port then. */
  readonly findPhone: () => Promise<Phone | null>
  readonly autoPhone: boolean
  /** False: the upstream tells of no scan, so that the phone goes on by itself. */
  readonly scansAreTold: boolean
  /** A monotonic reading in milliseconds. */
  readonly local: () => number
}

export interface Followed {
  /** As last seen; without an outcome where this terminal was left before the end. */
  readonly login: Login
  /** Somebody here pressed q or Ctrl-C. */
  readonly quit: boolean
  /** It ended well before what it waited for would have lapsed. */
  readonly hadTime: boolean
}

/** How long a cancelled login may take to say so before this terminal is left. */
const FAREWELL_MS = 5_000
/** Nearer to its deadline than this, a login may have ended by the upstream's own clock. */
const CLOSE_SECONDS = 15

/** Throws Refusal where the gateway will not tell any more. */
export async function follow(started: Login, parts: Parts): Promise<Followed> {
  const { gateway, surface, local } = parts
  const over = new AbortController()
  let phone = await parts.findPhone().catch(() => null)
  let view: View = {
    login: started,
    anchor: null,
    lost: null,
    note: null,
    typed: canType(started) ? '' : null,
    phone: phone && { page: phone.page, screen: null },
  }
  let quit = false
  let hadTime = false
  let last: Promise<unknown> = Promise.resolve()
  const pending = new Set<string>()
  let farewell: NodeJS.Timeout | undefined

  const change = (part: Partial<View>) => {
    view = { ...view, ...part }
    surface.show(view)
  }

  const take = (update: LoginUpdate) => {
    const { login } = update
    if (login.sequence < view.login.sequence && !update.resync) return
    const anchor = anchorAt(update.serverTime, local())
    if (login.outcome !== null && view.login.outcome === null)
      hadTime = (secondsLeft(view.login.deadlineAt, anchor, local()) ?? 0) > CLOSE_SECONDS
    change({
      login,
      anchor,
      note: update.event === null ? view.note : null,
      typed: !canType(login) ? null : canType(view.login) ? view.typed : '',
    })
  }

  /** Runs one thing after another, and none that waits already; what goes wrong becomes the note. */
  const attempt = (name: string, work: () => Promise<unknown>): Promise<boolean> => {
    if (pending.has(name)) return Promise.resolve(false)
    pending.add(name)
    const done = last
      .then(work)
      .then(() => true)
      .catch((error: unknown) => {
        change({ note: error instanceof Error ? error.message : String(error) })
        return false
      })
      .finally(() => pending.delete(name))
    last = done
    return done
  }

  const useThePhone = (deed: Deed) =>
    attempt(deed, async () => {
      if (phone === null) return
      change({ note: null, phone: { page: phone.page, screen: await phone.do(deed, view.login) } })
    })

  /** The line is put away before the answer comes: a code that is refused at once opens a new one. */
  const submit = async (code: string) => {
    change({ typed: null })
    const sent = await attempt(`code ${code}`, () => gateway.submitCode(started.id, code))
    if (!sent && canType(view.login)) change({ typed: '' })
  }

  const leave = async () => {
    if (quit) return over.abort()
    quit = true
    change({ note: 'Cancelling… (once more leaves at once)' })
    try {
      await gateway.act('CANCEL', started.id)
      farewell = setTimeout(() => over.abort(), FAREWELL_MS)
    } catch (error) {
      surface.say(`Not cancelled: ${error instanceof Error ? error.message : String(error)}`)
      over.abort()
    }
  }

  const carryOut = async (choice: Choice | null) => {
    if (choice === null) return
    if (choice.kind === 'quit') await leave()
    else if (choice.kind === 'phone') await useThePhone(choice.deed)
    else if (choice.kind === 'type') change({ typed: choice.typed, note: null })
    else if (choice.kind === 'act') await attempt(choice.action, () => gateway.act(choice.action, started.id))
    else await submit(choice.code)
  }

  const lookAtThePhone = async () => {
    if (phone === null || over.signal.aborted) return
    const screen = await phone.look(view.login)
    if (over.signal.aborted) return
    change({ phone: { page: phone.page, screen } })
    const due = parts.autoPhone ? nextDeed(view, parts.scansAreTold) : null
    if (due !== null) await useThePhone(due)
  }

  const onConnection = (lost: string | null) => {
    change({ lost })
    if (lost !== null) return
    void parts.findPhone().then(found => {
      phone = found ?? phone
    }, ignore)
  }

  const stopReading = parts.input(input => void carryOut(surface.choose(view, input)))
  const stopInterrupts = parts.onInterrupt(() => void leave())
  const tick = setInterval(() => {
    surface.show(view)
    void lookAtThePhone()
  }, 1_000)
  try {
    surface.show(view)
    for await (const update of parts.watch(over.signal, onConnection)) {
      take(update)
      surface.tell(update)
      void lookAtThePhone()
    }
  } finally {
    over.abort()
    clearInterval(tick)
    clearTimeout(farewell)
    stopInterrupts()
    stopReading()
    surface.close()
  }
  return { login: view.login, quit, hadTime }
}

/** A line for the code is open as soon as there may be one, also where somebody else reported the prompt. */
function canType({ allowedActions }: Login): boolean {
  return allowedActions.includes('SUBMIT_CODE')
}

/** The phone is a convenience: the login goes on without it. */
function ignore(): void {}

/** What a phone that plays along does now; only after the gateway has seen the step before, so that every step is shown. */
function nextDeed({ login, phone }: View, scansAreTold: boolean): Deed | null {
  const can = phone?.screen?.can ?? []
  if (login.state === 'AWAITING_SCAN' && can.includes('scan')) return 'scan'
  const isScanned =
    login.state === 'AWAITING_CONFIRMATION' || (login.state === 'AWAITING_SCAN' && !scansAreTold)
  if (isScanned && can.includes('confirm')) return 'confirm'
  return null
}
