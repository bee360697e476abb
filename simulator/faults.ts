/**
 * What goes wrong on the way: faults per endpoint and, where asked, per device, each for some calls or until it is cleared.
 * Decides which fault a call meets; how it is played on the socket is `http/perform.ts`.
 */
import { z } from 'zod'
import { ENDPOINTS, type Endpoint } from './endpoints.ts'

export const FAULT_KINDS = [
  'delay',
  'hang',
  'reset',
  'html502',
  'cutJson',
  'cutBody',
  'wrongTypes',
  'unexpectedCode',
  'answerLost',
  'status',
  'answer',
] as const

export type FaultKind = (typeof FAULT_KINDS)[number]

export const faultSchema = z.strictObject({
  endpoint: z.union([z.literal('*'), z.enum(ENDPOINTS)]),
  kind: z.enum(FAULT_KINDS),
  /** Only calls about this device. */
  deviceId: z.string().optional(),
  /** So many calls meet it; absent: until cleared. */
  times: z.number().int().min(1).optional(),
  /** So many calls pass before the first that meets it. */
  skip: z.number().int().min(0).optional(),
  /** `delay`: how long. */
  ms: z.number().min(0).optional(),
  /** Does the call change the world all the same? Absent: as its kind does by nature. */
  effect: z.enum(['applied', 'none']).optional(),
  /** `status`: the HTTP status and body; `unexpectedCode` and `answer`: code, message and data of the envelope. */
  status: z.number().int().min(200).max(599).optional(),
  body: z.string().optional(),
  code: z.string().optional(),
  message: z.string().optional(),
  data: z.json().optional(),
})

export type FaultSpec = z.infer<typeof faultSchema>

/** A fault in force. `met`: how many calls met it. */
export type Fault = FaultSpec & { readonly id: number; passed: number; met: number }

/** By nature: what was lost or garbled on the way back had its effect, what never arrived had none. */
const EFFECT_BY_NATURE: Readonly<Record<FaultKind, boolean>> = {
  delay: true,
  hang: false,
  reset: false,
  html502: false,
  cutJson: true,
  cutBody: true,
  wrongTypes: true,
  unexpectedCode: false,
  answerLost: true,
  status: false,
  answer: false,
}

export const hasEffect = (fault: FaultSpec): boolean =>
  fault.effect === undefined ? EFFECT_BY_NATURE[fault.kind] : fault.effect === 'applied'

/** The faults in force, oldest first: a call meets the first that fits it, and only that one. */
export class Faults {
  #faults: Fault[] = []
  #last = 0

  add(spec: FaultSpec): Fault {
    const fault: Fault = { ...spec, id: ++this.#last, passed: 0, met: 0 }
    this.#faults.push(fault)
    return fault
  }

  /** The fault that this call meets, if any; counts it, and drops it when its calls are used up. */
  take(endpoint: Endpoint, deviceId: string | null): Fault | null {
    if (this.#faults.length === 0) return null
    for (const fault of this.#faults) {
      if (fault.endpoint !== '*' && fault.endpoint !== endpoint) continue
      if (fault.deviceId !== undefined && fault.deviceId !== deviceId) continue
      if (fault.passed < (fault.skip ?? 0)) {
        fault.passed++
        continue
      }
      fault.met++
      if (fault.times !== undefined && fault.met >= fault.times) this.clear({ id: fault.id })
      return fault
    }
    return null
  }

  /** Ends the faults that fit all that is given; all of them where nothing is. */
  clear(
    which: { readonly id?: number; readonly endpoint?: Endpoint | '*'; readonly deviceId?: string } = {},
  ): void {
    this.#faults = this.#faults.filter(
      fault =>
        (which.id !== undefined && fault.id !== which.id) ||
        (which.endpoint !== undefined && fault.endpoint !== which.endpoint) ||
        (which.deviceId !== undefined && fault.deviceId !== which.deviceId),
    )
  }

  list(): readonly Fault[] {
    return this.#faults
  }
}
