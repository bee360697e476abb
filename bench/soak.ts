// The long run as one of the benchmarks; what happens in it is in `soak/`.

import type { Benchmark } from './benchmark.ts'
import { run } from './soak/soak.ts'

export const soak: Benchmark = {
  name: 'soak',
  says: 'whether anything grows, is lost or is done twice in a long run with faults',
  onlyByName: true,
  run: async ({ logins, minutes, say }) => {
    const { title, columns, rows, notes } = await run({ logins, minutes, progress: say })
    return [
      {
        title,
        rows: rows.map(([label = '', ...cells]) => ({
          label,
          cells: Object.fromEntries(columns.slice(1).map((column, index) => [column, cells[index] ?? ''])),
        })),
        notes,
      },
    ]
  },
}
