/**
 * A named scenario: where the world starts, what the phone does, what the caller does, and what the gateway must then tell.
 * Only the first two are played here; `client`, `gateway`, `expect` and `upstream` are for the tests that run it against a gateway.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { z } from 'zod'
import { DROP_WAYS } from './drops.ts'
import { ENDPOINTS } from './endpoints.ts'
import { faultSchema } from './faults.ts'
import { HAPPENINGS, type Moment } from './moments.ts'
import { settingsSchema, switchesSchema, timingsSchema } from './settings.ts'
import { POPUPS, type PopupName } from './words.ts'

const momentSchema = z
  .string()
  .refine((value): value is Moment => isMoment(value), { error: 'not a moment of the simulator' })

const isMoment = (value: string): boolean => {
  if ((HAPPENINGS as readonly string[]).includes(value)) return true
  const [verb, endpoint] = value.split(':')
  return (
    (verb === 'asked' || verb === 'answered') && (ENDPOINTS as readonly string[]).includes(endpoint ?? '')
  )
}

export const popupSchema = z.union([
  z.enum(Object.keys(POPUPS) as [PopupName, ...PopupName[]]),
  z.strictObject({ text: z.string().nullable() }),
])

const profileSchema = z.strictObject({
  wAccount: z.string().optional(),
  nickName: z.string().optional(),
  country: z.string().optional(),
  city: z.string().optional(),
  signature: z.string().optional(),
  sex: z.number().int().optional(),
})

/** One thing that a phone, or somebody behind the scenes, does. */
export const deedSchema = z.discriminatedUnion('do', [
  z.strictObject({ do: z.literal('scan'), as: z.string().optional() }),
  z.strictObject({ do: z.literal('confirm') }),
  z.strictObject({ do: z.literal('decline') }),
  z.strictObject({ do: z.literal('askForCode'), code: z.string().optional() }),
  z.strictObject({ do: z.literal('askForNewDevice') }),
  z.strictObject({ do: z.literal('solveSlider') }),
  z.strictObject({ do: z.literal('goOffline'), popup: popupSchema.optional() }),
  z.strictObject({ do: z.literal('drop'), way: z.enum(DROP_WAYS) }),
  z.strictObject({ do: z.literal('changeProfile'), profile: profileSchema }),
  /** A callback with a chat message, or with many. */
  z.strictObject({
    do: z.literal('chat'),
    content: z.string().optional(),
    messageType: z.union([z.string(), z.number()]).optional(),
    times: z.number().int().min(1).max(10_000).optional(),
  }),
  z.strictObject({ do: z.literal('killQr') }),
  z.strictObject({ do: z.literal('forget') }),
  z.strictObject({ do: z.literal('recycle') }),
  z.strictObject({ do: z.literal('killToken') }),
  z.strictObject({ do: z.literal('set'), ...settingsSchema.shape }),
  z.strictObject({ do: z.literal('addFault'), fault: faultSchema }),
  z.strictObject({ do: z.literal('clearFaults') }),
])

export type Deed = z.infer<typeof deedSchema>

const stepSchema = z.intersection(
  z.object({
    when: momentSchema,
    /** Only while the device is at this QR generation. */
    generation: z.number().int().min(1).optional(),
    /** The n-th such moment since the scenario began; absent: the first that fits. */
    nth: z.number().int().min(1).optional(),
    /** Milliseconds after the moment. */
    after: z.number().min(0).optional(),
  }),
  z.looseObject({ do: z.string() }),
)

/** A deed and when it is due; each happens once. */
export type Step = {
  readonly when: Moment
  readonly generation?: number | undefined
  readonly nth?: number | undefined
  readonly after?: number | undefined
  readonly deed: Deed
}

const scriptSchema = z.array(
  stepSchema.transform((raw, context): Step => {
    const { when, generation, nth, after, ...rest } = raw
    const deed = deedSchema.safeParse(rest)
    if (deed.success) return { when, generation, nth, after, deed: deed.data }
    context.addIssue({ code: 'custom', message: z.prettifyError(deed.error) })
    return z.NEVER
  }),
)

const LOGIN_STATES = [
  'STARTING',
  'AWAITING_SCAN',
  'AWAITING_CONFIRMATION',
  'AWAITING_CODE',
  'VERIFYING_CODE',
  'AWAITING_SLIDER',
  'CONFIRMED',
  'EXPIRED',
  'REJECTED',
  'CANCELLED',
  'FAILED',
] as const

const DEADLINES = [
  'starting',
  'qrCode',
  'push',
  'confirmationAtLeast',
  'code',
  'verifying',
  'qrCodeShown',
  'slider',
  'afterSlider',
  'whole',
  'call',
] as const

const EVENTS = [
  'LoginStarted',
  'QrCodeIssued',
  'PushSent',
  'QrCodeScanned',
  'VerifyCodeRequired',
  'VerifyCodePromptWithdrawn',
  'VerifyCodeSubmitted',
  'VerifyCodeRejected',
  'VerifyCodeUnanswered',
  'SliderRequired',
  'SliderReportedSolved',
  'MethodChanged',
  'PollingDegraded',
  'PollingRecovered',
  'LoginEnded',
] as const

/** What the caller does, and upon what: an event or a state of the login, or what the person sees on the phone. */
const clientStepSchema = z.strictObject({
  when: z.union([
    z.strictObject({ event: z.enum(EVENTS), nth: z.number().int().min(1).optional() }),
    z.strictObject({ state: z.enum(LOGIN_STATES), nth: z.number().int().min(1).optional() }),
    z.strictObject({ moment: momentSchema, nth: z.number().int().min(1).optional() }),
  ]),
  after: z.number().min(0).optional(),
  do: z.enum([
    'reportCodePrompt',
    'withdrawCodePrompt',
    'submitVerifyCode',
    'reportNewDevicePrompt',
    'reportSliderSolved',
    'refreshQrCode',
    'cancelLogin',
  ]),
  /** `submitVerifyCode`: `shown` is the one on the phone, `wrong` one that is not, else this very text. */
  code: z.string().optional(),
})

const expectationSchema = z
  .strictObject({
    event: z.enum(EVENTS),
    /** The state that it leads to. */
    state: z.enum(LOGIN_STATES).optional(),
    /** Fields of the event that must read so; objects are matched in part. */
    fields: z.record(z.string(), z.json()).optional(),
    /** May be left out by a gateway that is right all the same. */
    optional: z.literal(true).optional(),
    /** Lines of docs/open-dialect.md: P or S. */
    because: z.string().min(3),
  })
  .refine(expected => expected.optional === true || expected.state !== undefined, {
    error: 'a state is needed',
  })

const ms = z.number()

const bodySchema = z.strictObject({
  name: z.string().regex(/^[a-z0-9-]+$/),
  description: z.string().min(10),
  dialect: z.enum(['open', 'ipad']),
  switches: switchesSchema.partial().optional(),
  timings: timingsSchema.partial().optional(),
  faults: z.array(faultSchema.omit({ deviceId: true })).optional(),
  startsWith: z
    .strictObject({
      /** `unknown`: the upstream has forgotten it. */
      device: z.enum(['new', 'known', 'recycled', 'unknown']).optional(),
      /** Who was, or with `online` is, signed in: `owner`, `stranger`, or a name. */
      account: z.string().optional(),
      online: z.boolean().optional(),
      popup: popupSchema.optional(),
    })
    .optional(),
  script: scriptSchema,
  /** Sign-ins that end by themselves, so many milliseconds after they began; without: as usual for that way. */
  drops: z
    .array(
      z.strictObject({
        way: z.enum(DROP_WAYS),
        after: ms.min(1).optional(),
        /** The n-th sign-in since the scenario began; 0: the one of `startsWith`. Absent: the first. */
        signIn: z.number().int().min(0).optional(),
      }),
    )
    .optional(),
  client: z.strictObject({
    strategy: z.enum(['AUTO', 'QR_CODE', 'PUSH']),
    deviceType: z.enum(['IPAD', 'MAC']).optional(),
    /** A person's word as in `scan`; the runner puts the wcId in. */
    expects: z.string().optional(),
    province: z.string().optional(),
    proxied: z.boolean().optional(),
    steps: z.array(clientStepSchema).optional(),
  }),
  gateway: z
    .strictObject({
      /** The gateway has seen the account of `startsWith` signed in on this device. */
      knowsAccount: z.boolean().optional(),
      /** That account's first day there is over: no drop is to be expected, and a push is worth a try (S4:21). */
      firstDayOver: z.boolean().optional(),
      /** Milliseconds, by the gateway's own names; `call`: how long one short call may take. */
      deadlines: z.partialRecord(z.enum(DEADLINES), z.number().min(1)).optional(),
    })
    .optional(),
  expect: z.array(expectationSchema).min(1),
  /** What the call log must show at the end. */
  upstream: z
    .strictObject({
      calls: z.partialRecord(z.enum(ENDPOINTS), z.number().int().min(0)).optional(),
      sent: z
        .array(
          z.strictObject({
            endpoint: z.enum(ENDPOINTS),
            nth: z.number().int().min(1),
            params: z.record(z.string(), z.string().nullable()),
          }),
        )
        .optional(),
      /** At most so many. */
      pollsAfterSuccess: z.number().int().min(0).optional(),
      /** `ipad`: at most so many polls without a code after an answer that asked for one: by the person's word that none is asked for. */
      pollsWhileCodeAsked: z.number().int().min(0).optional(),
      /** `ipad`: at most so many polls after a slider that nobody has solved: the last look at it. */
      pollsWhileSliderShown: z.number().int().min(0).optional(),
      /** At most so many QR codes beside a person who acts: by that person's word, or after a prompt that lapsed here first. */
      qrCodesWhileActing: z.number().int().min(0).optional(),
    })
    .optional(),
})

const scenarioSchema = bodySchema.extend({
  /** The same story under other switches: each becomes a scenario `name-variant`. */
  variants: z
    .array(z.strictObject({ name: z.string().regex(/^[a-z0-9-]+$/), switches: switchesSchema.partial() }))
    .optional(),
})

export type Scenario = z.infer<typeof bodySchema>

/** The scenarios that a file's JSON holds: one, or one per variant. Throws with every problem in plain words. */
export const parseScenarios = (json: unknown, file: string): readonly Scenario[] => {
  const parsed = scenarioSchema.safeParse(json)
  if (!parsed.success) throw new Error(`${file} is no scenario:\n${z.prettifyError(parsed.error)}`)
  const { variants, ...scenario } = parsed.data
  if (variants === undefined) return [scenario]
  return variants.map(variant => ({
    ...scenario,
    name: `${scenario.name}-${variant.name}`,
    switches: { ...scenario.switches, ...variant.switches },
  }))
}

/** Every scenario beside this file, by name. */
export const loadScenarios = (
  folder: URL = new URL('./scenarios/', import.meta.url),
): ReadonlyMap<string, Scenario> => {
  const found = new Map<string, Scenario>()
  for (const file of readdirSync(folder).sort()) {
    if (!file.endsWith('.json')) continue
    const json: unknown = JSON.parse(readFileSync(new URL(file, folder), 'utf8'))
    for (const scenario of parseScenarios(json, file)) found.set(scenario.name, scenario)
  }
  return found
}
