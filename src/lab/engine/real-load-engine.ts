import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { randomUUID } from 'node:crypto'
import { Owned } from '../../lib/owned.ts'
import { abortable, sleep } from '../../lib/wait.ts'
import { LabError } from '../lab-error.ts'
import type { EngineChoice } from '../run/options.ts'
import type { Life } from '../work/plan.ts'
import { programOf } from './container-program.ts'
import { EndCounter, standingLabel } from './end-counter.ts'
import { EngineApi } from './engine-api.ts'
import { logConfigOf } from './log-config.ts'
import type { LoadContainer, LoadEngine } from './load-engine.ts'
import { RestartGate } from './restart-gate.ts'

type RealEngine = Extract<EngineChoice, { kind: 'real' }>

const backWithinMs = 60_000
const cleanUpWithinMs = 60_000
const askAgainMs = 100

/** Works on a real engine: its containers carry a label of this run, others are left alone. `lab` is the name that lines carry. @throws LabError */
export async function openRealLoadEngine(choice: RealEngine, lab: string, signal: AbortSignal): Promise<LoadEngine> {
  await using undo = new Owned()
  const api = undo.take(new EngineApi(choice.host))
  const label = `log-capturer.soak=${randomUUID()}`
  const { Version: version } = JSON.parse(await api.send('GET', '/version', signal)) as { Version: string }
  const image = await api.send('GET', `/images/${encodeURIComponent(choice.image)}/json`, signal, { allowed: [404] })
  if (image.includes('No such image') || image.includes('no such image'))
    throw new LabError(`the engine at ${choice.host} has no image "${choice.image}"`, {
      hint: 'pull it first, or name one that is there with --image: any with a shell will do',
    })
  const gate = new RestartGate()
  undo.defer(async () => {
    await gate.opened()
    await removeAll(api, label)
  })
  const ends = undo.take(new EndCounter(api, label))
  const owned = undo.move()
  return {
    kind: 'real',
    version,
    host: choice.host,
    label,
    faults: choice.restart === undefined ? [] : ['engine restart'],
    async create(life, firstRun, stop) {
      const body = { Image: choice.image, ...programOf(life, { lab, firstRun }), ...settingsOf(life, label) }
      const answer = await gate.pass(() => api.send('POST', '/containers/create', stop, { body }))
      const { Id } = JSON.parse(answer) as { Id: string }
      return containerOf(api, Id, gate)
    },
    async strike(fault, stop) {
      const { restart: command } = choice
      if (fault === 'engine restart' && command !== undefined) await gate.restart(() => restart(api, command, stop))
    },
    async look(stop) {
      const { NFd = 0, NGoroutines = 0 } = JSON.parse(await api.send('GET', '/info', stop)) as Info
      return {
        streams: undefined,
        runsEnded: ends.count,
        descriptors: NFd > 0 ? NFd : undefined,
        goroutines: NGoroutines > 0 ? NGoroutines : undefined,
      }
    },
    [Symbol.asyncDispose]: () => owned[Symbol.asyncDispose](),
  }
}

/** Docker 20.10 tells them always, later ones only where the daemon runs with `debug`: else they are 0, or not there. */
interface Info {
  readonly NFd?: number
  readonly NGoroutines?: number
}

function settingsOf(life: Life, label: string): object {
  const [name, value] = label.split('=') as [string, string]
  const common = { NetworkMode: 'none', LogConfig: logConfigOf(life) }
  if (life.runs[0].ending !== 'lives on') return { Labels: { [name]: value }, HostConfig: common }
  // The daemon starts it again after a restart which ended it.
  const restart = { RestartPolicy: { Name: 'unless-stopped' } }
  return { Labels: { [name]: value, [standingLabel]: 'true' }, HostConfig: { ...common, ...restart } }
}

function containerOf(api: EngineApi, id: string, gate: RestartGate): LoadContainer {
  let ended: Promise<unknown> = Promise.resolve()
  const path = `/containers/${id}`
  return {
    async start(signal) {
      await gate.pass(() => api.send('POST', `${path}/start`, signal))
      // Asked at once: a run that ends before the question is the one that is asked about, too.
      ended = waitForEnd(api, path, signal)
      ended.catch(() => undefined)
    },
    async end(ending, signal) {
      // It may have ended with the daemon.
      const allowed = { allowed: [404, 409] }
      const verb = ending === 'is killed' ? 'kill' : 'stop?t=2'
      await gate.pass(() => api.send('POST', `${path}/${verb}`, signal, allowed))
    },
    async ended(signal) {
      await abortable(ended, signal)
    },
    async remove(signal) {
      await gate.pass(() => api.send('DELETE', `${path}?force=1&v=1`, signal, { allowed: [404] }))
    },
  }
}

/** Asks again where the daemon went away meanwhile. */
async function waitForEnd(api: EngineApi, path: string, signal: AbortSignal): Promise<void> {
  for (let failures = 0; ; failures++) {
    try {
      await api.send('POST', `${path}/wait`, signal)
      return
    } catch (error) {
      if (signal.aborted || failures * askAgainMs > backWithinMs) throw error
      await sleep(askAgainMs, signal)
    }
  }
}

/** Runs the user's command and waits until the engine answers again. @throws LabError */
async function restart(api: EngineApi, command: string, signal: AbortSignal): Promise<void> {
  const child = spawn('/bin/sh', ['-c', command], { stdio: 'ignore' })
  const [status] = (await abortable(once(child, 'exit'), signal)) as [number | null]
  if (status !== 0)
    throw new LabError(`the command that restarts the engine ended with status ${status ?? 'none'}: ${command}`)
  const deadline = performance.now() + backWithinMs
  for (;;) {
    try {
      await api.send('GET', '/_ping', signal)
      return
    } catch (error) {
      if (signal.aborted || performance.now() > deadline) throw error
      await sleep(askAgainMs, signal)
    }
  }
}

async function removeAll(api: EngineApi, label: string): Promise<void> {
  const signal = AbortSignal.timeout(cleanUpWithinMs)
  const filters = encodeURIComponent(JSON.stringify({ label: [label] }))
  const list = JSON.parse(await api.send('GET', `/containers/json?all=1&filters=${filters}`, signal)) as {
    Id: string
  }[]
  for (const { Id } of list) await api.send('DELETE', `/containers/${Id}?force=1&v=1`, signal, { allowed: [404, 409] })
}
