import type { SimulatedContainer } from './container.ts'
import type { NewContainer, SimulatedEngine } from './engine.ts'
import { formatTimestamp } from '../lib/timestamp.ts'
import type { Program, SimulatedProcess, Stream } from './process.ts'
import type { SeededRandom } from './random.ts'

/** Creates and starts a handful of containers that show what logs are like. */
export function startDemo(engine: SimulatedEngine): readonly SimulatedContainer[] {
  const containers = cast(engine).map((newContainer) => engine.createContainer(newContainer))
  for (const container of containers) container.start()
  return containers
}

function cast({ random, clock }: SimulatedEngine): NewContainer[] {
  const now = () => {
    const { seconds, nanos } = clock.now()
    return formatTimestamp(seconds, nanos)
  }
  return [
    {
      name: 'shop-web-1',
      body: { Image: 'nginx:1.27', Labels: composeLabels('shop', 'web') },
      program: every(50, 'stdout', () => accessLine(random, now())),
    },
    {
      name: 'shop-api-1',
      body: { Image: 'shop/api:4.2', Labels: composeLabels('shop', 'api') },
      program: every(120, 'stdout', () => jsonLine(random, now())),
    },
    {
      name: 'billing',
      body: { Image: 'billing:0.9', Labels: { team: 'payments' } },
      program: every(2_500, 'stderr', () => stackTrace(random, now())),
    },
    {
      name: 'terminal',
      body: { Image: 'top:latest', Tty: true },
      program: every(1_000, 'stdout', () => terminalLine(random)),
    },
    {
      name: 'shop-worker-1',
      body: { Image: 'shop/worker:4.2', Labels: composeLabels('shop', 'worker'), HostConfig: restartAlways },
      program: shortLife(random),
    },
    {
      name: 'reports',
      body: { Image: 'reports:2', HostConfig: { LogConfig: { Type: 'json-file', Config: { 'max-size': '1m' } } } },
      program: every(3_000, 'stdout', () => longLine(random)),
    },
  ]
}

const restartAlways = { RestartPolicy: { Name: 'always' } }

function composeLabels(project: string, service: string): Record<string, string> {
  return {
    'com.docker.compose.project': project,
    'com.docker.compose.service': service,
    'com.docker.compose.container-number': '1',
  }
}

/** Writes a text again and again until it is stopped. */
function every(ms: number, stream: Stream, text: () => string): Program {
  return async (process) => {
    while (true) {
      print(process, stream, text())
      await process.sleep(ms)
    }
  }
}

/** Comes up, works a little, fails. */
function shortLife(random: SeededRandom): Program {
  return async (process) => {
    print(process, 'stdout', 'worker started, connecting to queue\n')
    const jobs = 5 + Math.floor(random.next() * 10)
    for (let job = 1; job <= jobs; job++) {
      await process.sleep(600)
      print(process, 'stdout', `job ${job} of ${jobs} done\n`)
    }
    print(process, 'stderr', 'fatal: lost connection to queue\n')
    return 1
  }
}

function print(process: SimulatedProcess, stream: Stream, text: string): void {
  process.write(stream, Buffer.from(text))
}

function accessLine(random: SeededRandom, time: string): string {
  const address = `203.0.113.${Math.floor(random.next() * 254) + 1}`
  const request = random.pick([
    'GET / HTTP/1.1',
    'GET /cart HTTP/1.1',
    'POST /cart HTTP/1.1',
    'GET /style.css HTTP/1.1',
  ])
  const status = random.pick(['200', '200', '200', '200', '304', '404', '502'])
  return `${address} - - [${time}] "${request}" ${status} ${Math.floor(random.next() * 20_000)} "-" "Mozilla/5.0"\n`
}

function jsonLine(random: SeededRandom, time: string): string {
  const level = random.pick(['info', 'info', 'info', 'debug', 'warn', 'error'])
  const message = random.pick(['order placed', 'price looked up', 'déjà vu: cached', 'payment pending'])
  const fields = {
    time,
    level,
    message,
    order: Math.floor(random.next() * 1e6),
    tookMs: Math.round(random.next() * 200),
  }
  return `${JSON.stringify(fields)}\n`
}

function stackTrace(random: SeededRandom, time: string): string {
  const cause = random.pick(['card declined', 'connection timed out', 'null is not an amount'])
  const frames = ['charge', 'retry', 'handle', 'run'].map(
    (name, depth) => `\tat billing.Ledger.${name}(Ledger.java:${120 - depth * 17})\n`,
  )
  return `${time} ERROR billing.Ledger - ${cause}\njava.lang.IllegalStateException: ${cause}\n${frames.join('')}`
}

function terminalLine(random: SeededRandom): string {
  const load = random.next() * 4
  const colour = load > 2 ? 31 : 32
  return `\x1b[${colour}mload ${load.toFixed(2)}\x1b[0m  up and running\n`
}

/** About 50 KB: three pieces in the engine's log, and the rest. */
function longLine(random: SeededRandom): string {
  const rows = Array.from({ length: 1_600 }, (_, row) => `{"row":${row},"total":${Math.floor(random.next() * 1e12)}}`)
  return `{"report":[${rows.join(',')}]}\n`
}
