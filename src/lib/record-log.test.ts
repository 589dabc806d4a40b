import { crc32 as zlibCrc32 } from 'node:zlib'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { crc32, decodeRecords, encodeRecord } from './record-log.ts'

test('the checksum is that of zlib', () => {
  expect(crc32(Buffer.from('123456789'))).toBe(0xcbf43926)
  // 20.15 and 22.2 were the first to have it.
  if (typeof zlibCrc32 === 'function') {
    fc.assert(fc.property(fc.uint8Array(), (bytes) => crc32(bytes) === zlibCrc32(bytes)))
  }
})

test('records come back; cut anywhere, those before the cut do', () => {
  fc.assert(
    fc.property(fc.array(fc.jsonValue(), { maxLength: 8 }), fc.nat(), (values, cut) => {
      const records = values.map((value) => Buffer.from(encodeRecord(value)))
      const whole = Buffer.concat(records)
      expect(decodeRecords(whole)).toEqual({
        records: values.map((value) => JSON.parse(JSON.stringify(value)) as unknown),
        broken: 0,
      })
      const end = cut % (whole.length + 1)
      let complete = 0
      for (let length = 0; complete < records.length && length + records[complete]!.length <= end; complete++)
        length += records[complete]!.length
      expect(decodeRecords(whole.subarray(0, end)).records).toHaveLength(complete)
    }),
  )
})

test('a changed byte costs its own record only', () => {
  const text = [1, 2, 3].map(encodeRecord).join('')
  const broken = text.replace(' 2\n', ' 5\n')
  expect(decodeRecords(Buffer.from(broken))).toEqual({ records: [1, 3], broken: 1 })
})
