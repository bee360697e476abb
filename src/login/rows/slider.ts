// The upstream puts a slider page before the person. It is shown and reported, never solved here.

import { courseOf, deadlineIn, slidersAtMost } from '../course.ts'
import { end } from '../ending.ts'
import { answersCode } from '../intent.ts'
import { isLastLook, looked } from '../lapse.ts'
import type { LiveState, Prompt } from '../state.ts'
import type { Step } from '../step.ts'
import { row } from '../table.ts'
import type { Millis } from '../vocabulary.ts'

const showSlider = (
  state: LiveState & { readonly prompt: Prompt },
  { at, answer }: { readonly at: Millis; readonly answer: { readonly url: string } },
): Step => ({
  state: {
    ...courseOf(state),
    kind: 'AWAITING_SLIDER',
    scanned: true,
    sliders: state.sliders + 1,
    prompt: state.prompt,
    requested: at,
    deadline: deadlineIn(state.terms, at, state.terms.deadlines.slider),
  },
  events: [{ kind: 'SliderRequired', state: 'AWAITING_SLIDER' }],
  secrets: {
    qrCode: null,
    sliderUrl: answer.url,
    ...(state.kind === 'VERIFYING_CODE' ? { code: null } : {}),
  },
})

export const sliderRows = [
  row({
    name: 'the last look at a prompt or a slider shows nothing new, and a slider in it is no new one',
    in: ['AWAITING_CONFIRMATION', 'AWAITING_SLIDER'],
    on: ['Polled SLIDER'],
    when: isLastLook,
    to: (state, told) => looked(state, told.at),
  }),
  row({
    name: 'the last look at a slider shows nothing new: it has lapsed',
    in: ['AWAITING_SLIDER'],
    on: ['Polled NOT_SCANNED', 'Polled SCANNED', 'Polled DEAD', 'Polled UNCLEAR'],
    when: isLastLook,
    to: (state, told) => looked(state, told.at),
  }),
  row({
    name: 'the fourth slider ends the login',
    in: ['AWAITING_SCAN', 'AWAITING_CONFIRMATION'],
    on: ['Polled SLIDER'],
    when: state => state.sliders >= slidersAtMost,
    to: state => end(state, { reason: 'SLIDER_EXPIRED' }),
  }),
  row({
    name: 'a slider page is put before the person, and polling stops until it is reported solved',
    in: ['AWAITING_SCAN', 'AWAITING_CONFIRMATION'],
    on: ['Polled SLIDER'],
    when: (state, told) => told.began >= state.prompt.sent,
    to: (state, told) => showSlider(state, told),
  }),
  row({
    name: 'the person reports the slider solved: the phone is next',
    in: ['AWAITING_SLIDER'],
    on: ['SliderReported'],
    to: (state, told) => ({
      state: {
        ...courseOf(state),
        kind: 'AWAITING_CONFIRMATION',
        prompt: state.prompt,
        paused: false,
        deadline: deadlineIn(state.terms, told.at, state.terms.deadlines.afterSlider),
      },
      events: [{ kind: 'SliderReportedSolved', state: 'AWAITING_CONFIRMATION' }],
      secrets: { sliderUrl: null },
    }),
  }),
  row({
    name: 'the fourth slider ends the login in answer to a code too',
    in: ['VERIFYING_CODE'],
    on: ['CodeAnswered SLIDER'],
    when: (state, told) => answersCode(state, told) && state.sliders >= slidersAtMost,
    to: state => end(state, { reason: 'SLIDER_EXPIRED' }),
  }),
  row({
    name: 'a slider in answer to a code is put before the person like any',
    in: ['VERIFYING_CODE'],
    on: ['CodeAnswered SLIDER'],
    when: answersCode,
    to: (state, told) => showSlider(state, told),
  }),
]
