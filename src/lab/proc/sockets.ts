/**
 * What sockets are, from the tables of a process's network (proc_net_tcp(5), unix(7); Linux 6.18):
 *
 *     net/tcp, tcp6, udp, udp6   sl: local remote state queues timer retransmit uid timeout inode ...     addresses are hexadecimal words
 *     net/unix                   num refs protocol flags type state inode [path]                          in the byte order of the machine
 */
import { readProcFile } from './proc-file.ts'

/** By inode, in words: `tcp to 10.0.0.1:2375 (ESTABLISHED)`. Reads whole tables, so only on demand: their length is that of the machine's sockets. */
export function readSockets(pid: number): ReadonlyMap<string, string> {
  const table = (name: string) => readProcFile(pid, `net/${name}`) ?? ''
  return new Map([
    ...tcpSockets(`${table('tcp')}\n${table('tcp6')}`),
    ...udpSockets(`${table('udp')}\n${table('udp6')}`),
    ...unixSockets(table('unix')),
  ])
}

interface Row {
  readonly local: string
  readonly remote: string
  readonly state: string
  readonly inode: string
}

const listening = '0A'
const tcpStates: Readonly<Record<string, string>> = {
  '01': 'ESTABLISHED',
  '02': 'SYN_SENT',
  '03': 'SYN_RECV',
  '04': 'FIN_WAIT1',
  '05': 'FIN_WAIT2',
  '06': 'TIME_WAIT',
  '07': 'CLOSE',
  '08': 'CLOSE_WAIT',
  '09': 'LAST_ACK',
  '0B': 'CLOSING',
}

export function* tcpSockets(text: string): Generator<readonly [string, string]> {
  const rows = [...rowsOf(text)]
  const ports = new Set(rows.filter(({ state }) => state === listening).map(({ local }) => portOf(local)))
  for (const { local, remote, state, inode } of rows) {
    const word = tcpStates[state] ?? `state ${state}`
    if (state === listening) yield [inode, `tcp listening at ${addressOf(local)}`]
    // Those who connect have a port of their own each: what they connected to is what they have in common.
    else if (ports.has(portOf(local))) yield [inode, `tcp accepted at ${addressOf(local)} (${word})`]
    else yield [inode, `tcp to ${addressOf(remote)} (${word})`]
  }
}

export function* udpSockets(text: string): Generator<readonly [string, string]> {
  for (const { local, remote, inode } of rowsOf(text)) {
    if (portOf(remote) === 0) yield [inode, `udp at ${addressOf(local)}`]
    else yield [inode, `udp to ${addressOf(remote)}`]
  }
}

export function* unixSockets(text: string): Generator<readonly [string, string]> {
  const pattern = /^[0-9a-f]+: [0-9A-F]+ [0-9A-F]+ ([0-9A-F]+) [0-9A-F]+ [0-9A-F]+ +(\d+)(?: (.*))?$/gm
  for (const [, flags, inode, path] of text.matchAll(pattern)) {
    if (path === undefined) yield [inode!, 'unix socket without a path (of the side that connects, or of a pair)']
    // SO_ACCEPTCON
    else yield [inode!, parseInt(flags!, 16) & 0x10000 ? `unix socket listening at ${path}` : `unix socket ${path}`]
  }
}

function* rowsOf(text: string): Generator<Row> {
  const pattern = /^ *\d+: ([0-9A-F]+:[0-9A-F]{4}) ([0-9A-F]+:[0-9A-F]{4}) ([0-9A-F]{2}) \S+ \S+ \S+ +\d+ +\d+ (\d+)/gm
  for (const [, local, remote, state, inode] of text.matchAll(pattern))
    yield { local: local!, remote: remote!, state: state!, inode: inode! }
}

function portOf(text: string): number {
  return parseInt(text.slice(-4), 16)
}

/** `0100007F:0947` is 127.0.0.1:2375. */
function addressOf(text: string): string {
  const words = text.slice(0, -5).match(/.{8}/g)!
  const bytes = new Uint8Array(Uint32Array.from(words, (word) => parseInt(word, 16)).buffer)
  const isMapped = bytes.length === 16 && bytes.subarray(0, 10).every((byte) => byte === 0) && bytes[10] === 0xff
  if (bytes.length === 4 || isMapped) return `${bytes.subarray(-4).join('.')}:${portOf(text)}`
  const groups = Array.from({ length: 8 }, (_, i) => ((bytes[2 * i]! << 8) | bytes[2 * i + 1]!).toString(16))
  // URL writes IPv6 addresses in their short form.
  return `${new URL(`http://[${groups.join(':')}]`).hostname}:${portOf(text)}`
}
