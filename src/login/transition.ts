// The machine: what each observation does to each state. Its rows stand in `rows/`, by what they are about; the order
// matters only between rows of one state and one observation, where the first that fits decides.

import { codeRows } from './rows/code.ts'
import { inquiryRows } from './rows/inquiry.ts'
import { issuingRows } from './rows/issuing.ts'
import { onlineCheckRows } from './rows/online-check.ts'
import { pushRows } from './rows/push.ts'
import { scanRows } from './rows/scan.ts'
import { sliderRows } from './rows/slider.ts'
import { timeRows } from './rows/time.ts'
import { machine, type Row, type Transition } from './table.ts'

export const rows: readonly Row[] = [
  ...onlineCheckRows,
  ...issuingRows,
  ...sliderRows,
  ...pushRows,
  ...inquiryRows,
  ...scanRows,
  ...codeRows,
  ...timeRows,
]

/** Total, pure and synchronous. The same state object and no event: nothing changed, and nothing is to be written. */
export const transition: Transition = machine(rows)
