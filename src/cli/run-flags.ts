import { type Command, InvalidArgumentError, type Option } from 'commander'
import { parseDuration } from '../lib/units.ts'
import { logLevels, type LogLevel } from '../telemetry/log.ts'
import { flag } from './flag.ts'

/** Flags of every verb that collects. */
export interface RunFlags {
  readonly drainTimeout: number
  readonly logLevel?: LogLevel
}

export function addRunFlags(command: Command): Command {
  return command
    .addOption(drainTimeout())
    .addOption(flag('--log-level <level>', 'the least important messages of its own to print').choices(logLevels))
}

function drainTimeout(): Option {
  return flag('--drain-timeout <time>', 'how long to deliver what was read, once asked to end')
    .argParser((text: string) => {
      const ms = parseDuration(text)
      if (ms === undefined) throw new InvalidArgumentError('write for example 30s or 2m')
      return ms
    })
    .default(30_000, '30s')
}
