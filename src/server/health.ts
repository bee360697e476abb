// /healthz: the process runs. /readyz: it can do its work now; what somebody should look at, though it does, is a second line.

import type { ServerResponse } from 'node:http'

export interface Readiness {
  /** Rejects while the database does not answer. */
  ping(): Promise<{ readonly strayEvents: boolean }>
  readonly stopping: boolean
}

const patience = 2_000
const strayWarning =
  'warning: events lie in the default partition, which upkeep should have emptied: see docs/retention.md'

export const serveHealth = (response: ServerResponse): void => answer(response, 200, 'alive')

export const serveReadiness = async (response: ServerResponse, readiness: Readiness): Promise<void> => {
  if (readiness.stopping) return answer(response, 503, 'stopping')
  const late = AbortSignal.timeout(patience)
  const tooLate = new Promise<never>((_, reject) => late.addEventListener('abort', () => reject(late.reason)))
  try {
    const { strayEvents } = await Promise.race([readiness.ping(), tooLate])
    answer(response, 200, strayEvents ? `ready\n${strayWarning}` : 'ready')
  } catch {
    answer(response, 503, 'the database does not answer')
  }
}

const answer = (response: ServerResponse, status: number, text: string): void => {
  response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8', 'cache-control': 'no-store' })
  response.end(`${text}\n`)
}
