// `npm run login`: hands this process to run.ts and takes its exit status, or 141 where whoever read it left.
// Refuses to know anything else.

import { run } from './run.ts'

// Whoever read this has left (`| head`): nothing is to be said any more, and the login goes on at the gateway.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error
  process.exit(141)
})

process.exitCode = await run({
  argv: process.argv.slice(2),
  env: process.env,
  stdin: process.stdin,
  stdout: process.stdout,
  stderr: process.stderr,
  onInterrupt: listener => {
    process.on('SIGINT', listener).on('SIGTERM', listener)
    return () => process.off('SIGINT', listener).off('SIGTERM', listener)
  },
})
