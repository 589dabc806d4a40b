import type { Row } from './row.ts'
import { backlogRows } from './rows/backlog.ts'
import { clockRows } from './rows/clock.ts'
import { collectorRows } from './rows/collector.ts'
import { destinationRows } from './rows/destination.ts'
import { diskRows } from './rows/disk.ts'
import { engineRows } from './rows/engine.ts'
import { logRows } from './rows/logs.ts'

/** The whole matrix. A new row is one entry in its family. */
export const rows: readonly Row[] = [
  ...collectorRows,
  ...engineRows,
  ...logRows,
  ...destinationRows,
  ...backlogRows,
  ...diskRows,
  ...clockRows,
]
