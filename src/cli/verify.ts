import { Command } from 'commander'
import { type DeliveryPlan, planOf } from '../app/delivery-plan.ts'
import { parseAddress } from '../engine/address.ts'
import { Engine } from '../engine/engine.ts'
import { engineCandidates } from '../engine/find-engine.ts'
import { ConnectionLedger } from '../engine/ledger.ts'
import { firstAnswering } from '../engine/probe-engine.ts'
import { createMetrics } from '../telemetry/metrics.ts'
import { reportLines } from '../verify/report.ts'
import { type Verdict, verify } from '../verify/verify.ts'
import { addConfigFlags, type ConfigFlags, findConfig } from './config-flags.ts'
import { exitCodes, type ExitCode } from './exit-code.ts'
import { load } from './load.ts'
import { printError, printLine } from './print.ts'
import { addVerifyFlags, type VerifyFlags } from './verify-flags.ts'

const notes = `
Exit status: 0 every line is there, once, in order and unaltered; 1 there are differences;
2 the command line was not understood; 3 nothing could be compared.

Examples:
  log-capturer verify -c log-capturer.yaml
  log-capturer verify --files './logs/{container.name}.{stream}.log' --since 1h
  log-capturer verify --engine tcp://host:2375 --files /var/log/vector --field message=log --json`

export function verifyVerb(done: (code: ExitCode) => void): Command {
  return addVerifyFlags(addConfigFlags(new Command('verify')))
    .description('compare what a destination holds with what the engine holds, line by line')
    .addHelpText('after', notes)
    .action(async (flags: VerifyFlags & ConfigFlags & { json?: boolean }, command: Command) => {
      if (flags.files === undefined && flags.engine !== undefined) command.error('--engine goes with --files')
      if (flags.files !== undefined && flags.sink !== undefined) command.error('--sink goes with a configuration')
      try {
        const verdict = await compare(flags)
        printLine(flags.json === true ? JSON.stringify(verdict, null, 2) : reportLines(verdict).join('\n'))
        done({ same: exitCodes.ok, different: exitCodes.failure, incomparable: exitCodes.incomparable }[verdict.status])
      } catch (error) {
        // Whatever it was: 1 would say that lines differ.
        printError(error)
        done(exitCodes.incomparable)
      }
    })
}

async function compare(flags: VerifyFlags & ConfigFlags): Promise<Verdict> {
  const plan = flags.files === undefined ? planOf(load((await findConfig(flags)).input), flags.sink) : undefined
  const signal = new AbortController().signal
  const address = await addressOf(flags, plan, signal)
  await using engine = new Engine({ address, ledger: new ConnectionLedger(createMetrics(), 'verify'), maxStreams: 2 })
  const facts = await engine.connect(signal)
  const { pattern, format } = plan ?? { pattern: flags.files!, format: flags.format }
  return await verify(
    {
      engine,
      facts,
      containers: flags.container,
      isWanted: (container) => plan?.isCollected(container) ?? true,
      streams: plan?.source.streams ?? ['stdout', 'stderr'],
      since: flags.since,
      until: flags.until,
      settleMs: flags.settle,
      maxExamples: flags.examples,
      files: { pattern, format, fields: flags.field },
      prepare: (batch) => plan?.prepare(batch),
    },
    signal,
  )
}

async function addressOf({ engine }: VerifyFlags, plan: DeliveryPlan | undefined, signal: AbortSignal) {
  const host = engine ?? plan?.source.host
  const tls = plan?.source.tls && { certPath: plan.source.tls.cert_path, isVerified: plan.source.tls.verify }
  if (host !== undefined) return parseAddress(host, tls)
  const candidates = engineCandidates()
  return ((await firstAnswering(candidates, signal)) ?? candidates[0]!).address
}
