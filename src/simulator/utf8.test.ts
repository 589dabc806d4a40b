import fc from 'fast-check'
import { expect, test } from 'vitest'
import { toValidUtf8 } from './utf8.ts'

test('valid text is given back as it is', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      const bytes = Buffer.from(text)
      expect(toValidUtf8(bytes)).toBe(bytes)
    }),
  )
})

test('what comes out is always valid, and keeps every valid part', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), fc.uint8Array({ maxLength: 8 }), (text, noise) => {
      const result = toValidUtf8(Buffer.concat([noise, Buffer.from(`|${text}`)]))
      const decoded = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(result)
      expect(decoded.endsWith(`|${text}`)).toBe(true)
    }),
  )
})
