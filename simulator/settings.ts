/**
 * The switches (what nobody knows about the upstream, P 6, and what may go wrong without a fault) and the timings.
 * One set for the whole simulator, and overrides per device, so that scenarios can run side by side.
 */
import { z } from 'zod'
import { DROP_WAYS } from './drops.ts'
import { GUESSED, SAID } from './words.ts'

const text = z.string().max(500)

export const switchesSchema = z.strictObject({
  /** Each way of saying nothing: of `checkLoginShort` before a scan (P 6.1), of every empty answer on `ipad` (P 1). */
  emptyAnswer: z.enum(['nullFields', 'emptyFields', 'missingFields', 'nullData', 'emptyString', 'space']),
  /** The avatar's field in the answer after a scan (P 3.3, last row). */
  avatarField: z.enum(['smallHeadImgUrl', 'smallHeadImageUrl', 'both']),
  /** Only the avatar is promised after a scan (P 3.3); some upstreams may tell the name too. */
  scanShowsNickName: z.boolean(),
  /** Code and text of a dead QR code (P 6.1). */
  deadCode: z.string(),
  deadText: text,
  /** How a "no" on the phone reads in a poll: its own text, the dead text, or as if nothing had happened (P 6). */
  declineShows: z.enum(['text', 'dead', 'silent']),
  declineText: text,
  /** Does `loginAgain` block until it is decided (P 6.2)? */
  pushBlocks: z.boolean(),
  /** Whether `loginAgain` puts a box on the phone at all (S0:7). */
  push: z.enum(['shows', 'refused']),
  pushRefusedText: text,
  pushDeclinedText: text,
  pushLapsedText: text,
  /** What a poll answers while the box is on the phone. */
  pollDuringPush: z.enum(['empty', 'dead']),
  /** Which poll makes a later code worthless (P 6.4): none, one made after the code page appeared, any at all. */
  codeVoidedByPoll: z.enum(['never', 'afterPage', 'always']),
  codeWrongText: text,
  codeVoidText: text,
  /** `unknown`: 未知异常, which is not offline (P 3.2). */
  isOnline: z.enum(['truth', 'unknown']),
  /** Is one of province, proxy and ttuid demanded (S2:31)? */
  exitRequired: z.boolean(),
  exitMissingText: text,
  proxy: z.enum(['works', 'fails']),
  proxyFailedText: text,
  /** Answer to creating a device that exists (P 6.3). */
  duplicateDevice: z.enum(['fails', 'succeeds']),
  unknownDeviceText: text,
  resetRequiredText: text,
  /** Are JSON bodies understood (P 6.3)? Form bodies always are. */
  acceptsJson: z.boolean(),
  /** How a dead token is told (P 6.8). */
  unauthorizedStatus: z.number().int().min(200).max(599),
  unauthorizedText: text,
  /** `code` is a string in every example; older tables say int (P 1). */
  codesAs: z.enum(['string', 'number']),
  /** Every example says `message`, every table `msg` (P 1). */
  textField: z.enum(['message', 'msg']),
  /** Format of `expireTime` and `lastLoginTime` (P 6.3). */
  timeFormat: z.enum(['text', 'epochMs']),
  /** Popup texts as the list has them, or with device and date filled in. */
  popups: z.enum(['verbatim', 'filled']),
  /** Does a sign-in put the same account off its other device here (S2:7)? */
  oneDevicePerAccount: z.boolean(),
  /** `ipad`: what a poll says of a QR code that died, at the end of its window too (P 2.2: 二维码已过期; S4:77: 失败). */
  expiredText: text,
  /** `ipad`: what is said of a wId that nobody knows (P 6.5). */
  unknownHandleText: text,
  /** `ipad`: how the code is asked for (P 2.2: two spellings), or that only the phone shows it. */
  codePrompt: z.enum(['iPad', 'ipad', 'silent']),
  /** `ipad`: does the right code sign in (S4:18), or must the person confirm after it? */
  codeCompletes: z.enum(['login', 'asksToConfirm']),
  /** `ipad`: what a wId is answered whose login is finished (P 6.5). */
  finishedHandle: z.enum(['profile', 'failed', 'expired']),
  /** `ipad`: does a confirmation bring a new wId (S1:34), or keep the one that was polled? */
  handleAfterSignIn: z.enum(['rotates', 'stays']),
  /**
   * `ipad`: after a confirmation the polled wId is unknown, and an account on its first sign-in is not listed either, so that
   * nothing can find it: `unheard` only where the answer did not get through, `always` in any case.
   */
  forgetsHandle: z.enum(['never', 'unheard', 'always']),
  /** `ipad`: a second poll of one wId beside the first (P 6.6): harmless, or the attempt is killed and the account dropped. */
  overlappingPolls: z.enum(['tolerated', 'punished']),
  /** `ipad`: does a poll whose client has gone end, or go on and sign in unheard (P 2.2)? */
  abandonedPolls: z.enum(['end', 'goOn']),
  /** `ipad`: after which scans a slider must be solved (S4:19), and how many of them. */
  slider: z.enum(['never', 'onMac', 'always']),
  sliders: z.number().int().min(1).max(99),
  /** `ipad`: a push that came to nothing is told inside a success, or outright (S1:77, S1:83). */
  pushFailure: z.enum(['nested', 'outer']),
  /** `ipad`: how `isOnline` tells (P 2.1): in a field under 1000, or by 1000 and 1001. */
  onlineTold: z.enum(['flag', 'code']),
  /** `ipad`: an offline reason as the popup's text, or as JSON with nested XML (P 2.6). */
  offlineReasonAs: z.enum(['text', 'nested']),
  /** How each sign-in ends by itself, `dropAfterMs` later; `firstNight` only the first on a new device. */
  dropsAfterSignIn: z.enum(['never', ...DROP_WAYS]),
  /** One account in so many drops each `dropPeriodMs`, in turns; 0: none. Not for one device. */
  dropEvery: z.number().int().min(0),
  dropWay: z.enum(DROP_WAYS),
  /** How a drop is called back (P 2.6, P 3.5: only sometimes, twice, about a sign-in of before), where somebody wants to know. */
  callbacks: z.enum(['sent', 'doubled', 'stale', 'late', 'none']),
})

export type Switches = z.infer<typeof switchesSchema>

export const defaultSwitches: Switches = {
  emptyAnswer: 'nullFields',
  avatarField: 'smallHeadImgUrl',
  scanShowsNickName: false,
  deadCode: '1001',
  deadText: SAID.dead,
  declineShows: 'dead',
  declineText: GUESSED.declined,
  pushBlocks: true,
  push: 'shows',
  pushRefusedText: SAID.pushRefused,
  pushDeclinedText: SAID.pushRefused,
  pushLapsedText: GUESSED.pushLapsed,
  pollDuringPush: 'empty',
  codeVoidedByPoll: 'never',
  codeWrongText: GUESSED.codeWrong,
  codeVoidText: GUESSED.codeVoid,
  isOnline: 'truth',
  exitRequired: true,
  exitMissingText: GUESSED.exitMissing,
  proxy: 'works',
  proxyFailedText: GUESSED.proxyFailed,
  duplicateDevice: 'fails',
  unknownDeviceText: GUESSED.unknownDevice,
  resetRequiredText: GUESSED.resetRequired,
  acceptsJson: true,
  unauthorizedStatus: 401,
  unauthorizedText: GUESSED.unauthorized,
  codesAs: 'string',
  textField: 'message',
  timeFormat: 'text',
  popups: 'verbatim',
  oneDevicePerAccount: true,
  expiredText: SAID.expired,
  unknownHandleText: SAID.failed,
  codePrompt: 'iPad',
  codeCompletes: 'login',
  finishedHandle: 'profile',
  handleAfterSignIn: 'rotates',
  forgetsHandle: 'never',
  overlappingPolls: 'tolerated',
  abandonedPolls: 'end',
  slider: 'onMac',
  sliders: 1,
  pushFailure: 'nested',
  onlineTold: 'flag',
  offlineReasonAs: 'text',
  dropsAfterSignIn: 'never',
  dropEvery: 0,
  dropWay: 'silent',
  callbacks: 'sent',
}

const ms = z.number().min(0)

export const timingsSchema = z.strictObject({
  /** A QR code dies so long after its issue (P 3.2: 215 s). */
  qrLifetimeMs: ms,
  /** A login prompt lapses so long after `loginAgain` (S0:18: 3 min). */
  pushLifetimeMs: ms,
  /** A code page keeps its login alive at least so long. */
  codeLifetimeMs: ms,
  /** `checkLogin` answers after so long at the latest (P 3.2: 215 s). */
  longPollMs: ms,
  /** A logout shows so much later; the real one takes 1–2 min (P 3.2). */
  logoutSettlesMs: ms,
  /** A device not signed in for so long is recycled (S0:3: 20 days). */
  recycleAfterMs: ms,
  /** A link to a QR picture works for so long (P 2.1, real capture). */
  pictureLifetimeMs: ms,
  /** Polls of one device closer than this are counted as too soon (S3:1, P 3.6). */
  pollGapMs: ms,
  /** `ipad`: a QR code dies so long after its issue (P 2.7: not told; relatives count down from 225 to 240 s). */
  ipadQrLifetimeMs: ms,
  /** `ipad`: a poll answers after so long at the latest (S4:20: 250 s). */
  ipadPollMs: ms,
  /** From a sign-in to its drop (`dropsAfterSignIn`); 0: as that way of dropping has it. */
  dropAfterMs: ms,
  /** Between two rounds of drops (`dropEvery`). */
  dropPeriodMs: ms,
  /** How late a late callback is. */
  callbackLateMs: ms,
})

export type Timings = z.infer<typeof timingsSchema>

export const defaultTimings: Timings = {
  qrLifetimeMs: 215_000,
  pushLifetimeMs: 180_000,
  codeLifetimeMs: 180_000,
  longPollMs: 215_000,
  logoutSettlesMs: 0,
  recycleAfterMs: 20 * 86_400_000,
  pictureLifetimeMs: 600_000,
  pollGapMs: 1_000,
  ipadQrLifetimeMs: 230_000,
  ipadPollMs: 250_000,
  dropAfterMs: 0,
  dropPeriodMs: 300_000,
  callbackLateMs: 60_000,
}

/** Some switches and timings, to lay over others. */
export const settingsSchema = z.strictObject({
  switches: switchesSchema.partial().optional(),
  timings: timingsSchema.partial().optional(),
})

export type Settings = z.infer<typeof settingsSchema>

/** The value under `over` where there is one, else the one under `base`. */
export const laidOver = <T extends object>(
  base: T,
  over: { [K in keyof T]?: T[K] | undefined } | undefined,
): T => {
  const merged = { ...base }
  for (const key of Object.keys(over ?? {}) as (keyof T)[]) {
    const value = over?.[key]
    if (value !== undefined) merged[key] = value
  }
  return merged
}
