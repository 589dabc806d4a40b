import { expect, test } from 'vitest'
import { LiveText } from './live-text.ts'

/** What is to be seen after `output`: of the controls, only those that LiveText writes. */
function screenOf(output: string): string[] {
  const rows = ['']
  for (const [part, up] of output.matchAll(/\x1b\[(\d+)A\x1b\[J|\n|[^\x1b\n]+/g)) {
    if (up !== undefined) {
      rows.length -= Number(up)
      rows[rows.length - 1] = ''
    } else if (part === '\n') rows.push('')
    else rows.push(`${rows.pop() ?? ''}${part}`)
  }
  return rows
}

test('what is drawn replaces what was drawn before, and other lines go above it', () => {
  let output = ''
  const live = new LiveText({ columns: 10, write: (text) => (output += text) })
  live.above('first')
  live.draw(['a1', 'b1'])
  live.draw(['a2', 'b2', 'a line that would wrap'])
  live.above('second')
  live.draw(['a3'])
  expect(screenOf(output)).toEqual(['first', 'second', 'a3', ''])
  live.draw(['a line that would wrap'])
  expect(screenOf(output)).toEqual(['first', 'second', 'a line th', ''])
  live.draw([])
  expect(screenOf(output)).toEqual(['first', 'second', ''])
})

test('a terminal of unknown width gets lines of 79 characters', () => {
  let output = ''
  new LiveText({ columns: 0, write: (text) => (output += text) }).draw(['x'.repeat(200)])
  expect(screenOf(output)[0]).toBe('x'.repeat(79))
})
