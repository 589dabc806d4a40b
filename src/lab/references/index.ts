import { fileURLToPath } from 'node:url'
import { ownFile } from '../../lib/own-files.ts'

/**
 * Small collectors that repeat faults of a predecessor on purpose: what the lab finds in them shows what it can find, and beside them the program under test is
 * seen under the same load. They are programs of their own and no part of the collector.
 */
export const references = {
  'exclusive-pool': {
    description: 'five clients held exclusively by log streams, and overflow clients that are never closed',
    /** Every running container is looked at so often, unless told otherwise; undefined: never. */
    healthSeconds: 180,
  },
  'short-streams': {
    description: 'a new stream for each container at every rotation, the reader of the old one abandoned',
    healthSeconds: undefined,
  },
} as const satisfies Record<string, { readonly description: string; readonly healthSeconds: number | undefined }>

export type ReferenceName = keyof typeof references

export const referenceNames = Object.keys(references) as readonly ReferenceName[]

/** As the predecessor was set. */
export const usualRotationSeconds = 30

export interface ReferenceOptions {
  /** `unix:///...` or `tcp://...` */
  readonly engineHost: string
  readonly rotationSeconds?: number
  readonly healthSeconds?: number
  /** Of the metrics; a free port of the loopback interface where it is not given. */
  readonly listen?: string
  /** Gets the text of every line that was read. */
  readonly outputFile?: string
}

/** Arguments for `process.execPath`. The process prints a `ReadyLine` when the containers that run are followed, and ends with 0 on SIGTERM. */
export function referenceCommand(name: ReferenceName, options: ReferenceOptions): readonly string[] {
  const { engineHost, rotationSeconds, healthSeconds, listen, outputFile } = options
  const flag = (word: string, value: string | number | undefined) => (value === undefined ? [] : [word, String(value)])
  return [
    fileURLToPath(ownFile('dist/lab/references/main.js')),
    ...[name, '--engine', engineHost],
    ...flag('--rotation-seconds', rotationSeconds),
    ...flag('--health-seconds', healthSeconds),
    ...flag('--listen', listen),
    ...flag('--output', outputFile),
  ]
}

/** One line of JSON on standard output. */
export interface ReadyLine {
  readonly name: ReferenceName
  readonly pid: number
  /** The address of the metrics. */
  readonly metrics: string
}
