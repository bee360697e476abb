// `npm run login`: hands this process to run.ts and takes its exit status, or 141 where whoever read it left: the login goes on
// at the gateway then. Refuses to know anything else.

import { aroundOf } from './command.ts'
import { run } from './run.ts'

process.exitCode = await run({ ...aroundOf(process), stdin: process.stdin })
