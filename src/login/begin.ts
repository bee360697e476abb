// The first state of a login, from what was fixed at its start.

import { deadlineIn } from './course.ts'
import { healthy } from './health.ts'
import type { Step } from './step.ts'
import type { Terms } from './terms.ts'

/** Three QR codes, then starting again is a person's act. */
const qrCodesAtMost = 3

export const begin = (terms: Terms): Step => ({
  state: {
    kind: 'STARTING',
    terms,
    sequence: 1,
    method: terms.firstMethod,
    firstMethod: null,
    deviceType: terms.deviceType,
    pushed: null,
    issues: [],
    issuesAllowed: qrCodesAtMost,
    codesSpent: 0,
    health: healthy,
    deadline: deadlineIn(terms, terms.started, terms.deadlines.starting),
    lastLook: null,
    scanned: false,
    sliders: 0,
    checked: false,
    unclear: null,
    inquiry: null,
    step: { kind: 'CHECK_ONLINE', failures: 0, notBefore: terms.started },
  },
  events: [{ kind: 'LoginStarted', state: 'STARTING', strategy: terms.strategy, method: terms.firstMethod }],
})
