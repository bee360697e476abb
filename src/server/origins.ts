// Which web pages may talk to this gateway from a browser.

export interface Origins {
  /** No origin at all is no browser: allowed. */
  allows(origin: string | undefined): boolean
  readonly listed: readonly string[]
}

/** `publicUrl`: where people reach the gateway; its own pages may always ask. */
export const originsOf = (publicUrl: string, allowed: readonly string[]): Origins => {
  const listed = [...new Set([new URL(publicUrl).origin, ...allowed])]
  return { listed, allows: origin => origin === undefined || listed.includes(origin) }
}
