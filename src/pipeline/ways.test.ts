import { expect, test } from 'vitest'
import { keysAfter, keysOnWays } from './ways.ts'

test.each<[string, string[], string[], Record<string, string[]> | undefined]>([
  ['nothing is known', ['#m'], [], undefined],
  ['nothing changes', ['', '#m'], ['e/c/stdout', 'e/c/stdout#m'], undefined],
  ['a joiner comes between', ['#m'], ['e/c/stdout', 'e/d/stdout'], { 'e/c/stdout': ['e/c/stdout#m'] }],
  ['a joiner is taken out', [''], ['e/c/stdout#m'], { 'e/c/stdout#m': ['e/c/stdout'] }],
  ['a joiner has another name', ['#n'], ['e/c/stdout#m'], { 'e/c/stdout#m': ['e/c/stdout#n'] }],
  ['a joiner comes beside', ['', '#m'], ['e/c/stdout'], { 'e/c/stdout': ['e/c/stdout', 'e/c/stdout#m'] }],
  [
    'one of two ways is taken out: what is behind it is of no use',
    ['#m'],
    ['e/c/stdout', 'e/c/stdout#m'],
    { 'e/c/stdout': [], 'e/c/stdout#m': ['e/c/stdout#m'] },
  ],
  [
    'one of two ways has another name: it goes on where it was, which is before the other',
    ['', '#n'],
    ['e/c/stdout', 'e/c/stdout#m'],
    { 'e/c/stdout': ['e/c/stdout'], 'e/c/stdout#m': ['e/c/stdout#n'] },
  ],
  ['one after the other', ['#m#n'], ['e/c/stdout#m'], { 'e/c/stdout#m': ['e/c/stdout#m#n'] }],
  ['other sources stay', ['#m'], ['e/c/stdout', 'f/c/stdout'], { 'f/c/stdout': ['f/c/stdout'] }],
])('%s', (_, wanted, known, expected) => {
  const keysOf = keysAfter('e', wanted, new Set(known))
  if (expected === undefined) expect(keysOf).toBeUndefined()
  else for (const [key, keys] of Object.entries(expected)) expect(keysOf!(key)).toEqual(keys)
})

test('the keys of a stream on all ways', () => {
  expect(keysOnWays(['k', 'l'], [{ way: '#m' }, { way: '' }, { way: '#m' }])).toEqual(['k', 'l', 'k#m', 'l#m'])
})
