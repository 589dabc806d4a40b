// What comparing costs: seconds, CPU seconds and memory of `log-capturer verify` for a million lines of about 150 bytes, from the engine's files
// against NDJSON and against a Loki that answers from nothing. Needs GNU time.
//
//     npm run build && node bench/verify.mjs [lines]
import { spawn } from 'node:child_process'
import { createWriteStream, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const count = Number(process.argv[2] ?? 1_000_000)
const id = 'ab'.repeat(32)
const firstSecond = Math.floor(Date.now() / 1000) - 10_000
const perSecond = 1_000
const folder = mkdtempSync(join(tmpdir(), 'bench-verify-'))
try {
  await makeEngineFiles()
  await writeLines(join(folder, 'out.ndjson'), (i) =>
    JSON.stringify({ timestamp: stampOf(i), stream: 'stdout', container: { name: 'web', id }, message: textOf(i) }),
  )
  await measure('NDJSON', ['--files', join(folder, 'out.ndjson')])
  const server = createServer(answer).listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  await measure('Loki', ['--loki', `http://127.0.0.1:${server.address().port}`])
  server.closeAllConnections()
  server.close()
} finally {
  rmSync(folder, { recursive: true, force: true })
}

function textOf(i) {
  return `request ${i} GET /api/v1/items/${i % 977} 200 ${i % 89} ms ${'abcdefghij'.repeat(9)}`
}

function nanosOf(i) {
  return String((i % perSecond) * 1_000_000 + 123).padStart(9, '0')
}

function secondOf(i) {
  return firstSecond + Math.floor(i / perSecond)
}

function stampOf(i) {
  return `${new Date(secondOf(i) * 1000).toISOString().slice(0, 19)}.${nanosOf(i)}Z`
}

async function makeEngineFiles() {
  const own = join(folder, 'containers', id)
  mkdirSync(own, { recursive: true })
  const configuration = { ID: id, Name: '/web', Config: { Image: 'web:1', Labels: {} }, State: { Running: false } }
  writeFileSync(join(own, 'config.v2.json'), JSON.stringify(configuration))
  writeFileSync(join(own, 'hostconfig.json'), JSON.stringify({ LogConfig: { Type: 'json-file' } }))
  await writeLines(join(own, `${id}-json.log`), (i) =>
    JSON.stringify({ log: `${textOf(i)}\n`, stream: 'stdout', time: stampOf(i) }),
  )
}

async function writeLines(path, lineOf) {
  const file = createWriteStream(path)
  for (let from = 0; from < count; from += 1_000) {
    let text = ''
    for (let i = from; i < Math.min(count, from + 1_000); i++) text += `${lineOf(i)}\n`
    if (!file.write(text)) await new Promise((resolve) => file.once('drain', resolve))
  }
  await new Promise((resolve) => file.end(resolve))
}

/** The part of Loki's query API that is asked. */
function answer(request, response) {
  const { pathname, searchParams } = new URL(request.url, 'http://loki')
  response.setHeader('content-type', 'application/json')
  const say = (data) => response.end(JSON.stringify({ status: 'success', data }))
  if (pathname.endsWith('/labels')) say(['container', 'stream'])
  else if (pathname.endsWith('/values')) say(['web'])
  else if (pathname.endsWith('/query_range')) {
    const from = placeOf(searchParams.get('start'))
    const to = Math.min(placeOf(searchParams.get('end')), from + Number(searchParams.get('limit')))
    const values = Array.from({ length: to - from }, (_, n) => [
      `${secondOf(from + n)}${nanosOf(from + n)}`,
      textOf(from + n),
    ])
    const stream = { container: 'web', stream: 'stdout' }
    say({ resultType: 'streams', result: values.length === 0 ? [] : [{ stream, values }] })
  } else {
    const range = BigInt(/\[(\d+)ms\]/.exec(searchParams.get('query'))[1]) * 1_000_000n
    const end = BigInt(searchParams.get('time')) + 1n
    say({ resultType: 'vector', result: [{ metric: {}, value: [0, String(placeOf(end) - placeOf(end - range))] }] })
  }
}

/** The number of lines before a time in nanoseconds. */
function placeOf(time) {
  const after = BigInt(time) - BigInt(firstSecond) * 1_000_000_000n
  if (after <= 0n) return 0
  return Math.min(count, Number((after - 124n + 1_000_000n) / 1_000_000n))
}

async function measure(name, words) {
  const program = join(import.meta.dirname, '..', 'bin', 'log-capturer')
  const all = ['-f', '%e s, %U CPU s, %M KiB', program, 'verify', '--engine-files', folder, ...words]
  const child = spawn('/usr/bin/time', all, { stdio: ['ignore', 'pipe', 'pipe'] })
  let text = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (bytes) => (text += bytes))
  await new Promise((resolve) => child.once('close', resolve))
  console.log(`${name}:\n  ${text.trim().replaceAll('\n', '\n  ')}`)
}
