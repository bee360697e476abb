// Tables as text: one line per row, columns as wide as what stands in them. The same text is good Markdown.

import type { Goal, Table } from '../benchmark.ts'
import { median, spread } from './numbers.ts'

export const printed = ({ title, rows, goals = [], notes = [] }: Table): string => {
  const columns = [...new Set(rows.flatMap(({ cells }) => Object.keys(cells)))]
  const lines = [
    ['', ...columns],
    ...rows.map(({ label, cells }) => [
      label,
      ...columns.map(column => {
        const cell = cells[column]
        return cell === undefined ? '' : typeof cell === 'string' ? cell : spread(cell)
      }),
    ]),
  ]
  const widths = ['', ...columns].map((_, index) =>
    Math.max(...lines.map(line => line[index]?.length ?? 0), 3),
  )
  const text = (line: readonly string[]) =>
    `| ${line.map((cell, index) => cell.padEnd(widths[index] ?? 0)).join(' | ')} |`
  const [head = [], ...body] = lines
  const rule = `|${widths.map(width => '-'.repeat(width + 2)).join('|')}|`
  return [
    `### ${title}`,
    '',
    text(head),
    rule,
    ...body.map(text),
    ...(goals.length + notes.length > 0 ? [''] : []),
    ...goals.map(goal => `- ${judged(goal)}`),
    ...notes.map(note => `- ${note}`),
    '',
  ].join('\n')
}

const judged = (goal: Goal): string => {
  const reached = median(goal.reached)
  const [wanted, isMet] =
    'atMost' in goal
      ? [`≤ ${goal.atMost}`, reached <= goal.atMost]
      : [`≥ ${goal.atLeast}`, reached >= goal.atLeast]
  return `${goal.what}: ${spread(goal.reached)}, goal ${wanted}: ${isMet ? 'met' : 'MISSED'}`
}
