import { createLog, type LogLevel, type RootLog } from '../telemetry/log.ts'
import { humanLine } from './human-log.ts'

/** The own log to standard error: lines for people on a terminal, where `print` may take them, JSON elsewhere. */
export function ownLog(
  level: LogLevel,
  print: (line: string) => void = (line) => process.stderr.write(`${line}\n`),
): RootLog {
  return process.stderr.isTTY ? createLog(level, { write: (json) => print(humanLine(json)) }) : createLog(level)
}
