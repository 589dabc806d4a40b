import type { Batch } from '../../batch/batch.ts'
import type { Fields } from '../../batch/fields/fields.ts'
import { FieldsBuilder } from '../../batch/fields/fields-builder.ts'
import { lineFlags } from '../../batch/flags.ts'
import { defineTransform } from '../../component/transform.ts'
import { digitsBelow } from './digits-below.ts'
import { timeFormatOf } from './format.ts'
import type { FoundTime } from './found-time.ts'
import { options, type TimestampOptions } from './schema.ts'
import { wallClockOf } from './zone.ts'

export const timestamp = defineTransform({
  name: 'timestamp',
  summary: 'Takes the time of a line from one of its fields.',
  options,
  examples: [
    {},
    { fields: ['when'], formats: ['%d.%m.%Y %H:%M:%S,%f', 'syslog'], zone: 'Europe/Berlin', outside: 'clamp' },
  ],
  create: (given, { id, metrics }) => {
    const builder = new FieldsBuilder()
    const reader = new TimeReader(given)
    const count = (failed: number, outside: number) => {
      metrics.parseFailures.inc({ transform: id }, failed)
      metrics.timesOutside.inc({ transform: id }, outside)
    }
    count(0, 0)
    return {
      apply: (batch) => {
        const { fields } = batch
        if (fields === undefined) return batch
        builder.begin(batch.count, fields)
        let [failed, outside] = [0, 0]
        for (let row = 0; row < batch.count; row++) {
          builder.row()
          if ((batch.columns.flags[row]! & lineFlags.dropped) !== 0) continue
          const outcome = reader.read(batch, fields, row)
          if (outcome === 'unknown') failed += 1
          if (outcome === 'outside' || outcome === 'rejected') outside += 1
          if (outcome === 'taken' || outcome === 'outside') builder.setTime(reader.found.seconds, reader.found.nanos)
        }
        count(failed, outside)
        return batch.withFields(builder.finish())
      },
    }
  },
})

/** `none`: the line has no such field. `unknown`: it is no time. `outside`, `rejected`: it lies too far from the engine's, and counts, or does not. */
type Outcome = 'none' | 'unknown' | 'taken' | 'outside' | 'rejected'

/** No time is longer. */
const mostChars = 100

class TimeReader {
  readonly found: FoundTime = { seconds: 0, nanos: 0, resolution: 1 }
  /** Of the present row. */
  readonly engine = { seconds: 0, nanos: 0 }
  readonly #options: TimestampOptions
  readonly #formats: readonly ReturnType<typeof timeFormatOf>[]

  constructor(given: TimestampOptions) {
    const wallClock = wallClockOf(given.zone)
    this.#options = given
    this.#formats = given.formats.map((format) => timeFormatOf(format, wallClock))
  }

  /** Reads the time that a row says into `found`. */
  read({ columns }: Batch, fields: Fields, row: number): Outcome {
    const text = this.#textOf(fields, row)
    if (text === undefined) return 'none'
    const { found, engine } = this
    engine.seconds = columns.seconds[row]!
    engine.nanos = columns.nanos[row]!
    if (text.length > mostChars || !this.#isTime(text.trim())) return 'unknown'
    const aheadMs = (found.seconds - engine.seconds) * 1000 + (found.nanos - engine.nanos) / 1e6
    const { max_behind: maxBehindMs, max_ahead: maxAheadMs, outside } = this.#options
    if (aheadMs <= maxAheadMs && aheadMs >= -maxBehindMs) {
      digitsBelow(found, engine)
      return 'taken'
    }
    if (outside === 'reject') return 'rejected'
    if (outside === 'clamp') {
      const clampedMs = aheadMs > 0 ? maxAheadMs : -maxBehindMs
      const nanos = engine.nanos + (clampedMs % 1000) * 1e6
      found.seconds = engine.seconds + Math.trunc(clampedMs / 1000) + Math.floor(nanos / 1e9)
      found.nanos = ((nanos % 1e9) + 1e9) % 1e9
    } else digitsBelow(found, engine)
    return 'outside'
  }

  /** Of the first field that the row has. */
  #textOf(fields: Fields, row: number): string | undefined {
    for (const name of this.#options.fields) {
      const text = fields.textIn(row, name)
      if (text !== undefined) return text
    }
    return undefined
  }

  #isTime(text: string): boolean {
    for (const format of this.#formats) if (format(text, this.found, this.engine.seconds)) return true
    return false
  }
}
