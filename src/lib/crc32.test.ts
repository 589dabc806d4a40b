import fc from 'fast-check'
import { expect, test } from 'vitest'
import { crc32, crc32ByTable } from './crc32.ts'

test.each([
  ['of this Node', crc32],
  ['by the table', crc32ByTable],
])('the checksum %s is that of the standard, whole and in parts', (_name, checksum) => {
  expect(checksum(Buffer.from('123456789'))).toBe(0xcbf43926)
  expect(checksum(Buffer.from('6789'), checksum(Buffer.from('12345')))).toBe(0xcbf43926)
})

test('both ways give the same', () => {
  const property = fc.property(fc.uint8Array(), fc.uint8Array(), (first, second) => {
    expect(crc32(second, crc32(first))).toBe(crc32ByTable(Buffer.concat([first, second])))
  })
  fc.assert(property)
})
