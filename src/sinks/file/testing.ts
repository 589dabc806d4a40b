/** For tests: a sink in a folder of its own, lines to feed it, and what it has written. */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Batch } from '../../batch/batch.ts'
import { BatchMaker, type TestLine } from '../../batch/testing.ts'
import type { SendOutcome, Sink } from '../../component/sink.ts'
import { createLog } from '../../telemetry/log.ts'
import { createMetrics } from '../../telemetry/metrics.ts'
import { file } from './file.ts'

export type Input = Partial<(typeof file.examples)[number]>

const never = new AbortController().signal

export class SinkBench implements Disposable {
  readonly folder = mkdtempSync(join(tmpdir(), 'file-sink-'))
  readonly logs = join(this.folder, 'logs')
  readonly state = join(this.folder, 'state')
  readonly #maker = new BatchMaker()
  #nanos = 0

  /** Text, one file per container, confirmed after a millisecond, unless `options` say otherwise. */
  open(options: Input = {}, stateDir = this.state): Promise<Sink> {
    const context = { id: 'disk', stateDir, log: createLog('silent'), metrics: createMetrics(), signal: never }
    const path = join(this.logs, '{container.name}.log')
    return file.open(file.options.parse({ path, format: 'text', sync_every: '1ms', ...options }), context)
  }

  /** A line later than all before it. */
  line(text: string | Buffer, container = 'app', rest: Partial<TestLine> = {}): TestLine {
    return { text, container, nanos: ++this.#nanos, ...rest }
  }

  batch(...lines: TestLine[]): Batch {
    return this.#maker.batchOf(lines)
  }

  send(sink: Sink, ...lines: TestLine[]): Promise<SendOutcome> {
    return sink.send(this.batch(...lines), never)
  }

  /** As the pipeline does: the batches that have to come again are sent in order until they are delivered. @returns the reasons. */
  async deliver(sink: Sink, batches: readonly Batch[], betweenTries: () => void = () => undefined): Promise<string[]> {
    const reasons: string[] = []
    let rest = [...batches]
    while (rest.length > 0) {
      const outcomes = await Promise.all(rest.map((batch) => sink.send(batch, never)))
      rest = rest.filter((_, i) => outcomes[i]!.status !== 'delivered')
      for (const outcome of outcomes) if (outcome.status === 'retry') reasons.push(outcome.reason)
      if (rest.length > 0) betweenTries()
    }
    return reasons
  }

  path(name: string): string {
    return join(this.logs, name)
  }

  read(name = 'app.log'): string {
    return readFileSync(this.path(name), 'utf8')
  }

  names(): string[] {
    return readdirSync(this.logs).sort()
  }

  /** Those put aside, in the order in which it was done. */
  putAside(base = 'app.log'): string[] {
    return this.names()
      .filter((name) => name.startsWith(`${base}.`))
      .sort(new Intl.Collator('en', { numeric: true }).compare)
  }

  [Symbol.dispose](): void {
    rmSync(this.folder, { recursive: true, force: true })
  }
}

export function descriptors(): number {
  return readdirSync('/proc/self/fd').length
}
