// Waits for something to become so: woken by the doorbell, and looking now and then in case it was not heard.

import type { Services } from './services.ts'

export interface Until<Value> {
  readonly bus: Services['bus']
  /** Whose rings may mean it. */
  readonly id: string
  /** In milliseconds. */
  readonly patience: number
  /** Null: not yet. */
  look(): Promise<Value | null>
}

const lookEvery = 1_000

/** Null: not within the patience. */
export const until = async <Value>({ bus, id, patience, look }: Until<Value>): Promise<Value | null> => {
  const deadline = performance.now() + patience
  let rung = false
  let wake = () => {}
  const stop = bus.listen(id, () => {
    rung = true
    wake()
  })
  try {
    while (true) {
      rung = false
      const value = await look()
      if (value !== null) return value
      const left = deadline - performance.now()
      if (left <= 0) return null
      if (!rung)
        await new Promise<void>(resolve => {
          const timer = setTimeout(resolve, Math.min(left, lookEvery))
          wake = () => {
            clearTimeout(timer)
            resolve()
          }
        })
    }
  } finally {
    stop()
  }
}
