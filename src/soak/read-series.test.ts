import { describe, expect, test } from 'vitest'
import { readSeries } from './read-series.ts'

const read = (text: string, more: { time?: string; wanted?: readonly string[] } = {}) =>
  readSeries({ name: 'run.csv', text, time: more.time, wanted: more.wanted ?? [] })

describe('a series', () => {
  test.each([
    { header: 'cycle', first: '1', second: '2', unit: 'cycle', step: 1 },
    { header: 'operations', first: '500', second: '1000', unit: 'operation', step: 500 },
    { header: 'time', first: '2026-11-23T12:00:00Z', second: '2026-11-23T12:00:30.0Z', unit: 'minute', step: 0.5 },
    { header: 'timestamp', first: '1795439623', second: '1795439653', unit: 'minute', step: 0.5 },
    { header: 'timestamp', first: '1795439623000', second: '1795439653000', unit: 'minute', step: 0.5 },
    { header: 'seconds', first: '0', second: '30', unit: 'minute', step: 0.5 },
    { header: 'elapsed_ms', first: '0', second: '30000', unit: 'minute', step: 0.5 },
    { header: 'minutes', first: '0', second: '0.5', unit: 'minute', step: 0.5 },
    { header: 'h', first: '0', second: '0.5', unit: 'minute', step: 30 },
  ])('goes along $header: $first', ({ header, first, second, unit, step }) => {
    const series = read(`fds,${header}\n7,${first}\n8,${second}\n`)
    expect(series.unit).toBe(unit)
    expect(series.at[1]! - series.at[0]!).toBeCloseTo(step, 6)
    expect(series.resources).toEqual([{ name: 'fds', values: [7, 8] }])
  })

  test('quotes, CRLF, a byte order mark, empty lines and missing readings', () => {
    const series = read('\ufeffcycle,"open, all",b\r\n1,"2",3\r\n\r\n2,,NaN\r\n')
    expect(series.resources).toEqual([
      { name: 'open, all', values: [2, NaN] },
      { name: 'b', values: [3, NaN] },
    ])
  })

  test('operations beside a time count the work that went on', () => {
    const series = read('operations,seconds,fds\n500,1,3\n1000,2,3\n')
    expect(series.unit).toBe('minute')
  })

  test('columns that tell processes apart are no resources', () => {
    const series = read('cycle,pid,fds\n1,7,3\n2,9,3\n')
    expect(series.resources.map(({ name }) => name)).toEqual(['fds'])
    expect(series.identities).toEqual([{ name: 'pid', values: ['7', '9'] }])
  })

  test('with criteria the other columns need not hold numbers', () => {
    expect(read('cycle,fds,note\n1,2,warm\n', { wanted: ['fds'] }).resources).toEqual([{ name: 'fds', values: [2] }])
  })

  test.each([
    { name: 'nothing', text: '', says: 'run.csv: the file is empty' },
    { name: 'a header only', text: 'cycle,a\n', says: 'run.csv: there is a header and no reading' },
    { name: 'a word', text: 'cycle,a\n1,2\n2,many\n', says: 'run.csv:3:3: "a" is no number: "many"' },
    {
      name: 'a place that is none',
      text: 'cycle,a\nx,2\n',
      says: 'run.csv:2:1: "cycle" is no place on the axis (cycle): "x"',
    },
    { name: 'a field too few', text: 'cycle,a\n1\n', says: 'run.csv:2:1: the line has 1 fields, the header 2' },
    { name: 'a field too many', text: 'cycle,a\n1,2,3\n', says: 'run.csv:2:5: the line has 3 fields, the header 2' },
    { name: 'an open quote', text: 'cycle,a\n1,"2\n', says: 'run.csv:2:3: the quote is not closed' },
    { name: 'a name twice', text: 'cycle,a,a\n1,2,3\n', says: 'run.csv:1:9: a second column is called "a"' },
    { name: 'no name', text: 'cycle,\n1,2\n', says: 'run.csv:1:7: column 2 has no name' },
    { name: 'no axis', text: 'a,b\n1,2\n', says: 'run.csv:1:1: no column says what the series goes along' },
    { name: 'an axis without a unit', text: 'time,a\n1,2\n', says: 'run.csv:1:1: the unit of "time" cannot be told' },
    { name: 'nothing but an axis', text: 'cycle\n1\n', says: 'run.csv: there is no column beside "cycle"' },
  ])('$name: $says', ({ text, says }) => {
    expect(() => read(text)).toThrow(says)
  })

  test('tells the first problems and counts the rest', () => {
    const text = `cycle,a\n${Array.from({ length: 8 }, (_, i) => `${i},x\n`).join('')}`
    expect(() => read(text)).toThrow(/run.csv:2:3.*run.csv:6:3.*and 3 more$/s)
  })

  test('a column that is not there', () => {
    expect(() => read('cycle,a\n1,2\n', { time: 'cycel' })).toThrow('there is no column "cycel"')
  })
})
