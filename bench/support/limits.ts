// What this machine allows a process to have open. A benchmark that needs more says so before it begins.

import { readFileSync } from 'node:fs'

interface Report {
  readonly userLimits?: { readonly open_files?: { readonly soft: number | string } }
}

/** Throws a sentence where a process may not have so many connections. */
export const needOpenFiles = (connections: number): void => {
  const report = process.report.getReport() as Report
  const soft = report.userLimits?.open_files?.soft
  const needed = connections + 500
  if (typeof soft === 'number' && soft < needed)
    throw new Error(
      `A process may open ${soft} files here, and ${needed} are needed: raise it with "ulimit -n ${needed}", or give fewer --logins.`,
    )
}

/** Bytes that the kernel holds for all sockets and its own structures; null: this is no Linux. */
export const kernelMemory = (): number | null => {
  try {
    const pages = Number(/TCP: .* mem (\d+)/.exec(readFileSync('/proc/net/sockstat', 'utf8'))?.[1])
    const slab = Number(/Slab:\s+(\d+) kB/.exec(readFileSync('/proc/meminfo', 'utf8'))?.[1])
    return pages * 4_096 + slab * 1_024
  } catch {
    return null
  }
}
