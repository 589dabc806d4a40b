// What the transforms cost: CPU seconds per million lines of about 165 bytes.
//
//     npm run build && node bench/shape.mjs
import { BatchBuilder } from '../dist/batch/builder.js'
import { createMetrics } from '../dist/telemetry/metrics.js'
import * as transforms from '../dist/transforms/registry.js'

const rounds = 122
const plain = Buffer.from(
  `203.0.113.7 - - [23/Nov/2026:12:42:29 +0000] "GET /api/v1/items/12345?page=2 HTTP/1.1" 200 5120 "https://shop.example.com/cart" "Mozilla/5.0 (X11; Linux x86_64)"  `,
)
const found = Buffer.from(
  `2026-11-23T12:42:29Z payment by ada@example.org with 4111 1111 1111 1111 accepted, order 8812, "https://shop.example.com/cart" "Mozilla/5.0 (X11; Linux x86_64) id" `,
)
const json = Buffer.from(
  `{"ts":"2026-11-23T12:42:29.123Z","level":"info","msg":"request done","method":"GET","path":"/api/v1/items/12345","status":200,"ms":12.5,"user":{"id":8812,"name":"ada"}}`,
)
const logfmt = Buffer.from(
  `ts=2026-11-23T12:42:29.123Z level=info msg="request done" method=GET path=/api/v1/items/12345 status=200 ms=12.5 user_id=8812 user_name=ada request_id=7b1f3d9a12`,
)
const rows = [
  ['parse', { format: 'json' }, json, 'nine fields'],
  ['parse', { format: 'json', fields: ['level', 'status'] }, json, 'two of nine fields'],
  ['parse', { format: 'json' }, plain, 'no JSON'],
  ['parse', { format: 'logfmt' }, logfmt, 'ten fields'],
  ['redact', {}, plain, 'nothing found'],
  ['redact', { rules: ['card', 'email', 'token', 'private_key', 'ip'] }, plain, 'an address a line'],
  ['redact', {}, found, 'two finds a line'],
  ['redact', { patterns: [{ name: 'customer', regex: 'cust-[0-9]{6}' }] }, plain, 'nothing found'],
  ['filter', { exclude: ['no line has this text'] }, plain, 'no match'],
  ['filter', { level: 'warn' }, plain, 'no level'],
  ['filter', { exclude_regex: ['status=5[0-9]{2}'] }, plain, 'no match'],
  ['filter', { where: '!text.contains("no line has this text")' }, plain, 'no match'],
  ['filter', { where: 'container.name == "c"' }, plain, 'all match'],
  ['filter', { where: 'text.size() > 10' }, plain, 'each line is looked at'],
  ['sample', { one_in: 10 }, plain, ''],
  ['throttle', { lines_per_second: 100 }, plain, ''],
  ['dedupe', {}, plain, ''],
]
for (const [type, written, text, what] of rows) {
  const spec = transforms[type]
  const transform = spec.create(spec.options.parse(written), { id: 'bench', metrics: createMetrics() })
  const batch = fill(text)
  const run = () => {
    batch.columns.flags.fill(0)
    const made = transform.apply(batch)
    if (made !== batch) made.release()
  }
  for (let warm = 0; warm < 20; warm++) run()
  const figures = Array.from({ length: 5 }, () => measure(run, batch)).sort((a, b) => a - b)
  console.log(
    `${type} ${JSON.stringify(written)} ${what}: ${figures[2].toFixed(3)} (${figures[0].toFixed(3)} to ${figures[4].toFixed(3)})`,
  )
}

function measure(run, batch) {
  const before = process.cpuUsage()
  for (let round = 0; round < rounds; round++) run()
  const { user, system } = process.cpuUsage(before)
  return (user + system) / (rounds * batch.count)
}

function fill(text) {
  const made = []
  const builder = new BatchBuilder((sealed) => made.push(sealed))
  const container = { id: 'c', name: 'c', image: 'i' }
  const origin = { key: 's/c/stdout', stream: 'stdout', container, labels: {}, host: 'h' }
  const stream = { origin, batchId: 0, localIndex: 0, cursor: () => ({ seconds: 0, nanos: 0, count: 0 }) }
  for (let i = 0; i < 6_000; i++) {
    const { arena, columns, count } = builder
    columns.origin[count] = builder.indexOf(stream)
    columns.start[count] = arena.used
    arena.used += text.copy(arena.bytes, arena.used)
    columns.end[count] = arena.used
    columns.flags[count] = 0
    builder.count += 1
  }
  builder.seal()
  return made[0]
}
