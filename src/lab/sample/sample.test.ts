import { describe, expect, test } from 'vitest'
import { IdentityLedger } from './identity-ledger.ts'
import { comeToRest } from './rest.ts'

const held = (...names: readonly string[]) => names.map((name) => ({ identity: name, what: name.replace(/\d+/, '') }))

describe('the identity ledger', () => {
  test('names what came after the warm-up and is still there two rests later', () => {
    const ledger = new IdentityLedger()
    ledger.see(held('pool1', 'log'))
    ledger.endWarmUp()
    ledger.see(held('pool1', 'log', 'leak1', 'leak2', 'fleeting'))
    ledger.see(held('pool1', 'log', 'leak1', 'leak2'))
    expect(ledger.survivors()).toEqual([])
    ledger.see(held('pool1', 'log', 'leak1', 'leak2', 'young'))
    expect(ledger.survivors()).toEqual([{ what: 'leak', amount: 2 }])
  })

  test('what was away for a rest is new when it is back', () => {
    const ledger = new IdentityLedger()
    ledger.endWarmUp()
    ledger.see(held('a'))
    ledger.see([])
    ledger.see(held('a'))
    ledger.see(held('a'))
    expect(ledger.survivors()).toEqual([])
    ledger.see(held('a'))
    expect(ledger.survivors()).toEqual([{ what: 'a', amount: 1 }])
  })
})

describe('rest', () => {
  const options = { everyMs: 1, countOf: (count: number) => count, isDone: () => Promise.resolve(true), settleMs: 0 }
  const { signal } = new AbortController()

  test('is when the count is the same three times', async () => {
    const counts = [9, 7, 8, 8, 6, 6, 6, 6, 5, 6, 6]
    const rest = await comeToRest({ ...options, read: () => counts.shift() ?? 6, withinMs: 5_000 }, signal)
    expect(rest).toMatchObject({ isAtRest: true, readings: [6, 5, 6, 6, 6] })
  })

  test('is not before all is done', async () => {
    let asked = 0
    const isDone = () => Promise.resolve(++asked === 4)
    const rest = await comeToRest({ ...options, isDone, read: () => 1, withinMs: 5_000 }, signal)
    expect([rest.isAtRest, asked]).toEqual([true, 4])
  })

  test('is not waited for for ever', async () => {
    let count = 0
    const rest = await comeToRest({ ...options, read: () => count++, withinMs: 20 }, signal)
    expect(rest.isAtRest).toBe(false)
    expect(rest.readings).toHaveLength(5)
  })
})
