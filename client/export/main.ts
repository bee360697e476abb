// `npm run export`: hands this process to run.ts and takes its exit status, or 141 where whoever read it left. Refuses to know
// anything else.

import { aroundOf } from '../terminal/command.ts'
import { run } from './run.ts'

process.exitCode = await run(aroundOf(process))
