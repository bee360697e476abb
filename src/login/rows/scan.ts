// A QR code is out: nobody has scanned it, somebody has, it died, or somebody asks for another one.

import { courseOf, deadlineIn, issueForbidden, promptSent } from '../course.ts'
import { end, signIn } from '../ending.ts'
import { issuingStep, renew } from '../issuing.ts'
import { isLastLook, looked } from '../lapse.ts'
import type { Observation } from '../observation.ts'
import type { AwaitingScan } from '../state.ts'
import { row } from '../table.ts'

/** The code on the screen is still the one that counts: no other has been sent for. */
const showing = (state: AwaitingScan): boolean => issuingStep(state)?.kind !== 'ISSUING'
const settled = (state: AwaitingScan): boolean => state.renewal === null || state.renewal.kind === 'ASKED'

/** The look itself brought the upstream's word: nobody can scan that code any more, and the next one may be had. */
const isDeadByWord = ({ terms, lastLook, inquiry }: AwaitingScan, told: Observation): boolean =>
  terms.capabilities.qrCodeDies === 'BY_WORD' &&
  // It may be dead because somebody signed in unheard.
  (inquiry === null || (inquiry.settled && inquiry.sure)) &&
  lastLook?.because !== 'TIMED_OUT' &&
  told.kind === 'Polled' &&
  told.answer.kind === 'DEAD' &&
  told.afterGap !== true

export const scanRows = [
  row({
    name: 'an account signed in by a poll that began after the prompt confirms the login',
    in: ['AWAITING_SCAN', 'AWAITING_CONFIRMATION', 'AWAITING_CODE', 'VERIFYING_CODE', 'AWAITING_SLIDER'],
    on: ['Polled SIGNED_IN'],
    when: (state, told) => told.began >= promptSent(state),
    to: (state, told) =>
      signIn(state, told.answer.profile, told.at, { reason: 'SIGNED_IN', confirmedBy: state.prompt.kind }),
  }),
  row({
    name: 'a scan is seen: the code is erased and the person must confirm',
    in: ['AWAITING_SCAN'],
    on: ['Polled SCANNED'],
    when: (state, told) => showing(state) && told.began >= state.prompt.sent,
    to: (state, told) => ({
      state: {
        ...courseOf(state),
        kind: 'AWAITING_CONFIRMATION',
        scanned: true,
        prompt: state.prompt,
        paused: state.terms.pauseAtScan,
        deadline: deadlineIn(
          state.terms,
          told.at,
          Math.max(state.prompt.expires - told.at, state.terms.deadlines.confirmationAtLeast),
        ),
      },
      events: [{ kind: 'QrCodeScanned', state: 'AWAITING_CONFIRMATION' }],
      secrets: { qrCode: null },
      scanner: { nickName: told.answer.nickName, avatarUrl: told.answer.avatarUrl },
    }),
  }),
  row({
    name: 'the last look at a QR code shows no scan: the next generation, or the end',
    in: ['AWAITING_SCAN'],
    on: ['Polled NOT_SCANNED', 'Polled DEAD', 'Polled UNCLEAR'],
    when: (state, told) => isLastLook(state, told) && !isDeadByWord(state, told),
    to: (state, told) => looked(state, told.at),
  }),
  row({
    name: 'the upstream calls an unscanned QR code dead: the next generation, or the end',
    in: ['AWAITING_SCAN'],
    on: ['Polled DEAD'],
    when: (state, told) => settled(state) && told.began >= state.prompt.sent,
    to: (state, told) => renew(state, told.at),
  }),
  row({
    name: 'a poll after the wish for a new QR code rules a scan out: it is replaced',
    in: ['AWAITING_SCAN'],
    on: ['Polled NOT_SCANNED'],
    when: (state, told) => state.renewal?.kind === 'ASKED' && told.began >= state.renewal.since,
    to: (state, told) => renew(state, told.at),
  }),
  row({
    name: 'a new QR code is asked for: one poll first',
    in: ['AWAITING_SCAN'],
    on: ['QrCodeRefreshAsked'],
    when: (state, told) =>
      state.terms.capabilities.announcesScan &&
      state.renewal === null &&
      issueForbidden(state, told.at) === null,
    to: (state, told) => ({ state: { ...state, renewal: { kind: 'ASKED', since: told.at } }, events: [] }),
  }),
  row({
    name: 'the person declines the scanned code, where the upstream tells',
    in: ['AWAITING_SCAN', 'AWAITING_CONFIRMATION', 'AWAITING_SLIDER'],
    on: ['Polled DECLINED'],
    when: (state, told) => told.began >= state.prompt.sent,
    to: (state, { answer }) =>
      end(state, {
        reason: 'DECLINED_ON_PHONE',
        upstreamCode: answer.upstreamCode,
        upstreamMessage: answer.upstreamMessage,
      }),
  }),
  row({
    name: 'a QR code dead after its scan ends the login, never a new one by itself',
    in: ['AWAITING_CONFIRMATION', 'AWAITING_SLIDER'],
    on: ['Polled DEAD'],
    when: (state, told) => state.prompt.kind === 'QR_CODE' && told.began >= state.prompt.sent,
    to: (state, { answer }) =>
      end(state, {
        reason: 'QR_CODE_EXPIRED',
        upstreamCode: answer.upstreamCode,
        upstreamMessage: answer.upstreamMessage,
      }),
  }),
]
