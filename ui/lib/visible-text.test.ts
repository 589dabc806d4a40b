import { expect, test } from 'vitest'
import { plainText, visibleText } from './visible-text.ts'

test.each([
  ['a\tb é 日本 👍', 'a\tb é 日本 👍'],
  ['\u0000\u0007\u001b[31m\u007f', '␀␇␛[31m␡'],
  ['\u0085\u202egnp.exe\u2066\ufeff', '‹U+0085›‹U+202E›gnp.exe‹U+2066›‹U+FEFF›'],
  ['a\r\nb', 'a␍␊b'],
])('%j is shown as %s', (text, shown) => {
  expect(visibleText(text)).toBe(shown)
})

test('colours of terminals are left out, and nothing else', () => {
  expect(plainText('\u001b[1;31mred\u001b[0m\u001b[2K')).toBe('red␛[2K')
})
