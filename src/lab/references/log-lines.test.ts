import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type LogLine, LogLines } from './log-lines.ts'

const seed = Number(process.env['SEED'] ?? Math.floor(Math.random() * 2 ** 31))
console.info(`log lines: SEED=${seed}`) // oxlint-disable-line no-console

const timeOf = (n: number) => `2026-11-23T12:48:58.${String(n).padStart(9, '0')}Z`

function frame(stream: number, record: string): Buffer {
  const payload = Buffer.from(record)
  const head = Buffer.from([stream, 0, 0, 0, 0, 0, 0, 0])
  head.writeUInt32BE(payload.length, 4)
  return Buffer.concat([head, payload])
}

function read(bytes: Buffer, cuts: readonly number[] = []): readonly LogLine[] {
  const found: LogLine[] = []
  const lines = new LogLines((line) => found.push(line))
  let from = 0
  for (const cut of [...cuts.map((place) => place % (bytes.length + 1)).sort((a, b) => a - b), bytes.length]) {
    lines.feed(bytes.subarray(from, cut))
    from = cut
  }
  lines.finish()
  return found
}

const text = fc.string({ unit: 'grapheme', maxLength: 30 }).filter((one) => !/[\r\n]/.test(one))
const sent = fc.array(fc.record({ stream: fc.constantFrom(1, 2), text }), { maxLength: 20 })
const cuts = fc.array(fc.nat(), { maxLength: 20 })

describe('lines of a log', () => {
  test('in frames are read however they are cut', () => {
    const isRead = fc.property(sent, cuts, (lines, places) => {
      const body = Buffer.concat(lines.map((line, i) => frame(line.stream, `${timeOf(i)} ${line.text}\n`)))
      expect(read(body, places)).toEqual(lines.map((line, i) => ({ ...line, time: timeOf(i) })))
    })
    fc.assert(isRead, { seed })
  })

  test('of a terminal are read however they are cut', () => {
    const isRead = fc.property(fc.array(text), cuts, (lines, places) => {
      const body = Buffer.from(lines.map((line, i) => `${timeOf(i)} ${line}\r\n`).join(''))
      expect(read(body, places)).toEqual(lines.map((line, i) => ({ stream: 1, text: line, time: timeOf(i) })))
    })
    fc.assert(isRead, { seed })
  })

  test('are joined of their pieces, the streams apart', () => {
    const body = [
      frame(1, `${timeOf(1)} one `),
      frame(2, `${timeOf(2)} error`),
      frame(1, `${timeOf(1)} line\n`),
      frame(2, `${timeOf(2)} s\n`),
      frame(1, `${timeOf(3)} last words`),
    ]
    expect(read(Buffer.concat(body))).toEqual([
      { stream: 1, time: timeOf(1), text: 'one line' },
      { stream: 2, time: timeOf(2), text: 'errors' },
      { stream: 1, time: timeOf(3), text: 'last words' },
    ])
  })
})
