// What it costs to take Docker's log files apart: CPU seconds per million lines, for the plain scanner and for that in WebAssembly. Each figure is the median
// of five fresh processes, with the lowest and the highest.
//
//     npm run build && node bench/json-file.mjs
import { execFileSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { PlainScanner } from '../dist/log-file/plain-scanner.js'
import { SimdScanner } from '../dist/log-file/simd-scanner.js'
import { formatTimestamp } from '../dist/lib/timestamp.js'

const lines = 100_000
const passes = 10

/** Texts of 150 bytes in 230 of file; of 220 in 310 with 26 quotes each; the latter with markup, colours and tabs. */
const texts = {
  plain: (i) => `${String(i).padStart(10, '0')} ${'GET /api/v1/items HTTP/1.1 200 '.repeat(4)}end of line\n`,
  escaped: (i) =>
    `${JSON.stringify({ level: 'info', time: `2026-11-23T12:42:${10 + (i % 50)}.123Z`, logger: 'shop.http', message: 'request completed', method: 'GET', path: `/api/v1/items/${i}`, status: 200, duration_ms: (i * 31) % 997, trace_id: '4bf92f3577b34da6a3ce929d0e0e4736', user: `user-${i % 1000}` })}\n`,
  'of all escapes': (i) =>
    `\x1b[32mINFO\x1b[0m\t<item id="${i}">\t"${'a\tb & c\t'.repeat(8)}"\t</item>\tC:\\shop\\${i % 100}\r\n`,
}
const scanners = { plain: () => new PlainScanner(), wasm: () => SimdScanner.create() }
/** What every scanner has to pay besides: the file is copied to where it is scanned. */
const nothing = () => ({ input: Buffer.allocUnsafeSlow(256 * 1024), scan: () => 0 })

const [kind, name] = process.argv.slice(2)
if (kind) console.log(measure(file(texts[kind]), (scanners[name] ?? nothing)()))
else {
  for (const kind of Object.keys(texts)) {
    for (const name of [...Object.keys(scanners), 'copy alone']) {
      const runs = Array.from({ length: 5 }, () => run(kind, name)).sort((a, b) => a - b)
      const [least, , median, , most] = runs.map((figure) => figure.toFixed(3))
      console.log(`${kind}, ${name}: ${median} (${least} to ${most}) CPU s per million lines`)
    }
  }
}

function run(kind, name) {
  return Number(execFileSync(process.execPath, [fileURLToPath(import.meta.url), kind, name], { encoding: 'utf8' }))
}

function measure(bytes, scanner) {
  const { input } = scanner
  let taken = 0
  const before = process.cpuUsage()
  for (let pass = 0; pass < passes; pass++) {
    let left = 0
    for (let at = 0; at < bytes.length; ) {
      const copied = bytes.copy(input, left, at, at + input.length - left)
      at += copied
      const filled = left + copied
      const count = scanner.scan(0, filled)
      taken += count
      const position = count > 0 ? scanner.records.next[count - 1] : filled
      input.copyWithin(0, position, filled)
      left = filled - position
    }
  }
  const { user, system } = process.cpuUsage(before)
  if (taken !== lines * passes && scanner.records) throw new Error(`${taken} of ${lines * passes} lines came out`)
  return (user + system) / (lines * passes)
}

function file(textOf) {
  const records = []
  for (let i = 0; i < lines; i++) {
    const log = JSON.stringify(textOf(i)).replace(/[<>&]/g, (one) => `\\u00${one.charCodeAt(0).toString(16)}`)
    const time = formatTimestamp(1_795_000_000 + Math.floor(i / 1000), (i % 1000) * 1_000_003).replace(/0+Z$/, 'Z')
    records.push(
      `{"log":${log},"stream":"${i % 10 === 0 ? 'stderr' : 'stdout'}","time":"${time.replace('.Z', 'Z')}"}\n`,
    )
  }
  return Buffer.from(records.join(''))
}
