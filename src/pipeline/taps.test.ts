import { expect, test } from 'vitest'
import { BatchMaker } from '../batch/testing.ts'
import { Taps } from './taps.ts'

test('a tap sees what it was opened for, until it is closed', () => {
  const taps = new Taps()
  const batch = new BatchMaker().batchOf([{ text: 'x' }])
  const seen: string[] = []
  expect(taps.isIdle).toBe(true)
  const sources = taps.open(undefined, (at) => seen.push(`sources: ${at}`))
  const one = taps.open('quiet', (at) => seen.push(`one: ${at}`))
  expect(taps.isIdle).toBe(false)
  const offerAll = () => {
    taps.offer('engine', 'source', batch)
    taps.offer('quiet', 'transform', batch)
    taps.offer('other', 'transform', batch)
  }
  offerAll()
  expect(seen).toEqual(['sources: engine', 'one: quiet'])
  sources[Symbol.dispose]()
  one[Symbol.dispose]()
  one[Symbol.dispose]()
  expect(taps.isIdle).toBe(true)
  offerAll()
  expect(seen.length).toBe(2)
})
