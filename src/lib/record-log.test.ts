import fc from 'fast-check'
import { expect, test } from 'vitest'
import { decodeRecords, encodeRecord } from './record-log.ts'

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
