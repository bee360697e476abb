// `npm run seed`: hands this process to run.ts and takes its exit status. Refuses to know anything else.

import { run } from './run.ts'

process.exitCode = await run({
  argv: process.argv.slice(2),
  env: process.env,
  stdout: process.stdout,
  stderr: process.stderr,
  onInterrupt: callback => {
    let asked = false
    const heard = () => {
      // Asked twice: somebody is in a hurry. What was not committed is not there.
      if (asked) process.exit(130)
      asked = true
      callback()
    }
    process.on('SIGINT', heard)
    process.on('SIGTERM', heard)
    return () => {
      process.off('SIGINT', heard)
      process.off('SIGTERM', heard)
    }
  },
})
