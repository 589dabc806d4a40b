import {
  appendFileSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Cursor } from '../batch/cursor.ts'
import { lineFlags } from '../batch/flags.ts'
import type { Row } from '../batch/row.ts'
import { ReadingBench } from '../engine/testing.ts'
import { LogFileError } from './log-file-error.ts'
import { LogTail, type LogFormat } from './log-tail.ts'
import type { LogDriver } from './log-driver.ts'
import { jsonFileDriver } from './json-file-driver.ts'
import { localDriver } from './local-driver.ts'
import { localRecordsOf, recordsOf as jsonRecordsOf, WrittenLog, type WrittenLine } from './testing.ts'

let folder: string
let path: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'log-tail-'))
  path = join(folder, 'c-json.log')
})

afterEach(() => rmSync(folder, { recursive: true, force: true }))

/** Each driver, as it writes a line, and what is left of three lines where half a record stands before the second, and zeros behind it. */
const formats = [
  {
    driver: jsonFileDriver(),
    recordsOf: (line: WrittenLine, isUnterminated = false) => Buffer.from(jsonRecordsOf(line, isUnterminated)),
    tornBytes: 20,
    afterDamage: ['line 1', 'line 3'],
  },
  { driver: localDriver(), recordsOf: localRecordsOf, tornBytes: 20, afterDamage: ['line 1', 'line 2', 'line 3'] },
]
const now = 1_795_000_000
interface Cursors {
  stdout?: Cursor
  stderr?: Cursor
}

/** One life of the collector: from the cursors that its sinks have acknowledged. */
class Reading {
  readonly bench: ReadingBench
  readonly tail: LogTail
  readonly rows: Row[] = []
  readonly unreadable: Error[] = []

  constructor(driver: LogDriver, cursors: Cursors = {}, format: Partial<LogFormat> = {}) {
    this.bench = new ReadingBench({ ...cursors, nowSeconds: now + 1e6 })
    this.tail = new LogTail({
      path,
      streams: this.bench.streams,
      wanted: ['stdout', 'stderr'],
      writer: this.bench.options().writer,
      driver,
      format: { isTty: false, maxFileBytes: Number.POSITIVE_INFINITY, isOnlyFile: false, ...format },
      onUnreadable: (error) => this.unreadable.push(error),
    })
    this.tail.begin()
  }

  async toEnd(): Promise<Row[]> {
    for (;;) {
      const state = this.tail.read(true)
      if (state === 'compressed') await this.tail.readCompressed(async () => undefined, new AbortController().signal)
      if (state === 'end') break
    }
    return this.take()
  }

  take(): Row[] {
    const rows = this.bench.rows()
    this.rows.push(...rows)
    return rows
  }

  cursors(): Cursors {
    const { stdout, stderr } = this.bench.streams
    return {
      ...(stdout.hasCursor ? { stdout: stdout.cursor() } : {}),
      ...(stderr.hasCursor ? { stderr: stderr.cursor() } : {}),
    }
  }
}

function textsOf(rows: readonly Row[], stream?: 'stdout' | 'stderr'): string[] {
  return rows.filter((row) => stream === undefined || row.origin.stream === stream).map((row) => row.text)
}

function lineOf(i: number, text = `line ${i}`): WrittenLine {
  return { stream: i % 3 === 0 ? 'stderr' : 'stdout', seconds: now + i, nanos: (i * 1_000_003) % 1_000_000_000, text }
}

const command = fc.oneof(
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('write' as const), lines: fc.integer({ min: 1, max: 12 }) }) },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant('long' as const), bytes: fc.integer({ min: 16_000, max: 40_000 }) }),
  },
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('read' as const), times: fc.integer({ min: 1, max: 4 }) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('restart' as const), back: fc.integer({ min: 0, max: 5 }) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('rotate' as const) }) },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant('clock' as const), by: fc.integer({ min: -4_000, max: 50 }) }),
  },
)

describe.each(formats)('files of the driver $driver.name', ({ driver, recordsOf, tornBytes, afterDamage }) => {
  test('every line comes once and in order, through rotations, restarts at any acknowledged place and steps of the clock', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(command, { maxLength: 40 }),
        fc.boolean(),
        fc.boolean(),
        async (commands, isCompressed, hasSteps) => {
          rmSync(folder, { recursive: true, force: true })
          folder = mkdtempSync(join(tmpdir(), 'log-tail-'))
          path = join(folder, 'c-json.log')
          const log = new WrittenLog({ path, maxBytes: 1_500, maxFiles: 100, isCompressed: isCompressed && !hasSteps })
          const written = { stdout: [] as string[], stderr: [] as string[] }
          let seconds = now
          let nanos = 1
          let serial = 0
          const write = (text: string) => {
            const stream = serial % 3 === 0 ? 'stderr' : 'stdout'
            nanos += 1_001
            log.write(recordsOf({ stream, seconds, nanos, text }))
            written[stream].push(text)
            serial += 1
          }
          let reading = new Reading(driver)
          let taken: Row[] = []
          // Places that were acknowledged, with what had been delivered by then.
          let places: { cursors: Cursors; count: number }[] = [{ cursors: {}, count: 0 }]
          const read = async (times: number) => {
            for (let i = 0; i < times; i++) {
              const state = reading.tail.read(true)
              if (state === 'compressed')
                await reading.tail.readCompressed(async () => undefined, new AbortController().signal)
              taken.push(...reading.take())
              places.push({ cursors: reading.cursors(), count: taken.length })
            }
          }
          for (const step of commands) {
            switch (step.kind) {
              case 'write':
                for (let i = 0; i < step.lines; i++) write(`line ${serial} "quoted" <tag> \u00e9\t`)
                break
              case 'long':
                write(`${serial} ${'x'.repeat(step.bytes)}`)
                break
              case 'read':
                await read(step.times)
                break
              case 'rotate':
                log.rotate()
                break
              case 'clock':
                if (hasSteps) seconds += step.by
                break
              case 'restart': {
                const place = places[Math.max(0, places.length - 1 - step.back)]!
                places = places.slice(0, Math.max(1, places.length - step.back))
                taken = taken.slice(0, place.count)
                reading.tail[Symbol.dispose]()
                reading = new Reading(driver, place.cursors)
              }
            }
          }
          for (let state = ''; state !== 'end'; ) {
            state = reading.tail.read(true)
            if (state === 'compressed')
              await reading.tail.readCompressed(async () => undefined, new AbortController().signal)
            taken.push(...reading.take())
          }
          expect(textsOf(taken, 'stdout')).toEqual(written.stdout)
          expect(textsOf(taken, 'stderr')).toEqual(written.stderr)
          expect(reading.unreadable).toEqual([])
          reading.tail[Symbol.dispose]()
        },
      ),
      { numRuns: 150 },
    )
  })

  test('a file that is removed while it is written to is read on', async () => {
    writeFileSync(path, recordsOf(lineOf(1)))
    const reading = new Reading(driver)
    expect(textsOf(await reading.toEnd())).toEqual(['line 1'])
    const { openSync, writeSync, closeSync } = await import('node:fs')
    const engine = openSync(path, 'a')
    unlinkSync(path)
    writeSync(engine, recordsOf(lineOf(2)))
    expect(textsOf(await reading.toEnd())).toEqual(['line 2'])
    closeSync(engine)
    writeFileSync(path, recordsOf(lineOf(3)))
    expect(textsOf(await reading.toEnd())).toEqual(['line 3'])
  })

  test('a file that is truncated is read from its beginning, and what may be missing is said unless it was full', async () => {
    writeFileSync(path, recordsOf(lineOf(1)))
    appendFileSync(path, recordsOf(lineOf(2)))
    const reading = new Reading(driver, {}, { maxFileBytes: recordsOf(lineOf(1)).length + 10 })
    await reading.toEnd()
    truncateSync(path)
    appendFileSync(path, recordsOf(lineOf(3)))
    const [full] = await reading.toEnd()
    expect(full!.text).toBe('line 3')
    expect(full!.flags & lineFlags.gapBefore).toBe(0)
    truncateSync(path)
    // Longer than what was read before the truncation.
    appendFileSync(path, Buffer.concat([recordsOf(lineOf(4, 'x'.repeat(500))), recordsOf(lineOf(5))]))
    const rows = await reading.toEnd()
    expect(rows).toHaveLength(2)
    expect(rows[0]!.flags & lineFlags.gapBefore).toBe(lineFlags.gapBefore)
  })

  test('what has not been read of the only file, or of many, may be gone soon', async () => {
    const record = recordsOf(lineOf(1))
    const maxFileBytes = record.length * 100
    writeFileSync(path, Buffer.concat(Array.from({ length: 80 }, () => record)))
    const several = new Reading(driver, {}, { maxFileBytes })
    const only = new Reading(driver, {}, { maxFileBytes, isOnlyFile: true })
    expect([several.tail.isAtRisk, only.tail.isAtRisk]).toEqual([false, true])
    await only.toEnd()
    expect(only.tail.isAtRisk).toBe(false)
    for (let i = 0; i < 10; i++) {
      renameSync(path, `${path}.${20 - i}`)
      writeFileSync(path, record)
      several.tail.look(true)
    }
    expect(several.tail.isAtRisk).toBe(true)
    await several.toEnd()
    expect(several.tail.isAtRisk).toBe(false)
  })

  test('a damaged record is passed over, and the next line says that something may be missing', async () => {
    const torn = recordsOf(lineOf(2)).subarray(0, tornBytes)
    const zeros = Buffer.from('\0\0\0\0\n')
    writeFileSync(path, Buffer.concat([recordsOf(lineOf(1)), torn, recordsOf(lineOf(2)), zeros, recordsOf(lineOf(3))]))
    const reading = new Reading(driver)
    const rows = await reading.toEnd()
    expect(textsOf(rows)).toEqual(afterDamage)
    expect(rows[1]!.flags & lineFlags.gapBefore).toBe(lineFlags.gapBefore)
    expect(rows.at(-1)!.flags & lineFlags.gapBefore).toBe(lineFlags.gapBefore)
    expect(reading.bench.counts.gaps).toBe(2)
  })

  test('a file that was truncated and filled again shows, although its lines have the same texts at the same places', async () => {
    const text = 'all is well '.repeat(20)
    const linesFrom = (first: number, count: number) =>
      Buffer.concat(Array.from({ length: count }, (_, i) => recordsOf(lineOf(first + i * 3, text))))
    writeFileSync(path, linesFrom(0, 4))
    const reading = new Reading(driver)
    expect(await reading.toEnd()).toHaveLength(4)
    truncateSync(path)
    appendFileSync(path, linesFrom(12, 6))
    expect(await reading.toEnd()).toHaveLength(6)
  })

  test('half a record waits for its other half', async () => {
    const record = recordsOf(lineOf(1))
    writeFileSync(path, '')
    const reading = new Reading(driver)
    for (const byte of record.subarray(0, -1)) {
      appendFileSync(path, Buffer.from([byte]))
      expect(await reading.toEnd()).toEqual([])
    }
    appendFileSync(path, record.subarray(-1))
    expect(textsOf(await reading.toEnd())).toEqual(['line 1'])
    expect(reading.bench.counts.gaps).toBe(0)
  })

  test("a terminal's carriage returns are taken off, also between two pieces", async () => {
    const long = 'x'.repeat(16_383)
    writeFileSync(
      path,
      Buffer.concat([recordsOf(lineOf(1, 'a\r')), recordsOf(lineOf(2, `${long}\r`)), recordsOf(lineOf(4, '\r'))]),
    )
    const reading = new Reading(driver, {}, { isTty: true })
    expect(textsOf(await reading.toEnd())).toEqual(['a', long, ''])
  })

  test('a last line without a line feed is a line when the log is at rest', async () => {
    const long = 'x'.repeat(16_384)
    writeFileSync(path, Buffer.concat([recordsOf(lineOf(1, 'short'), true), recordsOf(lineOf(2, long), true)]))
    const reading = new Reading(driver)
    expect(textsOf(await reading.toEnd())).toEqual(['short'])
    expect(reading.tail.isWithinLine).toBe(true)
    reading.tail.finish()
    const [row] = reading.take()
    expect(row!.text).toBe(long)
    expect(row!.flags & lineFlags.unterminated).toBe(lineFlags.unterminated)
  })

  test('cursors of the other reader, which have no place in a file, are gone on from by their times', async () => {
    const lines = Array.from({ length: 40 }, (_, i) => lineOf(i + 1))
    const log = new WrittenLog({ path, maxBytes: 700, maxFiles: 20 })
    for (const line of lines) log.write(recordsOf(line))
    for (let at = 0; at < lines.length; at += 5) {
      const cursorOf = (name: string): Cursor | undefined => {
        const last = lines.slice(0, at).findLast(({ stream }) => stream === name)
        return last && { seconds: last.seconds, nanos: last.nanos, count: 1 }
      }
      const stdout = cursorOf('stdout')
      const stderr = cursorOf('stderr')
      const reading = new Reading(driver, { ...(stdout ? { stdout } : {}), ...(stderr ? { stderr } : {}) })
      expect(textsOf(await reading.toEnd())).toEqual(lines.slice(at).map(({ text }) => text))
      expect(reading.bench.counts.gaps).toBe(0)
      reading.tail[Symbol.dispose]()
    }
  })

  test('where the files do not reach back to the cursor a gap is said', async () => {
    const log = new WrittenLog({ path, maxBytes: 300, maxFiles: 3 })
    for (let i = 1; i <= 60; i++) log.write(recordsOf(lineOf(i)))
    const reading = new Reading(driver, { stdout: { seconds: now + 2, nanos: 5, count: 1 } })
    const rows = await reading.toEnd()
    expect(rows[0]!.flags & lineFlags.gapBefore).toBe(lineFlags.gapBefore)
    expect(rows.at(-1)!.text).toBe('line 60')
  })

  test('where one of the files cannot be opened, none stays open', () => {
    writeFileSync(path, recordsOf(lineOf(1)))
    writeFileSync(`${path}.2`, recordsOf(lineOf(0)))
    symlinkSync(`${path}.1`, `${path}.1`)
    const descriptors = () => readdirSync('/proc/self/fd').length
    const before = descriptors()
    expect(() => new Reading(driver)).toThrow(LogFileError)
    expect(descriptors()).toBe(before)
  })
})
