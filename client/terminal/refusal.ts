// Why this client cannot go on, each as a sentence for the person who typed the command.
// Refuses to know exit statuses and colours.

/** The gateway, or this client, said no: trying the same again changes nothing. `code` is the contract's, or USAGE. */
export class Refusal extends Error {
  override name = 'Refusal'
  readonly code: string

  constructor(code: string, message: string) {
    super(message)
    this.code = code
  }
}

/** Nobody answered, or the gateway said that it cannot just now: the same may work later. */
export class Unreachable extends Error {
  override name = 'Unreachable'
}
