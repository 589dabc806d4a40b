import { resolve } from 'node:path'
import { existsSync } from 'node:fs'
import { LogCapturerError } from '../lib/error.ts'
import { parseTimestamp } from '../lib/timestamp.ts'
import type { Log } from '../telemetry/log.ts'
import { openOffice } from './dead-letters/open-office.ts'
import { CollectorClient } from './client/collector-client.ts'
import { targetOf } from './client/target.ts'
import type { CollectorConfig } from './registries.ts'

/** A line that a sink's destination refused. */
export interface RefusedLine {
  /** The container's name. */
  readonly container: string
  readonly stream: 'stdout' | 'stderr'
  readonly seconds: number
  readonly nanos: number
  readonly text: Buffer
}

const lettersAtOnce = 1_000
const metricsTimeoutMs = 5_000
const lossCounters: Readonly<Record<string, string>> = {
  queue_lines_lost_total: 'its queue lost',
  dead_letter_lines_dropped_total: 'its dead letters had no room for',
}

/** What a collector with this configuration, running or not, can tell of lines that one of its sinks did not deliver. */
export class CollectorRecords {
  readonly #config: CollectorConfig
  readonly #sink: string
  readonly #log: Log

  constructor({ config, sink, log }: { readonly config: CollectorConfig; readonly sink: string; readonly log: Log }) {
    this.#config = config
    this.#sink = sink
    this.#log = log
  }

  /** The lines in the dead letters. @returns why they cannot be read; undefined: they were */
  async eachGivenUp(onLine: (line: RefusedLine, reason: string) => void): Promise<string | undefined> {
    if (!existsSync(resolve(this.#config.dataDir, 'dead-letters'))) return undefined
    try {
      await using open = await openOffice(this.#config, this.#log)
      const { office } = open
      for (let after: string | undefined, isFirst = true; isFirst || after !== undefined; isFirst = false) {
        const { letters, next } = await office.list({ sink: this.#sink, after, limit: lettersAtOnce })
        for (const { id, lines, reason } of letters) {
          // Sent again or dropped meanwhile: then there is nothing of it to tell.
          const letter = await office.read(id, { lines })
          for (const { container, stream, time, text, base64 } of letter?.content ?? []) {
            const bytes = text === undefined ? Buffer.from(base64 ?? '', 'base64') : Buffer.from(text)
            onLine({ container, stream, ...parseTimestamp(time)!, text: bytes }, `in the dead letters: ${reason}`)
          }
        }
        after = next
      }
      return undefined
    } catch (error) {
      if (error instanceof LogCapturerError) return error.message
      throw error
    }
  }

  /** What the running collector counts as lost since it started. */
  async losses(): Promise<readonly string[]> {
    let metrics: string
    try {
      await using client = new CollectorClient(targetOf(this.#config))
      metrics = await client.text('/metrics', AbortSignal.timeout(metricsTimeoutMs))
    } catch {
      // No collector runs, or none that can be asked.
      return []
    }
    return lossesIn(metrics, this.#sink)
  }
}

function lossesIn(metrics: string, sink: string): string[] {
  const found: string[] = []
  for (const [, name, labels, value] of metrics.matchAll(/^log_capturer_(\w+)\{([^}]*)\} (\S+)$/gm)) {
    const words = lossCounters[name!]
    if (words === undefined || !labels!.includes(`sink="${sink}"`) || Number(value) === 0) continue
    const reason = /reason="([^"]*)"/.exec(labels!)?.[1]
    found.push(
      `the collector has counted since its start: ${words} ${value!} lines${reason === undefined ? '' : ` (${reason})`}`,
    )
  }
  return found
}
