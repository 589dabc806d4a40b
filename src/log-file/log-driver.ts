import type { RecordScanner } from './records.ts'

export interface Time {
  readonly seconds: number
  readonly nanos: number
}

/** How one of Docker's logging drivers keeps a container's log in files. */
export interface LogDriver {
  /** As the engine calls it. */
  readonly name: 'json-file' | 'local'
  /** The file that is written to, where the engine's files are in `rootFolder`. Those that were full have its name, a dot and a number. */
  pathOf(rootFolder: string, containerId: string): string
  /** One for all files of this driver, and nothing of a scan is left after the next. */
  readonly scanner: RecordScanner
  /** Bytes before the end of a record in which its time is sure to stand. */
  readonly endBytes: number
  /** The time of the record that ends where `bytes` end; undefined: none ends there. The scanner may be used for it. */
  timeAtEnd(bytes: Buffer): Time | undefined
  /** How many of the bytes before `bytes[end]`, where a record ends, show that it is still that one: they hold its time. */
  proofBytes(bytes: Buffer, end: number): number
}

/** A container's log, if that is its driver. */
export interface DriverLog {
  readonly driver: LogDriver
  /** The file that the engine writes to. */
  readonly path: string
}
