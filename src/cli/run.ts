import { Command } from 'commander'
import type { CollectorConfig } from '../app/registries.ts'
import type { LogLevel } from '../telemetry/log.ts'
import { collect } from './collect.ts'
import { addConfigFlags, type ConfigFlags, ConfigFlagsError, findConfig } from './config-flags.ts'
import type { ExitCode } from './exit-code.ts'
import { flag, isGiven } from './flag.ts'
import { load } from './load.ts'
import { ownLog } from './own-log.ts'
import { addRunFlags, type RunFlags } from './run-flags.ts'
import { catchStopSignals } from './shutdown.ts'

const notes = `
SIGTERM and SIGINT deliver what was read, then end; a second one ends at once.
SIGHUP reads the configuration again: what did not change keeps running, and one with mistakes changes nothing.

Examples:
  log-capturer run
  log-capturer run -c log-capturer.yaml -c more.yaml
  log-capturer run --config-dir /etc/log-capturer/conf.d --drain-timeout 2m
  generate-configuration | log-capturer run -c -`

export function runVerb(done: (code: ExitCode) => void): Command {
  return addRunFlags(addConfigFlags(new Command('run')))
    .addOption(flag('--watch', 'read the configuration again when its files change'))
    .description('collect, as the configuration says, until asked to end')
    .addHelpText('after', notes)
    .action(async (flags: RunFlags & ConfigFlags, command: Command) =>
      done(await run(flags, isGiven(command, '--watch') ? 'watch' : 'do not watch')),
    )
}

async function run(flags: RunFlags & ConfigFlags, watching: 'watch' | 'do not watch'): Promise<ExitCode> {
  const { input, shown } = await findConfig(flags)
  if (watching === 'watch' && input.kind !== 'files' && input.kind !== 'directory')
    throw new ConfigFlagsError(`--watch needs files: ${shown} is none`, { hint: 'give --config or --config-dir' })
  const loadAgain = () => withLogLevel(load(input), flags.logLevel)
  const config = loadAgain()
  const log = ownLog(config.log.level)
  log.info({ configuration: shown }, 'starting')
  using shutdown = catchStopSignals(flags.drainTimeout, (signal) => {
    log.info({ signal }, 'asked to end; what was read is delivered first')
  })
  const watched = watching === 'watch' ? input : undefined
  return await collect({ config, loadAgain, watched, drainTimeoutMs: flags.drainTimeout, log, shutdown })
}

/** The level on the command line counts, whatever the configuration says. */
function withLogLevel(config: CollectorConfig, level: LogLevel | undefined): CollectorConfig {
  return level === undefined ? config : { ...config, log: { level } }
}
