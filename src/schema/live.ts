// The subscriptions whose updates are made into text once for all who ask the same. What may say so of itself: its
// `subscribe` gives a `Watch`, its `resolve` hands the update on, and every field below reads its source and, of the
// context, `viewer.language` and `viewer.scopes` only.

import type { GraphQLField } from 'graphql'

/** Goes into the `extensions` of the field. */
export const live = { gatehouse: { live: true } } as const

export const isLive = ({ extensions }: Pick<GraphQLField<unknown, unknown>, 'extensions'>): boolean =>
  (extensions as Partial<typeof live>).gatehouse?.live === true
