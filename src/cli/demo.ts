import { join } from 'node:path'
import { Command } from 'commander'
import { Collector } from '../app/collector.ts'
import type { CollectorConfig } from '../app/registries.ts'
import { isAbortOf } from '../lib/wait.ts'
import { openDemoEngine } from './demo-engine.ts'
import { exitCodes, type ExitCode } from './exit-code.ts'
import { LiveText } from './live-text.ts'
import { load } from './load.ts'
import { ownLog } from './own-log.ts'
import { printLine } from './print.ts'
import { addRunFlags, type RunFlags } from './run-flags.ts'
import { showStatus } from './show-status.ts'
import { catchStopSignals } from './shutdown.ts'
import { totalsLine } from './status.ts'
import { tellUndelivered } from './tell-undelivered.ts'

const folder = './log-capturer-demo'

export function demoVerb(done: (code: ExitCode) => void): Command {
  return addRunFlags(new Command('demo'))
    .description(`collect from the engine that answers, or from a simulated one, to files below ${folder}`)
    .action(async (flags: RunFlags) => done(await demo(flags)))
}

async function demo(flags: RunFlags): Promise<ExitCode> {
  const live = process.stdout.isTTY ? new LiveText(process.stdout) : undefined
  const print = (line: string) => (live ? live.above(line) : printLine(line))
  const log = ownLog(flags.logLevel ?? 'warn', live && ((line) => live.above(line)))
  using shutdown = catchStopSignals(flags.drainTimeout, () =>
    print('delivering what was read; Ctrl-C again ends at once'),
  )
  try {
    await using engine = await openDemoEngine(shutdown.stop)
    print(engine.introduction)
    await using collector = await Collector.open({ config: demoConfig(engine.host), log, signal: shutdown.stop })
    print(`files: ${join(folder, 'logs')}${pageText(collector)}; Ctrl-C ends`)
    await Promise.all([
      collector.run(shutdown.stop, shutdown.drained),
      showStatus(() => collector.snapshot(), live, shutdown.stop),
    ])
    live?.draw([])
    print(totalsLine(await collector.snapshot()))
    return tellUndelivered(collector.undelivered(), log)
  } catch (error) {
    if (!isAbortOf(shutdown.stop, error)) throw error
    return exitCodes.ok
  }
}

/** `host` undefined: the source looks for itself. */
function demoConfig(host: string | undefined): CollectorConfig {
  const document = {
    data_dir: join(folder, 'state'),
    sources: { engine: { type: 'docker', host } },
    sinks: {
      files: {
        type: 'file',
        inputs: ['engine'],
        path: join(folder, 'logs', '{container.name}.{stream}.log'),
        format: 'text',
        rotate: { size: '10MiB' },
        keep: { total_bytes: '200MiB' },
      },
    },
    api: { listen: '127.0.0.1:0' },
  }
  const input = { kind: 'text', text: JSON.stringify(document), name: '<demo>' } as const
  return load(input, {})
}

function pageText({ listen }: Collector): string {
  return listen ? `, page: http://${listen.host}:${listen.port}/` : ''
}
