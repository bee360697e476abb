// A process beside this one that answers verbs, so that what is measured shares nothing with what measures. Ended by
// its own id. Knows no benchmark.

import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { type Core, onCore } from './cores.ts'

/** What a process can be asked. Inputs and answers are plain data. */
// biome-ignore lint/suspicious/noExplicitAny: the inputs of functions are compared the other way round
export type Verbs = Readonly<Record<string, (input: any) => unknown>>

export interface Child<Asked extends Verbs> extends AsyncDisposable {
  readonly pid: number
  ask<Name extends keyof Asked & string>(
    name: Name,
    ...input: Parameters<Asked[Name]>
  ): Promise<Awaited<ReturnType<Asked[Name]>>>
  end(): Promise<void>
}

interface Question {
  readonly id: number
  readonly name: string
  readonly input: unknown
}

type Answer =
  | { readonly id: number; readonly value: unknown }
  | { readonly id: number; readonly error: string }

/** How long one may take to leave. */
const grace = 5_000

/** `script`: a file of `bench/processes`. Its type is `typeof verbs` of that file. */
export const startChild = async <Asked extends Verbs>(
  script: string,
  core: Core,
  nodeOptions: readonly string[] = [],
): Promise<Child<Asked>> => {
  const file = fileURLToPath(new URL(`../processes/${script}.ts`, import.meta.url))
  const [command = process.execPath, ...args] = [
    ...onCore(core),
    process.execPath,
    '--expose-gc',
    ...nodeOptions,
    file,
  ]
  const child = spawn(command, args, {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    serialization: 'advanced',
    env: { ...process.env, NODE_ENV: 'production' },
  })
  const gone = once(child, 'exit')
  const waiting = new Map<number, PromiseWithResolvers<unknown>>()
  let last = 0
  child.on('message', (answer: Answer) => {
    const asked = waiting.get(answer.id)
    waiting.delete(answer.id)
    if ('error' in answer) asked?.reject(new Error(`${script}: ${answer.error}`))
    else asked?.resolve(answer.value)
  })
  child.once('exit', (code, signal) => {
    for (const asked of waiting.values()) asked.reject(new Error(`${script} ended (${signal ?? code})`))
    waiting.clear()
  })
  const ask = (name: string, input?: unknown): Promise<unknown> => {
    const asked = Promise.withResolvers<unknown>()
    if (child.exitCode !== null || !child.connected) asked.reject(new Error(`${script} has ended`))
    else {
      waiting.set(++last, asked)
      child.send({ id: last, name, input } satisfies Question)
    }
    return asked.promise
  }
  const end = () => leave(child, gone)
  return {
    pid: child.pid ?? 0,
    ask: (name, ...input) => ask(name, input[0]) as never,
    end,
    [Symbol.asyncDispose]: end,
  }
}

const leave = async (child: ChildProcess, gone: Promise<unknown>): Promise<void> => {
  if (child.exitCode !== null || child.signalCode !== null) return
  if (child.connected) child.disconnect()
  const cut = setTimeout(() => child.kill('SIGKILL'), grace)
  await gone
  clearTimeout(cut)
}

/** The other side: answers until the parent lets go. `leaving` is awaited before the process ends. */
export const answerParent = (verbs: Verbs, leaving: () => Promise<void> | void = () => {}): void => {
  process.on('message', async ({ id, name, input }: Question) => {
    try {
      const value = await verbs[name]?.(input)
      process.send?.({ id, value })
    } catch (error) {
      process.send?.({ id, error: error instanceof Error ? (error.stack ?? error.message) : String(error) })
    }
  })
  process.once('disconnect', () => {
    Promise.resolve(leaving()).finally(() => process.exit(0))
  })
}
