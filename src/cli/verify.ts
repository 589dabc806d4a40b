import { Command } from 'commander'
import { CollectorRecords } from '../app/collector-records.ts'
import { type DeliveryPlan, planOf } from '../app/delivery-plan.ts'
import { parseAddress } from '../engine/address.ts'
import { Engine } from '../engine/engine.ts'
import { engineCandidates } from '../engine/find-engine.ts'
import { ConnectionLedger } from '../engine/ledger.ts'
import { firstAnswering } from '../engine/probe-engine.ts'
import { Owned } from '../lib/owned.ts'
import { visibleJson } from '../lib/visible-text.ts'
import { createMetrics } from '../telemetry/metrics.ts'
import { engineFiles } from '../verify/engine-files.ts'
import { engineSource } from '../verify/engine-source.ts'
import { reportLines } from '../verify/report.ts'
import type { TruthSource } from '../verify/truth.ts'
import { type Verdict, verify } from '../verify/verify.ts'
import { addConfigFlags, type ConfigFlags, findConfig } from './config-flags.ts'
import { exitCodes, type ExitCode } from './exit-code.ts'
import { load } from './load.ts'
import { ownLog } from './own-log.ts'
import { printError, printLine } from './print.ts'
import { destinationOf } from './verify-destination.ts'
import { addVerifyFlags, type VerifyFlags } from './verify-flags.ts'

const usualDataRoot = '/var/lib/docker'

const notes = `
Exit status: 0 every line is there, once, in order and unaltered; 1 there are differences;
2 the command line was not understood; 3 not all could be compared.

Examples:
  log-capturer verify -c log-capturer.yaml
  log-capturer verify --files './logs/{container.name}.{stream}.log' --since 1h
  log-capturer verify --loki http://loki:3100 --loki-query '{job="docker"}' --container web
  log-capturer verify --engine tcp://host:2375 --files /var/log/vector --field message=log --json`

export function verifyVerb(done: (code: ExitCode) => void): Command {
  return addVerifyFlags(addConfigFlags(new Command('verify')))
    .description('compare what a destination holds with what the engine holds, line by line')
    .addHelpText('after', notes)
    .action(async (flags: VerifyFlags & ConfigFlags & { json?: boolean }, command: Command) => {
      const problem = problemOf(flags)
      if (problem !== undefined) command.error(problem)
      try {
        const verdict = await compare(flags)
        printLine(flags.json === true ? visibleJson(verdict) : reportLines(verdict).join('\n'))
        done({ same: exitCodes.ok, different: exitCodes.failure, incomparable: exitCodes.incomparable }[verdict.status])
      } catch (error) {
        // Whatever it was: 1 would say that lines differ.
        printError(error)
        done(exitCodes.incomparable)
      }
    })
}

/** Why flags cannot go together; undefined: they can. */
function problemOf({ files, loki, engine, engineFiles, sink, lokiQuery }: VerifyFlags): string | undefined {
  const isConfigured = files === undefined && loki === undefined
  if (files !== undefined && loki !== undefined) return '--files and --loki do not go together'
  if (engine !== undefined && engineFiles !== undefined) return '--engine and --engine-files do not go together'
  if (isConfigured && engine !== undefined) return '--engine goes with --files or --loki'
  if (!isConfigured && sink !== undefined) return '--sink goes with a configuration'
  return loki === undefined && lokiQuery !== undefined ? '--loki-query goes with --loki' : undefined
}

async function compare(flags: VerifyFlags & ConfigFlags): Promise<Verdict> {
  const isConfigured = flags.files === undefined && flags.loki === undefined
  const config = isConfigured ? load((await findConfig(flags)).input) : undefined
  const plan = config && planOf(config, flags.sink)
  const signal = new AbortController().signal
  await using undo = new Owned()
  const source = await openSource(flags, plan, { undo, signal })
  return await verify(
    {
      source,
      containers: flags.container,
      isWanted: (container) => plan?.isCollected(container) ?? true,
      streams: plan?.source.streams ?? ['stdout', 'stderr'],
      since: flags.since,
      until: flags.until,
      settleMs: flags.settle,
      maxExamples: flags.examples,
      records: config && plan && new CollectorRecords({ config, sink: plan.sinkId, log: ownLog('error') }),
      destination: destinationOf(flags, plan?.delivery),
      prepare: (batch) => plan?.prepare(batch) ?? batch,
    },
    signal,
  )
}

async function openSource(
  flags: VerifyFlags,
  plan: DeliveryPlan | undefined,
  { undo, signal }: { readonly undo: Owned; readonly signal: AbortSignal },
): Promise<TruthSource> {
  if (flags.engineFiles !== undefined)
    return engineFiles(flags.engineFiles === true ? usualDataRoot : flags.engineFiles)
  const address = await addressOf(flags, plan, signal)
  const ledger = new ConnectionLedger(createMetrics(), 'verify')
  const engine = undo.take(new Engine({ address, ledger, maxStreams: 2 }))
  return engineSource(engine, await engine.connect(signal))
}

async function addressOf({ engine }: VerifyFlags, plan: DeliveryPlan | undefined, signal: AbortSignal) {
  const host = engine ?? plan?.source.host
  const tls = plan?.source.tls && { certPath: plan.source.tls.cert_path, isVerified: plan.source.tls.verify }
  if (host !== undefined) return parseAddress(host, tls)
  const candidates = engineCandidates()
  return ((await firstAnswering(candidates, signal)) ?? candidates[0]!).address
}
