// What the file sink's two formats and the filter cost: CPU seconds per million lines of about 165 bytes.
//
//     npm run build && node bench/encode.mjs
import { BatchBuilder } from '../dist/batch/builder.js'
import { TextRecords } from '../dist/sinks/file/encode-text.js'
import { ndjsonRecords } from '../dist/sinks/file/encode-ndjson.js'
import { Output } from '../dist/lib/output.js'
import { createMetrics } from '../dist/telemetry/metrics.js'
import { filter } from '../dist/transforms/filter/filter.js'

const rounds = 122
const text = Buffer.from(
  `203.0.113.7 - - [23/Nov/2026:12:42:29 +0000] "GET /api/v1/items/12345?page=2 HTTP/1.1" 200 5120 "https://shop.example.com/cart" "Mozilla/5.0 (X11; Linux x86_64)"  `,
)
const batch = fill()
const lines = Array.from({ length: batch.count }, (_, i) => i)
const [plain, ndjson] = [new TextRecords(), ndjsonRecords()]
const written = filter.options.parse({ exclude: ['no line has this text'] })
const noMatch = filter.create(written, { id: 'bench', metrics: createMetrics() })
const output = new Output(1 << 20)

const stages = {
  text: () => encodeAll(plain),
  ndjson: () => encodeAll(ndjson),
  'filter, one needle, no match': () => noMatch.apply(batch),
}
for (const [name, run] of Object.entries(stages)) {
  for (let warm = 0; warm < 40; warm++) run()
  const figures = Array.from({ length: 5 }, () => measure(run)).sort((a, b) => a - b)
  console.log(
    `${name}: ${figures[2].toFixed(3)} (${figures[0].toFixed(3)} to ${figures[4].toFixed(3)}) CPU s per million lines`,
  )
}

function encodeAll(records) {
  output.length = 0
  records.begin(batch)
  records.write(lines, output)
  records.end()
}

function measure(run) {
  const before = process.cpuUsage()
  for (let round = 0; round < rounds; round++) run()
  const { user, system } = process.cpuUsage(before)
  return (user + system) / (rounds * batch.count)
}

function fill() {
  const made = []
  const builder = new BatchBuilder((sealed) => made.push(sealed))
  const origin = {
    key: 's/c/stdout',
    stream: 'stdout',
    container: { id: 'c', name: 'c', image: 'i' },
    labels: {},
    host: 'h',
  }
  const stream = { origin, batchId: 0, localIndex: 0, cursor: () => ({ seconds: 0, nanos: 0, count: 0 }) }
  const lines = Math.floor(builder.arena.bytes.length / text.length)
  for (let i = 0; i < lines; i++) {
    const { columns, arena, count } = builder
    columns.origin[count] = builder.indexOf(stream)
    columns.start[count] = arena.used
    arena.used += text.copy(arena.bytes, arena.used)
    columns.end[count] = arena.used
    columns.seconds[count] = 1_795_000_000 + (i >> 8)
    columns.nanos[count] = (i * 1_000_003) % 1_000_000_000
    builder.count = count + 1
  }
  builder.seal()
  return made[0]
}
