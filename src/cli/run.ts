import { Command } from 'commander'
import { collect } from './collect.ts'
import { addConfigFlags, type ConfigFlags, findConfig } from './config-flags.ts'
import type { ExitCode } from './exit-code.ts'
import { flag } from './flag.ts'
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
    .action(async (flags: RunFlags & ConfigFlags & { readonly watch?: boolean }) => done(await run(flags)))
}

async function run(flags: RunFlags & ConfigFlags & { readonly watch?: boolean }): Promise<ExitCode> {
  const { input, shown } = await findConfig(flags)
  const config = load(input)
  const log = ownLog(flags.logLevel ?? config.log.level)
  log.info({ configuration: shown }, 'starting')
  using shutdown = catchStopSignals(flags.drainTimeout, (signal) => {
    log.info({ signal }, 'asked to end; what was read is delivered first')
  })
  const watched = flags.watch === true ? input : undefined
  const loadAgain = () => load(input)
  return await collect({ config, loadAgain, watched, drainTimeoutMs: flags.drainTimeout, log, shutdown })
}
