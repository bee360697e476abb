// A login as the API shows it: its record, what its state means for a reader, and, where they were read, its secrets.
// Whole and frozen, so that one view serves every watcher and its fields resolve without asking anybody.

import type { AccountRecord, LoginRecord, LoginSecrets, RecordedEvent } from '../db/records.ts'
import { ended } from '../login/state.ts'
import { type LoginView as LiveView, viewOf } from '../login/view.ts'
import type { LoginAction, Millis, NextStep } from '../login/vocabulary.ts'

export interface PictureLinks {
  /** A signed link to a kept picture, good for an hour. */
  pictureUrl(tenant: string, pictureId: string): string
}

export interface LoginView {
  readonly record: LoginRecord
  readonly nextStep: NextStep
  readonly allowedActions: readonly LoginAction[]
  readonly challenge: LiveView['challenge']
  readonly poll: LiveView['poll']
  readonly deadline: Millis | null
  readonly qrCode: LiveView['qrCode']
  /** Null: not read yet; a field that needs them asks its loader. */
  readonly secrets: LoginSecrets | null
  /** Absent: not read; a field that shows it asks its loader. */
  readonly account?: AccountRecord | null
  readonly scanner: { readonly nickName: string | null; readonly avatarUrl: string | null } | null
}

/** An event with the login that it belongs to: who scanned is told by the login. */
export interface EventView {
  readonly event: RecordedEvent
  readonly login: LoginView
}

/** `before`: a view of the same login, not older than a login gets, whose signed link is as good. */
export const viewLogin = (
  links: PictureLinks,
  record: LoginRecord,
  secrets: LoginSecrets | null,
  before: LoginView | null = null,
): LoginView =>
  Object.freeze({
    record,
    ...standing(record),
    secrets,
    ...(record.accountId === null ? { account: null } : {}),
    scanner:
      before !== null && isSameScanner(before.record.scanner, record.scanner)
        ? before.scanner
        : scannerOf(links, record),
  })

const isSameScanner = (one: LoginRecord['scanner'], other: LoginRecord['scanner']): boolean =>
  one?.nickName === other?.nickName && one?.pictureId === other?.pictureId

const scannerOf = ({ pictureUrl }: PictureLinks, { scanner, tenant }: LoginRecord): LoginView['scanner'] =>
  scanner && {
    nickName: scanner.nickName,
    avatarUrl: scanner.pictureId === null ? null : pictureUrl(tenant, scanner.pictureId),
  }

/** What may be shown only to who may act: null where there is nothing of it, so that nothing needs to be read. */
export const needsSecrets = (view: LoginView): boolean =>
  view.qrCode !== null || view.challenge?.kind === 'SLIDER'

/** What a reader sees that may change without an event: steps that are nobody's business are not in it. */
export const looksOf = ({
  record,
  nextStep,
  allowedActions,
  challenge,
  poll,
  deadline,
  qrCode,
  scanner,
}: LoginView) =>
  JSON.stringify([
    nextStep,
    allowedActions,
    challenge,
    poll,
    deadline,
    qrCode,
    scanner,
    record.method,
    record.deviceType,
    record.accountId,
    record.advisories,
  ])

const standing = (record: LoginRecord) => {
  if (record.state !== null && !ended(record.state)) return viewOf(record.state)
  return {
    nextStep: record.outcome?.nextStep ?? 'NONE',
    allowedActions: [],
    challenge: null,
    poll: { state: 'IDLE', asOf: null, consecutiveFailures: 0 },
    deadline: null,
    qrCode: null,
  } as const
}
