// The import command as a person meets it, and a gateway whose pages and ills a test writes down. What the true one does
// is in test/app/import.test.ts.

import type { Page } from '../../client/import/pages.ts'
import { type ExitStatus, run } from '../../client/import/run.ts'
import { type Commanded, commanding, KEY, type Person, type Served, serving } from './commanding.ts'

/** What a call is answered with: a page, a refusal, an error of the whole request, or nothing: the connection breaks. */
export type Answer =
  | Partial<Page>
  | {
      readonly __typename: string
      readonly code: string
      readonly message: string
      readonly [more: string]: unknown
    }
  | { readonly extensions: { readonly code: string }; readonly message: string }
  | 'BREAKS'
  | 'HANGS'

export interface Asked {
  readonly provider: string
  readonly page: string | null
  readonly dryRun: boolean
}

/** Answers in order; more calls than answers break. Calls are what the pages were asked with. */
export const paged = (...answers: readonly Answer[]): Promise<Served<Asked>> => {
  const left = [...answers]
  return serving(count => async (request, response) => {
    const parts: Buffer[] = []
    for await (const part of request) parts.push(part as Buffer)
    const { variables } = JSON.parse(Buffer.concat(parts).toString()) as { variables: { input: Asked } }
    count(variables.input)
    const answer = left.shift() ?? 'BREAKS'
    if (answer === 'HANGS') return
    if (answer === 'BREAKS') {
      response.socket?.resetAndDestroy()
      return
    }
    const isError = 'extensions' in answer
    const page = { found: 0, imported: 0, known: 0, total: null, nextPage: null }
    const result = 'code' in answer ? answer : { __typename: 'ImportDevicesPayload', ...page, ...answer }
    response.writeHead(request.headers.authorization === `Bearer ${KEY}` ? 200 : 401, {
      'content-type': 'application/json',
    })
    response.end(JSON.stringify(isError ? { errors: [answer] } : { data: { result } }))
  })
}

export const importing = (argv: readonly string[], person: Person = {}): Commanded<ExitStatus> =>
  commanding(run, argv, person)
