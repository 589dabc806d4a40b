// What it costs to turn the engine's bytes into columns: CPU seconds per million lines of about 150 bytes, one HTTP chunk per line.
//
//     npm run build && node bench/frames.mjs
import { BatchBuilder } from '../dist/batch/builder.js'
import { FrameReader } from '../dist/engine/frame-reader.js'
import { LineStream } from '../dist/engine/line-stream.js'
import { LineWriter } from '../dist/engine/line-writer.js'
import { ResponseReader } from '../dist/engine/response-reader.js'
import { formatTimestamp } from '../dist/lib/timestamp.js'

const lines = 1_000_000
const wire = response(lines)
const shared = Buffer.alloc(64 * 1024)

for (let run = 0; run < 5; run++) {
  let taken = 0
  const builder = new BatchBuilder((batch) => {
    taken += batch.count
    batch.release()
  })
  const clock = { now: () => Number.MAX_SAFE_INTEGER, isFine: false }
  const counts = { lines: 0, bytes: 0, repeats: 0, truncated: 0, gaps: 0 }
  const writer = new LineWriter({ builder, clock, counts, maxLineBytes: 1 << 20 })
  const origin = (stream) => ({
    key: stream,
    stream,
    container: { id: 'c', name: 'c', image: 'i' },
    labels: {},
    host: 'h',
  })
  const streams = { stdout: new LineStream(origin('stdout'), clock), stderr: new LineStream(origin('stderr'), clock) }
  const frames = new FrameReader({ streams, writer, rules: { pieceBytes: 16_384, sharesTime: true } })
  const reader = new ResponseReader({ head() {}, end() {}, body: (bytes, from, to) => frames.feed(bytes, from, to) })
  const before = process.cpuUsage()
  for (let at = 0; at < wire.length; at += shared.length) {
    const length = wire.copy(shared, 0, at, at + shared.length)
    reader.feed(shared, 0, length)
  }
  builder.seal()
  const { user, system } = process.cpuUsage(before)
  if (taken !== lines) throw new Error(`${taken} of ${lines} lines came out`)
  console.log(`${((user + system) / 1e6 / (lines / 1e6)).toFixed(3)} CPU s per million lines`)
}

function response(count) {
  const parts = [Buffer.from('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n')]
  for (let i = 0; i < count; i++) {
    const text = `${formatTimestamp(1_795_000_000 + Math.floor(i / 1000), (i % 1000) * 1_000_003)} ${String(i).padStart(10, '0')} ${'GET /api/v1/items HTTP/1.1 200 '.repeat(4)}end of line\n`
    const frame = Buffer.alloc(8 + text.length)
    frame[0] = i % 10 === 0 ? 2 : 1
    frame.writeUInt32BE(text.length, 4)
    frame.write(text, 8)
    parts.push(Buffer.from(`${frame.length.toString(16)}\r\n`), frame, Buffer.from('\r\n'))
  }
  parts.push(Buffer.from('0\r\n\r\n'))
  return Buffer.concat(parts)
}
