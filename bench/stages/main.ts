/** A process of its own for one run of a stage: `main.ts STAGE INPUT LINES FOLDER` prints the CPU seconds of a million lines. */
import { closeSync, openSync, readSync } from 'node:fs'
import { stages } from './stages.ts'

/** Lines of the input; more would not fit into memory as batches. They are taken again until it is as many as were asked for. */
const maxLines = 100_000
const bytesPerLine = 512
/** What runs for months has been compiled. */
const warmPasses = 3

const [name, path, wantedLines, folder] = process.argv.slice(2) as [string, string, string, string]
const stage = stages.find((one) => one.name === name)
if (!stage) throw new Error(`there is no stage ${name}`)
const lines = Math.min(maxLines, Number(wantedLines))
const passes = Math.ceil(Number(wantedLines) / lines)
const pass = await stage.open({ records: firstLines(path, lines), lines, folder })

for (let warm = 0; warm < warmPasses; warm++) await checked()
const before = process.cpuUsage()
for (let done = 0; done < passes; done++) await checked()
const { user, system } = process.cpuUsage(before)
process.stdout.write(`${(user + system) / (passes * lines)}\n`)

async function checked(): Promise<void> {
  const came = await pass()
  if (came !== lines) throw new Error(`${came} of ${lines} lines came out`)
}

function firstLines(path: string, count: number): Buffer {
  const bytes = Buffer.allocUnsafeSlow(count * bytesPerLine)
  const file = openSync(path, 'r')
  const length = readSync(file, bytes)
  closeSync(file)
  let end = 0
  for (let line = 0; line < count; line++) end = bytes.indexOf(10, end) + 1
  if (end === 0 || end > length) throw new Error(`${path} has fewer than ${count} lines`)
  return bytes.subarray(0, end)
}
