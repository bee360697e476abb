// What a dialect is given to open one configured upstream.

export interface ProviderOptions {
  readonly name: string
  readonly baseUrl: string
  readonly token: string
  /** Polls at once. By default 256 where they return, 16,384 where they hang. */
  readonly pollConnections?: number
  /** Monotonic milliseconds; this process's own by default. */
  readonly monotonic?: () => number
  /** Milliseconds since 1970; this machine's by default. */
  readonly today?: () => number
}
