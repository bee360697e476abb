// What every answer tells a browser not to do.

import type { ServerResponse } from 'node:http'

const strict = "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
/** GraphiQL's page brings its code with it and draws in workers. */
const page = [
  "default-src 'none'",
  "script-src 'unsafe-inline' 'unsafe-eval' blob:",
  'worker-src blob:',
  "style-src 'unsafe-inline'",
  'img-src https: data:',
  'font-src data:',
  "connect-src 'self'",
  "frame-ancestors 'none'",
  "base-uri 'none'",
].join('; ')

export const setSafetyHeaders = (response: ServerResponse, isPage: boolean): void => {
  response.setHeader('content-security-policy', isPage ? page : strict)
  response.setHeader('x-content-type-options', 'nosniff')
  response.setHeader('referrer-policy', 'no-referrer')
}
