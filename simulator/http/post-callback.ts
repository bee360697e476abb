/**
 * Posts one callback to whoever wants them, and gives up after six seconds as the vendors do (P 2.6, P 3.5).
 * Refuses to know what it says.
 */
import { Agent as HttpAgent, request as httpRequest } from 'node:http'
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https'

const PATIENCE_MS = 6_000

export class CallbackLine {
  readonly #http = new HttpAgent({ keepAlive: true, maxSockets: 16 })
  readonly #https = new HttpsAgent({ keepAlive: true, maxSockets: 16 })

  /** The answer's status; null: none came in time. Never rejects. */
  post(url: string, body: string): Promise<number | null> {
    return new Promise(resolve => {
      const secure = url.startsWith('https:')
      const options = {
        method: 'POST',
        agent: secure ? this.#https : this.#http,
        headers: {
          'content-type': 'application/json;charset=UTF-8',
          'content-length': Buffer.byteLength(body),
        },
        timeout: PATIENCE_MS,
      }
      const request = secure ? httpsRequest(url, options) : httpRequest(url, options)
      request.on('response', response => {
        response.resume()
        response.on('close', () => resolve(response.complete ? (response.statusCode ?? null) : null))
      })
      request.on('timeout', () => request.destroy())
      request.on('error', () => resolve(null))
      request.end(body)
    })
  }

  close(): void {
    this.#http.destroy()
    this.#https.destroy()
  }
}
