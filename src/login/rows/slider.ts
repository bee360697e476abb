// The upstream puts a slider page before the person. It is shown and reported, never solved here.

import { courseOf, deadlineIn, slidersAtMost } from '../course.ts'
import { end } from '../ending.ts'
import { isLastLook, lapse } from '../lapse.ts'
import { row } from '../table.ts'

export const sliderRows = [
  row({
    name: 'the last look at a prompt or a slider shows nothing new, and a slider in it is no new one',
    in: ['AWAITING_CONFIRMATION', 'AWAITING_SLIDER'],
    on: ['Polled SLIDER'],
    when: isLastLook,
    to: (state, told) => lapse(state, told.at),
  }),
  row({
    name: 'the last look at a slider shows nothing new: it has lapsed',
    in: ['AWAITING_SLIDER'],
    on: ['Polled NOT_SCANNED', 'Polled SCANNED', 'Polled DEAD'],
    when: isLastLook,
    to: (state, told) => lapse(state, told.at),
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
    to: (state, told) => ({
      state: {
        ...courseOf(state),
        kind: 'AWAITING_SLIDER',
        scanned: true,
        sliders: state.sliders + 1,
        prompt: state.prompt,
        requested: told.at,
        deadline: deadlineIn(state.terms, told.at, state.terms.deadlines.slider),
      },
      events: [{ kind: 'SliderRequired', state: 'AWAITING_SLIDER' }],
      secrets: { qrCode: null, sliderUrl: told.answer.url },
    }),
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
]
