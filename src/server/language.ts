// The language that a reader prefers, of the two that are spoken here.

import type { Language } from '../resolvers/viewer.ts'

/** From an Accept-Language header; what is not understood reads English. */
export const languageOf = (acceptLanguage: string | null | undefined): Language => {
  const weights = { en: 0, zh: 0 }
  for (const part of (acceptLanguage ?? '').slice(0, 200).split(',')) {
    const [tag = '', ...parameters] = part.trim().toLowerCase().split(';')
    const given = parameters
      .map(parameter => /^\s*q\s*=\s*([\d.]+)\s*$/.exec(parameter)?.[1])
      .find(q => q !== undefined)
    const weight = Number(given ?? 1)
    const language = tag.split('-')[0]
    if (language === 'en' || language === 'zh') weights[language] = Math.max(weights[language], weight)
  }
  return weights.zh > weights.en ? 'zh' : 'en'
}
