// What a push to Loki costs before it is sent: CPU seconds per million lines of about 165 bytes, each with container id and image.
//
//     npm run build && node bench/loki.mjs
import { gzipSync } from 'node:zlib'
import { BatchBuilder } from '../dist/batch/builder.js'
import { Output } from '../dist/lib/output.js'
import { JsonPushEncoder } from '../dist/sinks/loki/json.js'
import { LabelSets } from '../dist/sinks/loki/label-sets.js'
import { planOf } from '../dist/sinks/loki/plan.js'
import { encodeProtobuf, maxEncodedBytes } from '../dist/sinks/loki/protobuf.js'
import { maxCompressedBytes, SnappyEncoder } from '../dist/sinks/loki/snappy.js'

const rounds = 60
const batch = fill()
const sets = new LabelSets({
  labels: { container: '{container.name}', stream: '{stream}' },
  metadata: {},
  tenant: undefined,
  hasMetadata: true,
  maxStreams: 100,
})
const plan = () =>
  planOf(batch, {
    targetOf: (origin) => sets.targetOf(origin, 0),
    maxPushBytes: 3 << 20,
    newestOf: () => undefined,
  })
const [push] = plan()
const plain = Buffer.alloc(maxEncodedBytes(push, batch))
const length = encodeProtobuf(push, batch, plain)
const packed = Buffer.alloc(maxCompressedBytes(length))
const snappy = new SnappyEncoder()
const jsonEncoder = new JsonPushEncoder()
const output = new Output(1 << 20)
jsonEncoder.encode(push, batch, output)
const json = Buffer.from(output.bytes.subarray(0, output.length))

const stages = {
  plan,
  protobuf: () => encodeProtobuf(push, batch, plain),
  snappy: () => snappy.encode(plain, length, packed),
  json: () => jsonEncoder.encode(push, batch, output),
  'gzip of the json, level 1': () => gzipSync(json, { level: 1 }),
}
for (const [name, run] of Object.entries(stages)) {
  for (let warm = 0; warm < 20; warm++) run()
  const figures = Array.from({ length: 5 }, () => measure(run)).sort((a, b) => a - b)
  console.log(
    `${name}: ${figures[2].toFixed(3)} (${figures[0].toFixed(3)} to ${figures[4].toFixed(3)}) CPU s per million lines`,
  )
}
const bytesPerLine = (bytes) => (bytes / batch.count).toFixed(0)
console.log(
  `bytes per line: protobuf ${bytesPerLine(length)}, snappy ${bytesPerLine(snappy.encode(plain, length, packed))}, json ${bytesPerLine(json.length)}, gzip ${bytesPerLine(gzipSync(json, { level: 1 }).length)}`,
)

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
    container: { id: '4b1f9c7d2e'.repeat(6), name: 'shop-web-1', image: 'registry.example/shop/web:1.2' },
    labels: {},
    host: 'node-7',
  }
  const stream = { origin, batchId: 0, localIndex: 0, cursor: () => ({ seconds: 0, nanos: 0, count: 0 }) }
  for (let i = 0; i < 6_000; i++) {
    const { columns, arena, count } = builder
    const text = `203.0.113.${i % 251} - - [23/Nov/2026:12:42:${10 + (i % 50)} +0000] "GET /api/v1/items/${(i * 7919) % 99991}?page=2 HTTP/1.1" 200 ${(i * 31) % 9973} "https://shop.example.com/cart" "Mozilla/5.0 (X11; Linux x86_64)"`
    columns.origin[count] = builder.indexOf(stream)
    columns.start[count] = arena.used
    arena.used += arena.bytes.write(text, arena.used)
    columns.end[count] = arena.used
    columns.seconds[count] = 1_795_000_000 + (i >> 8)
    columns.nanos[count] = (i * 1_000_003) % 1_000_000_000
    builder.count = count + 1
  }
  builder.seal()
  return made[0]
}
