/** For tests: a queue in a folder of its own, and batches that say who they are. */
import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Batch } from '../../batch/batch.ts'
import { rowsOf } from '../../batch/row.ts'
import { BatchMaker } from '../../batch/testing.ts'
import { createLog } from '../../telemetry/log.ts'
import { DiskQueue, type DiskQueueItem, type Lost } from './disk-queue.ts'

export class QueueBench implements Disposable {
  readonly folder = mkdtempSync(join(tmpdir(), 'disk-queue-'))
  readonly lost: Lost[] = []
  readonly logged: { level: string; msg: string }[] = []
  readonly #maker = new BatchMaker()

  open(maxBytes = 1e9, folder = this.folder): Promise<DiskQueue> {
    const log = createLog('info', {
      write: (line) => void this.logged.push(JSON.parse(line) as (typeof this.logged)[number]),
    })
    return DiskQueue.open({ folder, maxBytes, log, onLost: (lost) => this.lost.push(lost) })
  }

  /** `id` names the batch; it has `lines` lines with `bytes` bytes behind the name each. */
  item(id: number, { lines = 1, bytes = 0 }: { lines?: number; bytes?: number } = {}): DiskQueueItem {
    const filling = 'x'.repeat(bytes)
    const batch = this.#maker.batchOf(
      Array.from({ length: lines }, (_, i) => ({ text: `${id} ${filling}`, container: 'app', nanos: id, ordinal: i })),
    )
    return { batch, progress: batch.progress }
  }

  segments(): string[] {
    return readdirSync(this.folder)
      .filter((name) => name.endsWith('.segment'))
      .sort()
  }

  get diskBytes(): number {
    return this.segments().reduce((sum, name) => sum + statSync(join(this.folder, name)).size, 0)
  }

  path(name: string): string {
    return join(this.folder, name)
  }

  [Symbol.dispose](): void {
    rmSync(this.folder, { recursive: true, force: true })
  }
}

export function idOf(batch: Batch): number {
  return Number.parseInt(rowsOf(batch)[0]!.text, 10)
}

/** Reads all that is left. */
export async function drain(queue: DiskQueue): Promise<number[]> {
  const ids: number[] = []
  for (let batch = await queue.read(); batch; batch = await queue.read()) ids.push(idOf(batch))
  return ids
}
