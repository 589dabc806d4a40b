// What the file sink does with a batch before it writes: sorting lines by file and encoding them, CPU seconds per million lines of 165 bytes.
//
//     npm run build && node bench/files.mjs
import { BatchBuilder } from '../dist/batch/builder.js'
import { maxLines } from '../dist/batch/batch.js'
import { ndjsonRecords } from '../dist/sinks/file/encode-ndjson.js'
import { TextRecords } from '../dist/sinks/file/encode-text.js'
import { Output } from '../dist/lib/output.js'
import { compileTemplate } from '../dist/sinks/file/path-template.js'
import { encodePortions } from '../dist/sinks/file/portions.js'

const lines = 1_000_000
const formats = { text: new TextRecords(), ndjson: ndjsonRecords() }
const texts = {
  plain: `${'GET /api/v1/items HTTP/1.1 200 '.repeat(5)}end of it`.slice(0, 165),
  'quotes and UTF-8': `{"level":"info","message":"größer € ${'a "quoted" word, '.repeat(9)}`.slice(0, 160),
}

for (const [kind, text] of Object.entries(texts)) {
  for (const [containers, template] of [
    [1, '/logs/{container.name}.{stream}.log'],
    [200, '/logs/{container.name}/{date}.log'],
  ]) {
    const batches = batchesOf(text, containers)
    for (const [format, records] of Object.entries(formats)) {
      const seconds = Array.from({ length: 5 }, () => measure(batches, compileTemplate(template), records))
      console.log(
        `${format}, ${kind}, ${containers} containers: ${Math.min(...seconds.slice(1)).toFixed(3)} CPU s per million lines`,
      )
    }
  }
}

function measure(batches, template, records) {
  const output = new Output(256 * 1024)
  const before = process.cpuUsage()
  for (let done = 0; done < lines; ) {
    for (const batch of batches) {
      encodePortions(batch, { template, records, output, written: undefined })
      done += batch.count
    }
  }
  const { user, system } = process.cpuUsage(before)
  return (user + system) / 1e6
}

function batchesOf(text, containers) {
  const batches = []
  const builder = new BatchBuilder((batch) => batches.push(batch))
  const streams = Array.from({ length: containers }, (_, i) => ({
    origin: {
      key: `engine/${i}/stdout`,
      stream: 'stdout',
      container: { id: String(i).padStart(64, '0'), name: `web-${i}`, image: 'shop/web:1.2' },
      labels: { 'com.docker.compose.project': 'shop', 'com.docker.compose.service': 'web' },
      host: 'node-7',
    },
    cursor: () => ({ seconds: 0, nanos: 0, count: 0 }),
    batchId: 0,
    localIndex: 0,
  }))
  const bytes = Buffer.from(text)
  for (let i = 0; batches.length < 8; i++) {
    builder.reserve(bytes.length)
    const { arena, columns, count } = builder
    columns.origin[count] = builder.indexOf(streams[i % containers])
    columns.start[builder.count] = arena.used
    arena.used += bytes.copy(arena.bytes, arena.used)
    columns.end[builder.count] = arena.used
    columns.seconds[builder.count] = 1_795_000_000 + Math.floor(i / 1000)
    columns.nanos[builder.count] = (i % 1000) * 1_000_003
    columns.ordinal[builder.count] = 0
    columns.flags[builder.count] = 0
    builder.count += 1
    if (builder.count === maxLines) builder.seal()
  }
  return batches
}
