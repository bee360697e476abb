// A signal that aborts when another does, or when time is up. Its end leaves no timer and no listener behind.

export interface Deadline extends Disposable {
  readonly signal: AbortSignal
}

/** To be declared with `using`. `ms` from now. */
export const deadline = (signal: AbortSignal, ms: number): Deadline => {
  const controller = new AbortController()
  const follow = () => controller.abort(signal.reason)
  const timer = setTimeout(() => controller.abort(new DOMException('No answer in time', 'TimeoutError')), ms)
  signal.addEventListener('abort', follow, { once: true })
  if (signal.aborted) follow()
  return {
    signal: controller.signal,
    [Symbol.dispose]: () => {
      clearTimeout(timer)
      signal.removeEventListener('abort', follow)
    },
  }
}

/** Waits for `work`, or rejects with the signal's reason: for work that cannot be called off. */
export const orAborted = async <Result>(work: Promise<Result>, signal: AbortSignal): Promise<Result> => {
  const { promise, reject } = Promise.withResolvers<never>()
  const stop = () => reject(signal.reason)
  signal.addEventListener('abort', stop, { once: true })
  if (signal.aborted) stop()
  try {
    // Given up first, so that it wins; what the work comes to is heard in either case.
    return await Promise.race([promise, work])
  } finally {
    signal.removeEventListener('abort', stop)
  }
}
