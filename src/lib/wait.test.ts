import { getEventListeners } from 'node:events'
import { expect, test } from 'vitest'
import { abortable, deferred, linkSignals, sleep } from './wait.ts'

const listeners = (signal: AbortSignal) => getEventListeners(signal, 'abort').length

test('a sleep ends with its signal and leaves no listener, however it ends', async () => {
  const stop = new AbortController()
  await sleep(1, stop.signal)
  expect(listeners(stop.signal)).toBe(0)
  const asleep = sleep(60_000, stop.signal)
  stop.abort(new Error('enough'))
  await expect(asleep).rejects.toThrow('enough')
  await expect(sleep(1, stop.signal)).rejects.toThrow('enough')
})

test('a wait for a promise ends with its signal and leaves no listener', async () => {
  const stop = new AbortController()
  expect(await abortable(Promise.resolve(7), stop.signal)).toBe(7)
  await expect(abortable(Promise.reject(new Error('no')), stop.signal)).rejects.toThrow('no')
  await expect.poll(() => listeners(stop.signal)).toBe(0)
  const never = abortable(deferred().promise, stop.signal)
  stop.abort(new Error('enough'))
  await expect(never).rejects.toThrow('enough')
})

test('linked signals abort with the first, and let go of all', () => {
  const [a, b] = [new AbortController(), new AbortController()]
  for (let i = 0; i < 1_000; i++) {
    using linked = linkSignals(a.signal, b.signal)
    expect(linked.signal.aborted).toBe(false)
  }
  expect([listeners(a.signal), listeners(b.signal)]).toEqual([0, 0])
  using linked = linkSignals(a.signal, b.signal)
  b.abort(new Error('b'))
  expect(linked.signal.reason).toEqual(new Error('b'))
  expect(listeners(a.signal)).toBe(0)
  using late = linkSignals(a.signal, b.signal)
  expect(late.signal.aborted).toBe(true)
})
