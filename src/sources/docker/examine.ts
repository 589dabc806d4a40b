import type { Examination, ExaminationContext, Finding } from '../../component/examination.ts'
import { type EngineAddress, formatAddress, parseAddress } from '../../engine/address.ts'
import { Engine } from '../../engine/engine.ts'
import { type EngineCandidate, engineCandidates } from '../../engine/find-engine.ts'
import { ConnectionLedger } from '../../engine/ledger.ts'
import type { EngineFacts } from '../../engine/negotiate.ts'
import { LogCapturerError, messageOf } from '../../lib/error.ts'
import { createMetrics } from '../../telemetry/metrics.ts'
import { identityOfListed } from './container.ts'
import { ContainerLogs } from './examine-logs.ts'
import { ownContainerId } from './own-container.ts'
import { spareConnections } from './docker-source.ts'
import type { DockerOptions } from './schema.ts'
import { createSelection } from './selection.ts'

/** Connections for log reads: as many containers are looked at at a time. */
const maxStreams = 4
/** A clock that differs by less is as good as ours: an answer has whole seconds. */
const clockErrorSeconds = 2

/** Does an engine answer, may we use it, and how would the log of each container be read? */
export async function examine(options: DockerOptions, context: ExaminationContext): Promise<Examination> {
  const failures: Failure[] = []
  let candidates: readonly EngineCandidate[]
  try {
    candidates = candidatesOf(options)
  } catch (error) {
    if (!(error instanceof LogCapturerError)) throw error
    return { findings: [{ status: 'mend', subject: 'engine', text: error.message, cure: error.hint }] }
  }
  for (const { address } of candidates) {
    const ledger = new ConnectionLedger(createMetrics(), context.id)
    await using engine = new Engine({ address, ledger, maxStreams })
    try {
      const facts = await engine.connect(context.signal)
      return await examineEngine({ engine, facts, address, options }, context)
    } catch (error) {
      context.signal.throwIfAborted()
      if (!(error instanceof LogCapturerError)) throw error
      failures.push({ address, error })
    }
  }
  return { findings: [notThere(failures)] }
}

interface Failure {
  readonly address: EngineAddress
  readonly error: LogCapturerError
}

function candidatesOf({ host, tls }: DockerOptions): readonly EngineCandidate[] {
  if (host === undefined) return engineCandidates()
  const choice = tls && { certPath: tls.cert_path, isVerified: tls.verify }
  return [{ address: parseAddress(host, choice), from: 'host' }]
}

/** An engine that is there and does not let us in tells more than places where none is. */
function notThere(failures: readonly Failure[]): Finding {
  const telling = failures.find(({ error }) => !error.message.includes('ENOENT'))
  const { error } = telling ?? failures[0]!
  if (telling || failures.length === 1)
    return {
      status: 'mend',
      subject: 'engine',
      text: error.message,
      cure: error.hint ?? 'see whether the engine runs, and what its own log says',
    }
  const places = failures.map(({ address }) => formatAddress(address)).join(', ')
  return {
    status: 'mend',
    subject: 'engine',
    text: `there is no engine at any of the usual places: ${places}`,
    cure: 'start Docker or Podman, or say where it is: host in the source, or DOCKER_HOST',
  }
}

interface Examined {
  readonly engine: Engine
  readonly facts: EngineFacts
  readonly address: EngineAddress
  readonly options: DockerOptions
}

async function examineEngine(examined: Examined, { signal }: ExaminationContext): Promise<Examination> {
  const { engine, facts, address, options } = examined
  const name = facts.isPodman ? 'Podman' : 'Docker'
  const where = `${name} ${facts.version} (API ${facts.apiVersion}) at ${formatAddress(address)}`
  const reached: Finding = { status: 'ok', subject: 'engine', text: where }
  try {
    const isWanted = createSelection(options)
    const ownId = await ownContainerId()
    const listed = (await engine.list(signal)).filter((one) => one.Id !== ownId && isWanted(identityOfListed(one)))
    const logs = new ContainerLogs({ engine, facts, address, options })
    await logs.lookAt(listed, signal)
    const { descriptors, watches } = logs
    return {
      findings: [reached, clockFinding(facts), ...logs.findings()],
      containers: listed.filter(({ State }) => State === 'running').length,
      descriptors: descriptors + spareConnections,
      watches,
    }
  } catch (error) {
    signal.throwIfAborted()
    if (!(error instanceof LogCapturerError)) throw error
    const cure = error.hint ?? 'let this user, or the proxy before the engine, ask for /containers and their logs'
    return { findings: [reached, { status: 'mend', subject: 'containers', text: messageOf(error), cure }] }
  }
}

function clockFinding({ clockAheadSeconds }: EngineFacts): Finding {
  const seconds = Math.round(Math.abs(clockAheadSeconds))
  if (seconds <= clockErrorSeconds)
    return { status: 'ok', subject: 'clock', text: "the engine's clock goes as ours does" }
  return {
    status: 'mend',
    subject: 'clock',
    text: `the engine's clock is ${seconds} s ${clockAheadSeconds > 0 ? 'ahead of' : 'behind'} ours`,
    cure: 'set both clocks by NTP (chrony, systemd-timesyncd): lines carry the time of the engine',
  }
}
