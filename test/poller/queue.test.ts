import { expect, test } from 'vitest'
import { Queue } from '../../src/poller/queue.ts'

test('a queue gives what came first, also after a long way', () => {
  const queue = new Queue<number>()
  let taken = 0
  for (let put = 0; put < 50_000; put++) {
    queue.push(put)
    if (put % 3 !== 0) expect(queue.take()).toBe(taken++)
  }
  expect(queue.length).toBe(50_000 - taken)
  while (queue.length > 0) expect(queue.take()).toBe(taken++)
  expect(taken).toBe(50_000)
  expect(queue.take()).toBeUndefined()
})
