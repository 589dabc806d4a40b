import type { Batch } from '../../batch/batch.ts'
import { lineFlags } from '../../batch/flags.ts'
import { type Row, rowsOf } from '../../batch/row.ts'
import { type BranchEnd, branchesOf } from '../../pipeline/graph.ts'
import { Taps } from '../../pipeline/taps.ts'
import { createLog } from '../../telemetry/log.ts'
import { createMetrics } from '../../telemetry/metrics.ts'
import { createTransforms } from '../components.ts'
import type { CollectorConfig } from '../registries.ts'
import { batchesOf } from './batch-of-lines.ts'
import type { ExpectedLine, LineTest } from './schema.ts'

/** What came out where it was expected, or did not. */
export interface Observed {
  /** A sink, a transform, or an output. */
  readonly name: string
  readonly expected: readonly string[]
  /** Each with the fields that are expected of its place. */
  readonly seen: readonly string[]
  /** A transform before it has failed. */
  readonly failure: string | undefined
}

export interface TestResult {
  readonly name: string
  readonly observed: readonly Observed[]
  readonly hasPassed: boolean
}

/** Passes the lines of a test through transforms of its own, joined as the collector joins them. No source, no sink and no file is opened. */
export function runTest(test: LineTest, config: CollectorConfig): TestResult {
  const metrics = createMetrics()
  const transforms = createTransforms(config, metrics)
  const source = test.source ?? config.sources[0]!.id
  const ends = Object.keys(test.expect).map((name) => new End(name))
  const inputsOf = ({ id }: End) => config.sinks.find((sink) => sink.id === id)?.inputs ?? [id]
  const lanes = ends.map((lane) => ({ lane, inputs: inputsOf(lane) }))
  const surroundings = { log: createLog('silent'), metrics, taps: new Taps() }
  const branches = branchesOf(source, { transforms, lanes }, surroundings)
  const batches = batchesOf(source, test.lines)
  for (const [emission, batch] of batches.entries()) branches.pass(batch, emission)
  branches.flush(Number.POSITIVE_INFINITY, batches.length)
  const observed = ends.map((end) => {
    const expected = test.expect[end.id]!
    const seen = end.lines().map((line, i) => shownAs(expected[i] ?? '', line))
    return { name: end.id, expected: expected.map(expectedText), seen, failure: end.failure }
  })
  const isAsExpected = ({ expected, seen, failure }: Observed) =>
    failure === undefined && expected.length === seen.length && expected.every((text, i) => text === seen[i])
  return { name: test.name, observed, hasPassed: observed.every(isAsExpected) }
}

/** A line as it is compared: its text, and its fields where those are asked about. */
function expectedText(line: ExpectedLine): string {
  return typeof line === 'string' ? line : shownText(line.text, line.fields)
}

/** What came, as far as something is expected of it. */
function shownAs(expected: ExpectedLine, { text, fields = {} }: SeenLine): string {
  if (typeof expected === 'string') return text
  const { fields: asked } = expected
  const names = Object.keys(asked ?? {}).filter((name) => Object.hasOwn(fields, name))
  const found = asked && Object.fromEntries(names.map((name) => [name, fields[name]]))
  return shownText(expected.text === undefined ? undefined : text, found)
}

function shownText(text: string | undefined, fields: object | undefined): string {
  return [...(text === undefined ? [] : [text]), ...(fields === undefined ? [] : [JSON.stringify(fields)])].join(' ')
}

type SeenLine = Pick<Row, 'text' | 'fields'>

/** Where lines are expected: keeps them. */
class End implements BranchEnd {
  readonly id: string
  failure: string | undefined
  readonly #lines: (SeenLine & { readonly atMs: number })[] = []

  constructor(id: string) {
    this.id = id
  }

  take(batch: Batch): void {
    for (const { flags, seconds, nanos, ...line } of rowsOf(batch))
      if ((flags & lineFlags.dropped) === 0) this.#lines.push({ ...line, atMs: seconds * 1000 + nanos / 1e6 })
    batch.release()
  }

  fail(_emission: number, reason: string): void {
    this.failure = reason
  }

  /** In the order of their times: what comes by two ways does so one way after the other. */
  lines(): readonly SeenLine[] {
    return [...this.#lines].sort((a, b) => a.atMs - b.atMs)
  }
}
