import { expect, test } from 'vitest'
import { fieldsOf, type FoundFields } from './testing.ts'

const begin = { time: '2016-10-06T00:17:09.669794202Z', stream: 'stdout', tag: 'F' }

test.each<[string, FoundFields]>([
  ['2016-10-06T00:17:09.669794202Z stdout F  log content ', { ...begin, message: ' log content ' }],
  [
    '2016-10-06T00:17:09.669794203+02:00 stderr P:x partial',
    { time: '2016-10-06T00:17:09.669794203+02:00', stream: 'stderr', tag: 'P:x', message: 'partial' },
  ],
  ['2016-10-06T00:17:09.669794202Z stdout F ', { ...begin, message: '' }],
  ['2016-10-06T00:17:09.669794202Z stdout F', { ...begin, message: '' }],
  ['2016-10-06T00:17:09.669794202Z stdout', undefined],
  ['2016-10-06T00:17:09.669794202Z stdout ', undefined],
  ['2016-10-06T00:17:09.669794202Z stdin F x', undefined],
  ['2016-10-06 00:17:09.669794202Z stdout F x', undefined],
  ['', undefined],
])('%s', (line, expected) => {
  expect(fieldsOf({ format: 'cri' }, line)).toEqual(expected)
})
