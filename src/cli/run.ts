import { Command } from 'commander'
import { Collector } from '../app/collector.ts'
import { isAbortOf } from '../lib/wait.ts'
import { addConfigFlags, type ConfigFlags, findConfig } from './config-flags.ts'
import { exitCodes, type ExitCode } from './exit-code.ts'
import { load } from './load.ts'
import { ownLog } from './own-log.ts'
import { addRunFlags, type RunFlags } from './run-flags.ts'
import { catchStopSignals } from './shutdown.ts'
import { tellUndelivered } from './tell-undelivered.ts'

const notes = `
SIGTERM and SIGINT deliver what was read, then end; a second one ends at once.`

export function runVerb(done: (code: ExitCode) => void): Command {
  return addRunFlags(addConfigFlags(new Command('run')))
    .description('collect, as the configuration says, until asked to end')
    .addHelpText('after', notes)
    .action(async (flags: RunFlags & ConfigFlags) => done(await run(flags)))
}

async function run(flags: RunFlags & ConfigFlags): Promise<ExitCode> {
  const { input, shown } = await findConfig(flags)
  const config = load(input)
  const log = ownLog(flags.logLevel ?? config.log.level)
  using shutdown = catchStopSignals(flags.drainTimeout, (signal) => {
    log.info({ signal }, 'asked to end; what was read is delivered first')
  })
  try {
    await using collector = await Collector.open({ config, log, signal: shutdown.stop })
    log.info({ configuration: shown }, 'collecting')
    await collector.run(shutdown.stop, shutdown.drained)
    return tellUndelivered(collector.undelivered(), log)
  } catch (error) {
    if (!isAbortOf(shutdown.stop, error)) throw error
    return exitCodes.ok
  }
}
