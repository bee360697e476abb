// Why an upstream could not be asked, for a person: what stands in the way, and where it is put right. Never the address nor
// the token.

import type { CallFailure } from '../provider/port.ts'

export const upstreamSentence = (
  provider: string,
  { kind, httpStatus }: CallFailure,
  otherwise?: string,
): string => {
  const upstream = `The upstream ${provider}`
  const told = httpStatus === null ? '' : ` (HTTP ${httpStatus})`
  switch (kind) {
    case 'UNAUTHORIZED':
      return `${upstream} refuses the token of this gateway${told}: check "token" in GATEHOUSE_PROVIDERS.`
    case 'UNREACHABLE':
      return `${upstream} cannot be reached${told}: check "baseUrl" in GATEHOUSE_PROVIDERS, and whether it is up.`
    case 'TIMEOUT':
      return `${upstream} does not answer in time.`
    case 'UNREADABLE':
      return `${upstream} answers what cannot be read${told}: check "baseUrl" in GATEHOUSE_PROVIDERS.`
    default:
      return otherwise ?? `${upstream} refuses.`
  }
}
