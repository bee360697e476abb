// Answers without holes. postgres.js (3.4.9) counts on where a statement broke off: after one that failed in the middle of its rows,
// as at a time limit, the next one on that connection resolves with as many holes before its own rows (its issue 1181).

interface Answer extends Array<unknown> {
  readonly count?: unknown
}

/** The same query. What it resolves with has the rows that the server counted, and nothing before them. */
export const dense = <Query extends object>(query: Query): Query => {
  const answered = query as { resolve?: (answer: Answer) => void }
  const { resolve } = answered
  if (resolve !== undefined) answered.resolve = answer => resolve(withoutHoles(answer))
  return query
}

const withoutHoles = (answer: Answer): Answer => {
  const { count, length } = answer
  // What was written and not returned is counted as well.
  if (typeof count === 'number' && length > count) answer.splice(0, length - count)
  return answer
}
