import { expect, test } from 'vitest'
import { Owned } from './owned.ts'

function resource(name: string, closed: string[], failure?: Error): AsyncDisposable {
  return {
    async [Symbol.asyncDispose]() {
      closed.push(name)
      if (failure) throw failure
    },
  }
}

async function open(closed: string[], fails: boolean): Promise<AsyncDisposable> {
  await using undo = new Owned()
  undo.take(resource('socket', closed))
  undo.take(resource('tls', closed))
  if (fails) throw new Error('handshake')
  return undo.move()
}

test('a failing open closes what it had opened, last first', async () => {
  const closed: string[] = []
  await expect(open(closed, true)).rejects.toThrow('handshake')
  expect(closed).toEqual(['tls', 'socket'])
})

test('what was moved is closed once, by its new owner', async () => {
  const closed: string[] = []
  const owner = await open(closed, false)
  expect(closed).toEqual([])
  await owner[Symbol.asyncDispose]()
  await owner[Symbol.asyncDispose]()
  expect(closed).toEqual(['tls', 'socket'])
})

test('a failure while closing stops no other closing', async () => {
  const closed: string[] = []
  const owned = new Owned()
  owned.take(resource('a', closed))
  owned.take(resource('b', closed, new Error('stuck')))
  owned.defer(() => void closed.push('c'))
  await expect(owned[Symbol.asyncDispose]()).rejects.toThrow(AggregateError)
  expect(closed).toEqual(['c', 'b', 'a'])
})
