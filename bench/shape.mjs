// What the transforms cost: CPU seconds per million lines of about 165 bytes.
//
//     npm run build && node bench/shape.mjs [TRANSFORM]
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
const logged = Buffer.from(
  `2026-11-23 12:42:29.482  INFO 1 --- [nio-8080-exec-3] com.example.shop.PaymentController : payment 8812 of customer 4711 accepted by the bank in 182 ms, order 99183    `,
)
const frame = Buffer.from(
  `\tat com.example.shop.PaymentController.pay(PaymentController.java:118) ~[shop.jar:1.7.3]`.padEnd(165),
)
const trace = Array.from({ length: 14 }, (_, i) => (i === 0 ? logged : frame))
const json = Buffer.from(
  `{"ts":"2026-11-23T12:42:29.123Z","level":"info","msg":"request done","method":"GET","path":"/api/v1/items/12345","status":200,"ms":12.5,"user":{"id":8812,"name":"ada"}}`,
)
const logfmt = Buffer.from(
  `ts=2026-11-23T12:42:29.123Z level=info msg="request done" method=GET path=/api/v1/items/12345 status=200 ms=12.5 user_id=8812 user_name=ada request_id=7b1f3d9a12`,
)
const syslog5424 = Buffer.from(
  `<165>1 2026-11-23T12:42:29.123456+01:00 db-1.example.org postgres 8710 ID47 [origin@1 ip="10.0.0.7" software="pg"] connection authorized: user=ada database=shop SSL`,
)
const syslog3164 = Buffer.from(
  `<34>Oct 11 22:14:15 gateway-1.example.org sshd[8710]: Accepted publickey for ada from 203.0.113.7 port 51122 ssh2: ED25519 SHA256:q3+0mWkkX5oOVhqSgZ5vRZzQ2pJx7m1UQ`,
)
const cri = Buffer.concat([Buffer.from('2026-11-23T12:42:29.123456789Z stdout F '), plain.subarray(0, 125)])
const pairs = Buffer.from(
  `ts: 2026-11-23T12.42.29Z, level: info, msg: "request done, at last", method: GET, path: /api/v1/items/12345, status: 200, ms: 12.5, user_id: 8812, user_name: ada, a: b`,
)
const accessPattern =
  '^(?P<host>[^ ]+) [^ ]+ [^ ]+ \\[(?P<time>[^\\]]+)\\] "(?P<method>[A-Z]+) (?P<path>[^ ]+) [^"]+" (?P<status>[0-9]+) (?P<bytes>[0-9]+)'
const rows = [
  ['parse', { format: 'json' }, json, 'nine fields'],
  ['parse', { format: 'json', fields: ['level', 'status'] }, json, 'two of nine fields'],
  ['parse', { format: 'json' }, plain, 'no JSON'],
  ['parse', { format: 'logfmt' }, logfmt, 'ten fields'],
  ['parse', { format: 'clf' }, plain, 'seven fields'],
  ['parse', { format: 'combined' }, plain, 'nine fields'],
  ['parse', { format: 'syslog' }, syslog5424, 'ten fields'],
  ['parse', { format: 'syslog' }, syslog3164, 'seven fields'],
  ['parse', { format: 'cri' }, cri, 'four fields'],
  ['parse', { format: 'key_value', pair_separator: ',', key_value_separator: ':' }, pairs, 'ten fields'],
  ['parse', { format: 'regex', pattern: accessPattern }, plain, 'six fields'],
  ['parse', { format: 'regex', pattern: accessPattern }, logfmt, 'no match'],
  ['parse', { format: 'grok', pattern: '%{COMBINEDAPACHELOG}' }, plain, 'eleven fields'],
  ['level', {}, plain, 'no level'],
  ['level', {}, logfmt, 'the second word'],
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
  ['multiline', {}, plain, 'no trace'],
  ['multiline', {}, logged, 'no trace'],
  ['multiline', {}, trace, 'one line begins an event, thirteen go on'],
  ['multiline', { start: ['^[0-9]{4}-[0-9]{2}-[0-9]{2}'] }, logged, 'every line begins an event'],
  ['multiline', { start: ['(INFO|ERROR)'] }, logged, 'every line begins an event'],
]
const wanted = process.argv[2]
for (const [type, written, text, what] of rows) {
  if (wanted !== undefined && type !== wanted) continue
  const spec = transforms[type]
  const transform = spec.create(spec.options.parse(written), { id: 'bench', metrics: createMetrics() })
  const batch = fill(Array.isArray(text) ? text : [text])
  const joining = transform.begin?.()
  const run = () => {
    batch.columns.flags.fill(0)
    const made = joining?.join(batch, 0) ?? transform.apply(batch)
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

function fill(texts) {
  const made = []
  const builder = new BatchBuilder((sealed) => made.push(sealed))
  const container = { id: 'c', name: 'c', image: 'i' }
  const origin = { key: 's/c/stdout', stream: 'stdout', container, labels: {}, host: 'h' }
  const stream = { origin, batchId: 0, localIndex: 0, cursor: () => ({ seconds: 0, nanos: 0, count: 0 }) }
  for (let i = 0; i < 6_000; i++) {
    const { arena, columns, count } = builder
    columns.origin[count] = builder.indexOf(stream)
    columns.start[count] = arena.used
    arena.used += texts[i % texts.length].copy(arena.bytes, arena.used)
    columns.end[count] = arena.used
    columns.flags[count] = 0
    builder.count += 1
  }
  builder.seal()
  return made[0]
}
