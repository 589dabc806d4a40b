import { jsonFileDriver } from './json-file-driver.ts'
import { localDriver } from './local-driver.ts'
import type { LogDriver } from './log-driver.ts'

/** Docker's logging drivers whose files can be read, each with memory of its own, a megabyte in all; a container has files of one. */
export function dockerDrivers(): readonly LogDriver[] {
  return [jsonFileDriver(), localDriver()]
}
