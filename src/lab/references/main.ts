import { setMaxListeners } from 'node:events'
import { LogCapturerError, messageOf } from '../../lib/error.ts'
import { Client, type Tally } from './client.ts'
import { ReferenceCollector } from './collector.ts'
import { type CommandLine, readCommandLine } from './command-line.ts'
import { exclusivePool } from './exclusive-pool.ts'
import { metricsOf, serveMetrics } from './expose.ts'
import type { ReadyLine } from './index.ts'
import { openOutput } from './output.ts'
import { shortStreams } from './short-streams.ts'

/** Runs a reference collector until SIGTERM or SIGINT. */
async function run({ name, engine, rotationMs, healthMs, listen, outputFile }: CommandLine): Promise<void> {
  const stop = new AbortController()
  // Every open stream listens to it.
  setMaxListeners(0, stop.signal)
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => stop.abort(new Error(signal)))
  const tally: Tally = { requests: 0, errors: 0, lines: 0 }
  const technique = name === 'exclusive-pool' ? exclusivePool(engine, tally) : shortStreams(engine, tally)
  const output = outputFile === undefined ? undefined : await openOutput(outputFile, (failure) => stop.abort(failure))
  const onLine = (text: string) => output?.write(text)
  const control = new Client(engine, tally)
  const collector = new ReferenceCollector({ technique, control, tally, rotationMs, healthMs, onLine }, stop.signal)
  const metrics = await serveMetrics(metricsOf(collector, tally), listen)
  let isReady = false
  await collector.run(() => {
    const line: ReadyLine = { name, pid: process.pid, metrics }
    if (!isReady) process.stdout.write(`${JSON.stringify(line)}\n`)
    isReady = true
  })
  await output?.end()
}

try {
  await run(readCommandLine(process.argv.slice(2)))
} catch (error) {
  const hint = error instanceof LogCapturerError && error.hint !== undefined ? `\n  ${error.hint}` : ''
  process.stderr.write(`reference collector: ${messageOf(error)}${hint}\n`)
  process.exitCode = 1
}
// What has leaked would keep the process.
process.exit()
