// What this machine allows a process to have open. A benchmark that needs more says so before it begins.

import { readFileSync } from 'node:fs'

interface Report {
  readonly userLimits?: { readonly open_files?: { readonly soft: number | string } }
}

/** What a process has open beside its connections. */
const others = 500

/** Infinity where nothing limits them. */
const openFilesAtMost = (): number => {
  const report = process.report.getReport() as Report
  const soft = report.userLimits?.open_files?.soft
  return typeof soft === 'number' ? soft : Number.POSITIVE_INFINITY
}

/** Between two processes of this machine, to one port: each has one from a range of 28,000 of its own. */
export const connectionsAtMost = (): number => Math.min(openFilesAtMost() - others, 25_000)

/** Throws a sentence where a process may not have so many connections. */
export const needOpenFiles = (connections: number): void => {
  const soft = openFilesAtMost()
  const needed = connections + others
  if (soft < needed)
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
