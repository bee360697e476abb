// A CPU profile of one stretch of this process, for when a goal is missed: open it in a browser's developer tools.

import { mkdir, writeFile } from 'node:fs/promises'
import { Session } from 'node:inspector/promises'
import { dirname } from 'node:path'

export const profiled = async (file: string, work: () => Promise<unknown>): Promise<void> => {
  const session = new Session()
  session.connect()
  await session.post('Profiler.enable')
  await session.post('Profiler.setSamplingInterval', { interval: 200 })
  await session.post('Profiler.start')
  await work()
  const { profile } = await session.post('Profiler.stop')
  session.disconnect()
  await mkdir(dirname(file), { recursive: true })
  await writeFile(file, JSON.stringify(profile))
}
