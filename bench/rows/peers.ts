/** Other programs, where they are installed, with the same input. */
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Program } from '../../src/lab/target/program.ts'
import { linkSignals, sleep } from '../../src/lib/wait.ts'
import type { Figures } from '../measure/figures.ts'
import { folderState, idsIn } from '../measure/folder.ts'
import { cpuSecondsOf, peakMbOf } from '../measure/process.ts'
import { untilComplete } from '../measure/until-complete.ts'
import { nowMs } from '../receiver/messages.ts'
import { Receiver } from '../receiver/receiver.ts'
import { runTimed } from '../subjects/timed.ts'
import { type Bench, proveComplete, type Row } from './row.ts'
import { ndjsonBytesPerLine } from './ndjson-bytes.ts'

const quietMs = 1_500
const withinMs = 240_000

/** The engine's own stream of a log, taken by a client that does nothing with it but write it down. */
function engineClient(name: string, program: string, words: (bench: Bench, id: string) => string[]): Row {
  return {
    name,
    what: `engine API -> a file, by ${program}`,
    usesRealEngine: true,
    program,
    async measure(bench) {
      const engine = bench.real
      const container = await engine.create('bench')
      try {
        copyFileSync(bench.input.path, container.logPath)
        await container.start()
        const output = join(bench.newFolder(), 'output')
        const before = engine.cpuSeconds()!
        const { cpuSeconds, seconds } = await runTimed(program, words(bench, container.id), output)
        const engineSeconds = engine.cpuSeconds()! - before
        proveComplete(idsIn([output, `${output}.err`], bench.input.lines))
        const millions = bench.input.lines / 1e6
        return {
          'CPU s / 1M lines': cpuSeconds / millions,
          'engine CPU s / 1M lines': engineSeconds / millions,
          'lines/s': bench.input.lines / seconds,
        }
      } finally {
        await container.remove()
      }
    },
  }
}

const curl = engineClient('curl-api', 'curl', ({ real }, id) => [
  ...['-sSN', '--unix-socket', real.socketPath],
  `http://engine/containers/${id}/logs?stdout=1&stderr=1&timestamps=1`,
])

const dockerLogs = engineClient('docker-logs', 'docker', ({ real }, id) => [
  '-H',
  real.host,
  'logs',
  '--timestamps',
  id,
])

/** Copies the engine's records to another file and decodes nothing. */
const rsyslog: Row = {
  name: 'rsyslog-file',
  what: 'json-file -> file, nothing decoded, by rsyslog',
  program: 'rsyslogd',
  async measure(bench) {
    const folder = bench.newFolder()
    const [input, output] = [join(folder, 'input.log'), join(folder, 'output')]
    mkdirSync(output)
    writeFileSync(input, '')
    const config = join(folder, 'rsyslog.conf')
    const text = [
      `global(workDirectory="${folder}")`,
      'module(load="imfile")',
      'template(name="whole" type="string" string="%msg%\\n")',
      `input(type="imfile" file="${input}" tag="bench" ruleset="out")`,
      `ruleset(name="out") { action(type="omfile" file="${join(output, 'lines')}" template="whole") }`,
    ]
    writeFileSync(config, `${text.join('\n')}\n`)
    const words = ['-n', '-i', join(folder, 'pid'), '-f', config]
    const arrived = () => folderState(output).bytes
    return measurePeer(bench, { command: 'rsyslogd', words, input, arrived }, () =>
      Promise.resolve(idsIn([join(output, 'lines')], bench.input.lines)),
    )
  },
}

/** Fluent Bit reads the file, takes the engine's record apart and pushes to Loki. */
const fluentBit: Row = {
  name: 'fluent-bit-loki',
  what: 'json-file -> Loki (JSON + gzip), by Fluent Bit',
  program: 'fluent-bit',
  measure: (bench) =>
    withReceiver(bench, (folder, input, port) => {
      const parsers = join(folder, 'parsers.conf')
      writeFileSync(
        parsers,
        '[PARSER]\n  Name docker\n  Format json\n  Time_Key time\n  Time_Format %Y-%m-%dT%H:%M:%S.%LZ\n',
      )
      const config = join(folder, 'fluent-bit.conf')
      const text = [
        `[SERVICE]\n  Flush 1\n  Parsers_File ${parsers}`,
        `[INPUT]\n  Name tail\n  Path ${input}\n  Parser docker\n  Read_from_Head on\n  DB ${join(folder, 'positions.db')}\n  Refresh_Interval 1`,
        `[OUTPUT]\n  Name loki\n  Match *\n  Host 127.0.0.1\n  Port ${port}\n  Labels job=bench\n  Compress gzip`,
      ]
      writeFileSync(config, `${text.join('\n')}\n`)
      return { command: 'fluent-bit', words: ['-q', '-c', config] }
    }),
}

/** Vector does the same. */
const vector: Row = {
  name: 'vector-loki',
  what: 'json-file -> Loki (protobuf + snappy), by Vector',
  program: 'vector',
  measure: (bench) =>
    withReceiver(bench, (folder, input, port) => {
      const config = join(folder, 'vector.json')
      const document = {
        data_dir: folder,
        sources: { file: { type: 'file', include: [input], read_from: 'beginning' } },
        transforms: { record: { type: 'remap', inputs: ['file'], source: '. = parse_json!(.message)' } },
        sinks: {
          loki: {
            ...{
              type: 'loki',
              inputs: ['record'],
              endpoint: `http://127.0.0.1:${port}`,
              healthcheck: { enabled: false },
            },
            ...{ compression: 'snappy', encoding: { codec: 'json' }, labels: { job: 'bench' } },
          },
        },
      }
      writeFileSync(config, JSON.stringify(document))
      return { command: 'vector', words: ['--quiet', '--config', config] }
    }),
}

/** What the kernel takes to write as many bytes as the collector's files have, and nothing else. */
const writeFloor: Row = {
  name: 'write-floor',
  what: 'as many bytes as the row `file` writes, by dd',
  program: 'dd',
  async measure(bench) {
    const megabytes = Math.ceil((bench.input.lines * ndjsonBytesPerLine(bench)) / 2 ** 20)
    const words = ['if=/dev/zero', 'bs=1M', `count=${megabytes}`]
    const { cpuSeconds } = await runTimed('dd', words, join(bench.newFolder(), 'output'))
    return { 'CPU s / 1M lines': cpuSeconds / (bench.input.lines / 1e6) }
  },
}

export const peers: readonly Row[] = [writeFloor, fluentBit, vector, rsyslog, curl, dockerLogs]

interface Peer {
  readonly command: string
  readonly words: readonly string[]
}

async function withReceiver(
  bench: Bench,
  configure: (folder: string, input: string, port: string) => Peer,
): Promise<Figures> {
  await using receiver = await Receiver.open()
  const folder = bench.newFolder()
  const input = join(folder, 'input.log')
  writeFileSync(input, '')
  const peer = configure(folder, input, new URL(receiver.url).port)
  const arrived = async () => (await receiver.state()).bytes
  return await measurePeer(bench, { ...peer, input, arrived }, () => receiver.count(bench.input.lines))
}

/** Starts the program on an empty file, then puts the input there, and waits until nothing arrives any more. */
async function measurePeer(
  bench: Bench,
  {
    command,
    words,
    input,
    arrived,
  }: Peer & { readonly input: string; readonly arrived: () => number | Promise<number> },
  count: () => Promise<{ readonly missing: number; readonly doubled: number }>,
): Promise<Figures> {
  using limit = linkSignals(bench.signal, AbortSignal.timeout(withinMs))
  const { signal } = limit
  await using program = await Program.start({ command, words })
  program.child.stdout?.resume()
  await sleep(quietMs, signal)
  const before = cpuSecondsOf(program.pid)
  const beganAtMs = nowMs()
  writeFileSync(input, readFileSync(bench.input.path))
  let [bytes, changedAtMs] = [0, beganAtMs]
  const untilQuiet = async () => {
    while (bytes === 0 || nowMs() - changedAtMs < quietMs) {
      await sleep(20, signal)
      const now = await arrived()
      if (now !== bytes) changedAtMs = nowMs()
      bytes = now
    }
  }
  const counted = await untilComplete(async () => {
    await untilQuiet()
    return count()
  }, signal)
  const cpuSeconds = cpuSecondsOf(program.pid) - before
  const peakMb = peakMbOf(program.pid)
  proveComplete(counted)
  const { lines } = bench.input
  return {
    'CPU s / 1M lines': cpuSeconds / (lines / 1e6),
    'lines/s': (lines / (changedAtMs - beganAtMs)) * 1000,
    'peak MB': peakMb,
  }
}
