// The disk queue: CPU seconds for a million lines of 165 bytes written, confirmed by the disk, read back and deleted; how fast a backlog opens.
//
//     npm run build && node bench/disk-queue.mjs [folder to write in] [folder with node_modules that has better-sqlite3 and classic-level]
//
// The two stores keep the same bytes under a number, confirm them as often, and delete what was read.
import { mkdtempSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { BatchBuilder } from '../dist/batch/builder.js'
import { decodeBatch, encodeBatch } from '../dist/batch/codec.js'
import { DiskQueue } from '../dist/pipeline/disk-queue/disk-queue.js'

const [place = tmpdir(), stores] = process.argv.slice(2)
const lines = 1_000_000
/** Batches that are confirmed together: half of the memory of a lane. */
const group = 12
const backlogBytes = 1024 ** 3
const text = `${'GET /api/v1/items HTTP/1.1 200 '.repeat(5)}end of it, a little more`.slice(0, 165)

const ours = {
  name: 'own segments',
  open: async (folder) => {
    const queue = await DiskQueue.open({ folder, maxBytes: 8 * 1024 ** 3, log: console, onLost: () => undefined })
    return {
      write: (batches) => queue.append(batches.map((batch) => ({ batch, progress: batch.progress }))),
      read: async () => {
        const batch = await queue.read()
        if (batch) queue.consume()
        return batch
      },
      close: () => queue[Symbol.asyncDispose](),
      size: () => queue.bytes,
    }
  },
}

const sqlite = (Database) => ({
  name: 'better-sqlite3',
  open: async (folder) => {
    const database = new Database(join(folder, 'queue.db'))
    database.pragma('journal_mode = WAL')
    database.pragma('synchronous = FULL')
    database.exec('CREATE TABLE IF NOT EXISTS records (id INTEGER PRIMARY KEY, bytes BLOB)')
    const insert = database.prepare('INSERT INTO records (bytes) VALUES (?)')
    const select = database.prepare('SELECT id, bytes FROM records ORDER BY id LIMIT 1')
    const remove = database.prepare('DELETE FROM records WHERE id = ?')
    return {
      write: database.transaction((batches) => {
        for (const batch of batches) insert.run(bytesOf(batch))
      }),
      read: () => {
        const row = select.get()
        if (!row) return undefined
        remove.run(row.id)
        return decodeBatch(aligned(row.bytes))
      },
      close: () => database.close(),
    }
  },
})

const level = (ClassicLevel) => ({
  name: 'classic-level',
  open: async (folder) => {
    const database = new ClassicLevel(folder, { keyEncoding: 'utf8', valueEncoding: 'buffer', compression: false })
    await database.open()
    let [first, next] = [0, 0]
    const keyOf = (number) => String(number).padStart(12, '0')
    return {
      write: (batches) =>
        database.batch(
          batches.map((batch) => ({ type: 'put', key: keyOf(next++), value: bytesOf(batch) })),
          { sync: true },
        ),
      read: async () => {
        if (first === next) return undefined
        const key = keyOf(first++)
        const bytes = await database.get(key)
        await database.del(key)
        return decodeBatch(aligned(bytes))
      },
      close: () => database.close(),
    }
  },
})

for (const store of [ours, ...found()]) await compare(store)
await openBacklog(batchesOf(1_000_000), 'batches of 1 MiB')
await openBacklog(batchesOf(20), 'batches of 20 lines')

function found() {
  if (!stores) return []
  const require = createRequire(join(stores, 'package.json'))
  const makers = { 'better-sqlite3': sqlite, 'classic-level': ({ ClassicLevel }) => level(ClassicLevel) }
  return Object.entries(makers).flatMap(([name, make]) => {
    try {
      return [make(require(name))]
    } catch (error) {
      console.log(`not measured: ${error.message.split('\n')[0]}`)
      return []
    }
  })
}

/** The best of five rounds. */
async function compare({ name, open }) {
  const batches = batchesOf(1_000_000)
  const rounds = []
  for (let round = 0; round < 5; round++) {
    await inFolder(async (folder) => {
      const store = await open(folder)
      const written = await measure(async () => {
        for (let done = 0; done < lines; ) {
          const some = batches.slice(0, group)
          await store.write(some)
          done += some.reduce((sum, { count }) => sum + count, 0)
        }
      })
      let count = 0
      const read = await measure(async () => {
        for (let batch = await store.read(); batch; batch = await store.read()) {
          count += batch.count
          batch.release()
        }
      })
      await store.close()
      const per = (seconds) => (seconds / count) * 1e6
      rounds.push({
        write: per(written.cpu),
        read: per(read.cpu),
        both: per(written.cpu + read.cpu),
        wall: per(written.wall + read.wall),
      })
    })
  }
  const best = rounds.sort((a, b) => a.both - b.both)[0]
  console.log(
    `${name}: ${best.both.toFixed(3)} CPU s per million lines (written ${best.write.toFixed(3)}, read ${best.read.toFixed(3)}), ${best.wall.toFixed(2)} s of time`,
  )
}

async function openBacklog(batches, what) {
  await inFolder(async (folder) => {
    const writer = await ours.open(folder)
    const some = Array.from({ length: Math.ceil(16_000_000 / (batches[0].arena.used + 1_000)) }, () => batches[0])
    const written = await measure(async () => {
      while (writer.size() < backlogBytes) await writer.write(some)
    })
    await writer.close()
    const rssBefore = process.memoryUsage().rss
    let reader
    const opened = await measure(async () => {
      reader = await ours.open(folder)
    })
    const mebibytes = (process.memoryUsage().rss - rssBefore) / 1024 ** 2
    await reader.close()
    console.log(
      `a backlog of 1 GiB, ${what}: written in ${written.cpu.toFixed(2)} CPU s, opens in ${opened.wall.toFixed(2)} s (${opened.cpu.toFixed(2)} CPU s), ${mebibytes.toFixed(0)} MiB more resident`,
    )
  })
}

async function inFolder(use) {
  const folder = mkdtempSync(join(place, 'disk-queue-bench-'))
  try {
    await use(folder)
  } finally {
    rmSync(folder, { recursive: true })
  }
}

async function measure(work) {
  const startMs = performance.now()
  const before = process.cpuUsage()
  await work()
  const { user, system } = process.cpuUsage(before)
  return { cpu: (user + system) / 1e6, wall: (performance.now() - startMs) / 1000 }
}

function bytesOf(batch) {
  return Buffer.concat(encodeBatch(batch, batch.progress))
}

function aligned(bytes) {
  const copy = Buffer.allocUnsafeSlow(bytes.length)
  bytes.copy(copy)
  return copy
}

/** Full batches of 200 streams' lines, of at most so many lines. */
function batchesOf(mostLines) {
  const batches = []
  const builder = new BatchBuilder((batch) => batches.push(batch))
  const streams = Array.from({ length: 200 }, (_, i) => ({
    origin: {
      key: `engine/${i}/stdout`,
      stream: 'stdout',
      container: { id: String(i).padStart(64, '0'), name: `web-${i}`, image: 'shop/web:1.2' },
      labels: { 'com.docker.compose.project': 'shop', 'com.docker.compose.service': 'web' },
      host: 'node-7',
    },
    cursor: () => ({ seconds: 1_795_000_000, nanos: 0, count: i }),
    batchId: 0,
    localIndex: 0,
  }))
  const bytes = Buffer.from(text)
  for (let i = 0; batches.length < group; i++) {
    builder.reserve(bytes.length)
    const { arena, columns, count } = builder
    columns.origin[count] = builder.indexOf(streams[mostLines < 200 ? 0 : i % 200])
    columns.start[builder.count] = arena.used
    arena.used += bytes.copy(arena.bytes, arena.used)
    columns.end[builder.count] = arena.used
    columns.seconds[builder.count] = 1_795_000_000 + Math.floor(i / 1000)
    columns.nanos[builder.count] = (i % 1000) * 1_000_003
    columns.ordinal[builder.count] = 0
    columns.flags[builder.count] = 0
    builder.count += 1
    if (builder.count >= mostLines) builder.seal()
  }
  return batches
}
