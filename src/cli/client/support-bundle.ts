import { writeFile } from 'node:fs/promises'
import { gzipSync } from 'node:zlib'
import { Command } from 'commander'
import { supportBundle } from '../../app/support-bundle.ts'
import { LogCapturerError, messageOf } from '../../lib/error.ts'
import { tarOf } from '../../lib/tar.ts'
import { formatBytes } from '../../lib/units.ts'
import { isAbortOf } from '../../lib/wait.ts'
import { exitCodes, type ExitCode } from '../exit-code.ts'
import { flag } from '../flag.ts'
import { printComplaint, printLine } from '../print.ts'
import { catchStopSignals } from '../shutdown.ts'
import { addClientFlags, type ClientFlags, clientNotes, configOf, openClient } from './client-flags.ts'

/** The file cannot be written. */
class BundleError extends LogCapturerError {
  readonly code = 'SUPPORT_BUNDLE'
}

const notes = `
One file for a report of a defect: the configuration without its secrets, what doctor finds, metrics, health, containers, sinks, connections by
reason, heap, limits, and the last lines of the collector's own log. No lines of containers, but their names, images and errors: look
before you send it. It reads only; where no collector runs it holds less, and says what is missing.
${clientNotes}

Examples:
  log-capturer support-bundle -c log-capturer.yaml
  log-capturer support-bundle --out report.tar.gz && tar tzf report.tar.gz`

type Flags = ClientFlags & { readonly out?: string }

export function supportBundleVerb(done: (code: ExitCode) => void): Command {
  return addClientFlags(new Command('support-bundle'))
    .description('write what a report of a defect needs into one file, without secrets')
    .addOption(flag('--out <file>', 'where to (without: log-capturer-support-TIME.tar.gz here)'))
    .addHelpText('after', notes)
    .action(async (flags: Flags) => {
      using shutdown = catchStopSignals(0, () => undefined)
      try {
        await write(flags, shutdown.stop)
        done(exitCodes.ok)
      } catch (error) {
        if (!isAbortOf(shutdown.stop, error)) throw error
        done(exitCodes.failure)
      }
    })
}

async function write(flags: Flags, signal: AbortSignal): Promise<void> {
  const config = await configOf(flags)
  const { listen } = config.api
  const hasPort = flags.url !== undefined || (listen !== 'off' && listen.port !== 0)
  await using client = hasPort ? await openClient(flags, async () => config) : undefined
  const { files, missing } = await supportBundle({ config, client, signal })
  const now = new Date()
  const out = flags.out ?? `log-capturer-support-${now.toISOString().replace(/[-:]|\.\d+/g, '')}.tar.gz`
  const bytes = gzipSync(tarOf(files, now))
  try {
    // It is for its maker's eyes until he sends it.
    await writeFile(out, bytes, { mode: 0o600 })
  } catch (cause) {
    throw new BundleError(`cannot write ${out}: ${messageOf(cause)}`, { cause, hint: 'name another file with --out' })
  }
  for (const text of missing) printComplaint(`not in it: ${text}`)
  printLine(`${out}: ${files.length} files, ${formatBytes(bytes.length)}`)
}
