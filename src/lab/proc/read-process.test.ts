import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, openSync, closeSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { until } from '../../../test/helpers/until.ts'
import { nameDescriptors } from './name-descriptors.ts'
import { readContextSwitches, readProcess, readProportionalBytes } from './read-process.ts'
import { tcpSockets, udpSockets, unixSockets } from './sockets.ts'

/** A process that runs `script` (CommonJS), says what it says, and runs until the end of the test. */
class Child implements AsyncDisposable {
  readonly #child: ChildProcess

  private constructor(child: ChildProcess) {
    this.#child = child
  }

  static async open(script: string): Promise<{ child: Child; said: string }> {
    const child = spawn(process.execPath, ['-e', `${script}\nsetInterval(() => {}, 1e6)`], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    const [bytes] = (await once(child.stdout, 'data')) as [Buffer]
    return { child: new Child(child), said: bytes.toString().trim() }
  }

  get pid(): number {
    return this.#child.pid!
  }

  kill(): void {
    this.#child.kill('SIGKILL')
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return
    const ended = once(this.#child, 'exit')
    this.#child.kill('SIGKILL')
    await ended
  }
}

const whatOf = (pid: number) => nameDescriptors(pid, readProcess(pid)!.descriptors).map(({ what }) => what)

describe('a process', () => {
  test('its descriptors are named by what they are', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'log-capturer-'))
    const { child, said } = await Child.open(`
      const fs = require('node:fs'), net = require('node:net'), dgram = require('node:dgram')
      fs.openSync('${folder}/kept', 'w')
      fs.openSync('${folder}/gone', 'w'); fs.unlinkSync('${folder}/gone')
      fs.watch('${folder}')
      const ends = []
      const server = net.createServer((socket) => ends.push(socket)).listen(0, '127.0.0.1', () => {
        const { port } = server.address()
        const six = net.createServer().listen({ port: 0, host: '::1' }, () => {
          const path = net.createServer((socket) => ends.push(socket)).listen('${folder}/socket', () => {
            const udp = dgram.createSocket('udp4').bind(0, '127.0.0.1', () => {
              ends.push(net.connect(port, '127.0.0.1'), net.connect(port, '127.0.0.1'), net.connect('${folder}/socket'))
              const wait = setInterval(() => {
                if (ends.length < 6) return
                clearInterval(wait)
                console.log(JSON.stringify({ port, six: six.address().port, udp: udp.address().port }))
              }, 1)
            })
          })
        })
      })`)
    await using _ = child
    const { port, six, udp } = JSON.parse(said) as { port: number; six: number; udp: number }
    const what = whatOf(child.pid)
    rmSync(folder, { recursive: true })
    const times = (name: string) => what.filter((one) => one === name).length
    expect({
      kept: times(`file ${folder}/kept`),
      gone: times(`file ${folder}/gone (deleted)`),
      inotify: times('inotify'),
      isPolling: times('eventpoll') > 0,
      listening: times(`tcp listening at 127.0.0.1:${port}`),
      six: times(`tcp listening at [::1]:${six}`),
      connected: times(`tcp to 127.0.0.1:${port} (ESTABLISHED)`),
      accepted: times(`tcp accepted at 127.0.0.1:${port} (ESTABLISHED)`),
      udp: times(`udp at 127.0.0.1:${udp}`),
      path: times(`unix socket listening at ${folder}/socket`),
      acceptedAtPath: times(`unix socket ${folder}/socket`),
      unknown: what.filter((one) => one.startsWith('socket')),
    }).toEqual({
      kept: 1,
      gone: 1,
      inotify: 1,
      isPolling: true,
      listening: 1,
      six: 1,
      connected: 2,
      accepted: 2,
      udp: 1,
      path: 1,
      acceptedAtPath: 1,
      unknown: [],
    })
  })

  test('threads, memory, processor time and switches are its own', async () => {
    const { child } = await Child.open(`
      const { Worker } = require('node:worker_threads')
      globalThis.kept = Buffer.alloc(80e6, 1)
      const until = Date.now() + 200; while (Date.now() < until);
      let online = 0
      for (let i = 0; i < 5; i++) new Worker('setInterval(() => {}, 1e6)', { eval: true })
        .on('online', () => { if (++online === 5) console.log('ready') })`)
    await using _ = child
    const reading = readProcess(child.pid)!
    expect(reading.threads).toBeGreaterThan(5)
    expect(reading.residentBytes).toBeGreaterThan(80e6)
    expect(readProportionalBytes(child.pid)).toBeGreaterThan(80e6)
    expect(readProportionalBytes(child.pid)).toBeLessThanOrEqual(reading.residentBytes * 1.1)
    expect(reading.cpuSeconds).toBeGreaterThan(0.1)
    expect(readContextSwitches(child.pid)!.voluntary).toBeGreaterThan(0)
  })

  test('is told from another with the same number by its start', async () => {
    const [first, second] = [await Child.open('console.log(1)'), await Child.open('console.log(1)')]
    await using a = first.child
    await using b = second.child
    expect(readProcess(a.pid)!.startedAt).toBe(readProcess(a.pid)!.startedAt)
    expect(Number(readProcess(b.pid)!.startedAt)).toBeGreaterThan(Number(readProcess(a.pid)!.startedAt))
  })

  test('that has ended is no error', async () => {
    const { child } = await Child.open('console.log(1)')
    const { pid } = child
    const { descriptors } = readProcess(pid)!
    child.kill()
    await until('it is a zombie, or gone', () => readProcess(pid) === undefined)
    await child[Symbol.asyncDispose]()
    expect(readProcess(pid)).toBeUndefined()
    expect(readProportionalBytes(pid)).toBeUndefined()
    expect(readContextSwitches(pid)).toBeUndefined()
    expect(nameDescriptors(pid, descriptors)).toHaveLength(descriptors.length)
  })

  test('that comes and goes while it is looked at is looked at or not', async () => {
    const ends: Promise<unknown>[] = []
    const readings: unknown[] = []
    for (let i = 0; i < 20; i++) {
      const child = spawn('true')
      ends.push(once(child, 'exit'))
      readings.push(readProcess(child.pid!) ?? 'ended')
      readContextSwitches(child.pid!)
      readProportionalBytes(child.pid!)
    }
    await Promise.all(ends)
    expect(readings).toHaveLength(20)
  })

  test('that looks at itself does not see its own look', () => {
    const before = readProcess(process.pid)!.descriptors
    const number = openSync('/dev/null', 'r')
    const now = readProcess(process.pid)!.descriptors
    closeSync(number)
    const known = new Set(before.map(({ identity }) => identity))
    expect(now.filter(({ identity }) => !known.has(identity))).toEqual([
      { number, target: '/dev/null', kind: 'device', identity: `${number} /dev/null` },
    ])
  })
})

describe('a table of sockets', () => {
  const head = '  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n'
  const row = (local: string, remote: string, state: string, inode: number) =>
    `   0: ${local} ${remote} ${state} 00000000:00000000 00:00000000 00000000     0        0 ${inode} 1 00000000b9e47bd7 100 0 0 10 0\n`

  test('of TCP', () => {
    const text = [
      head,
      row('0100007F:0947', '00000000:0000', '0A', 1),
      row('0100007F:0947', '0200000A:CCCC', '01', 2),
      row('0200000A:9C40', '0101A8C0:0948', '08', 3),
      row('00000000000000000000000001000000:1F90', '00000000000000000000000000000000:0000', '0A', 4),
      row('0000000000000000FFFF00000100007F:9C41', '0000000000000000FFFF00000100007F:01BB', '01', 5),
      row('B80D0120000000000000000001000000:9C42', 'B80D0120000000000000000002000000:01BB', '0C', 6),
    ].join('')
    expect([...tcpSockets(text)]).toEqual([
      ['1', 'tcp listening at 127.0.0.1:2375'],
      ['2', 'tcp accepted at 127.0.0.1:2375 (ESTABLISHED)'],
      ['3', 'tcp to 192.168.1.1:2376 (CLOSE_WAIT)'],
      ['4', 'tcp listening at [::1]:8080'],
      ['5', 'tcp to 127.0.0.1:443 (ESTABLISHED)'],
      ['6', 'tcp to [2001:db8::2]:443 (state 0C)'],
    ])
  })

  test('of UDP', () => {
    const text = `${head}${row('0100007F:0035', '00000000:0000', '07', 1)}${row('0100007F:9C40', '08080808:0035', '01', 2)}`
    expect([...udpSockets(text)]).toEqual([
      ['1', 'udp at 127.0.0.1:53'],
      ['2', 'udp to 8.8.8.8:53'],
    ])
  })

  test('of unix sockets, whose paths may hold anything', () => {
    const text = [
      'Num       RefCount Protocol Flags    Type St Inode Path',
      '0000000022099fcb: 00000002 00000000 00010000 0001 01 11 /run/docker.sock',
      '00000000f7a821d6: 00000003 00000000 00000000 0001 03 22 /run/docker.sock',
      '00000000c8e3179f: 00000003 00000000 00000000 0001 03 33',
      '00000000c8e3179f: 00000003 00000000 00000000 0001 03    44 @abstract name',
    ].join('\n')
    expect([...unixSockets(text)]).toEqual([
      ['11', 'unix socket listening at /run/docker.sock'],
      ['22', 'unix socket /run/docker.sock'],
      ['33', 'unix socket without a path (of the side that connects, or of a pair)'],
      ['44', 'unix socket @abstract name'],
    ])
  })
})
