import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { escapeReferences, interpolate, referencedFiles } from './interpolate.ts'

const env = { A: 'one', EMPTY: '', UNSET: undefined }

describe('interpolate', () => {
  test.each([
    ['${A}', 'one'],
    ['x${A}y${A}', 'xoneyone'],
    ['${EMPTY}', ''],
    ['${EMPTY:-two}', 'two'],
    ['${UNSET:-two}', 'two'],
    ['${A:-two}', 'one'],
    ['${NONE:-}', ''],
    ['${NONE:-a:-b $ c}', 'a:-b $ c'],
    ['$${A}', '${A}'],
    ['$$$${A}', '$${A}'],
    ['$$${A}', '$one'],
    ['^a$', '^a$'],
    ['$A', '$A'],
    ['{container.name}', '{container.name}'],
  ])('%s', (text, expected) => {
    expect(interpolate(text, env)).toMatchObject({ text: expected, troubles: [] })
  })

  test.each([
    '${NONE}',
    '${UNSET}',
    '${toString}',
    '${__proto__}',
    '${A',
    '${}',
    '${a-b}',
    '${file:}',
    '${file:\0}',
  ])('%s is a trouble', (text) => {
    expect(interpolate(text, env).troubles).toHaveLength(1)
  })

  test('values are not looked into', () => {
    expect(interpolate('${B}', { B: '${A} $$' }).text).toBe('${A} $$')
  })

  test('gives back what was escaped', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom('$', '{', '}', 'A', ':', '-') }), (text) => {
        expect(interpolate(escapeReferences(text), env)).toMatchObject({ text, troubles: [], hasReferences: false })
      }),
    )
  })
})

test('the files that a text refers to', () => {
  const text = 'a: ${file:/run/a}\nb: $${file:/no} ${A} ${file:b c} ${file:/open'
  expect(referencedFiles(text)).toEqual(['/run/a', 'b c', '/open'])
})
