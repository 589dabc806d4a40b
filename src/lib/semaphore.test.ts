import { expect, test } from 'vitest'
import { Semaphore } from './semaphore.ts'

const never = new AbortController().signal

test('permits go to those who asked first; giving one back twice gives one', async () => {
  const semaphore = new Semaphore(1)
  const first = await semaphore.acquire(never)
  const order: string[] = []
  const second = semaphore.acquire(never).then((permit) => (order.push('second'), permit))
  const third = semaphore.acquire(never).then((permit) => (order.push('third'), permit))
  expect(semaphore.tryAcquire()).toBeUndefined()
  first[Symbol.dispose]()
  first[Symbol.dispose]()
  ;(await second)[Symbol.dispose]()
  ;(await third)[Symbol.dispose]()
  expect(order).toEqual(['second', 'third'])
  expect(semaphore.tryAcquire()).toBeDefined()
})

test('one who gives up waiting takes no permit', async () => {
  const semaphore = new Semaphore(1)
  const held = await semaphore.acquire(never)
  const stop = new AbortController()
  const waiting = semaphore.acquire(stop.signal)
  stop.abort(new Error('enough'))
  await expect(waiting).rejects.toThrow('enough')
  expect(semaphore.waiting).toBe(0)
  held[Symbol.dispose]()
  expect(semaphore.tryAcquire()).toBeDefined()
})
